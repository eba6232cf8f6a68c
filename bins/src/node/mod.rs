//! `cronbus node`: the service. The composition root, the only place that knows which implementation stands behind a
//! port.
//!
//! ```text
//!   options ─▶ configuration ─▶ start: the log, the limits, the directory (one node only), the token, the socket
//!                                 │
//!                                 ▼
//!                    parts ─▶ the actors (roles) ─▶ load: jobs for an empty database
//!                                 │
//!                                 ▼
//!                    plain clients, the web, the greeting ─▶ life: signals until the end
//!                                                               or succession: on in another process
//! ```
//!
//! What must not happen inside an async runtime (locking, migrating the database) happens before there is one.

mod clerk;
mod clients;
mod directory;
mod doors;
mod drained;
mod entrance;
mod greeting;
mod identity;
mod life;
mod limits;
mod load;
mod member;
mod options;
mod parts;
mod profile;
mod reporting;
mod secrets;
mod start;
mod succession;
mod waiting;
mod working;

pub(crate) use clerk::{Question, RunAnswer};
pub(crate) use directory::DataDirectory;
pub(crate) use options::Options;
pub(crate) use parts::{examine, login, migrate};
pub(crate) use start::run;
pub(crate) use succession::{Report, Stage};
