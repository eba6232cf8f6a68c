//! TLS towards the services: whom they are checked against, what they are shown, and why a connection failed.
//!
//! ```text
//!   cryptography ─ whose it is, for the whole process
//!   certificates ─ the files of a configuration, read; the drivers judge what is in them
//!   database ───── what the URL of a database wants, for the driver that has none of its own
//!   distrust ───── what to do when one side does not trust the other, whatever the driver says
//! ```

mod certificates;
mod cryptography;
pub(crate) mod database;
mod distrust;

pub use certificates::{Certificates, Error, Identity, pair};
pub(crate) use cryptography::provide_cryptography;
pub(crate) use distrust::{causes, distrust};
