//! Which implementation stands behind which port: one file for each service that a URL chooses. The configuration was
//! checked: a scheme that is not known never gets this far.
//!
//! ```text
//!   before there is a runtime              inside it
//!   local:    log, runner, spool ─┐
//!   database: the store ──────────┴─▶ connect: bus, membership, guard ─▶ the ports of the actors
//!                                         notifier: the channels
//! ```

mod bus;
mod connect;
mod database;
mod examining;
mod guard;
mod local;
mod membership;
mod notifier;
mod premises;
mod settings;
mod shims;

pub(super) use bus::Reach;
pub(crate) use bus::login;
pub(super) use connect::{Connected, Services};
pub(crate) use database::migrate;
pub(super) use database::open as open_store;
pub(crate) use examining::examine;
pub(super) use local::{Local, open as open_local};
pub(super) use premises::Premises;
pub(super) use settings::settings;
