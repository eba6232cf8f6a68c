//! HTTP calls: one request, its response kept as the run's log.
//!
//! [`request`] turns a command into a request, [`clients`] keeps connections for the next call, [`call`] does it.

mod call;
mod clients;
mod request;

pub(super) use call::Caller;
