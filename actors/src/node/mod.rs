//! A node: its actors, started in order, and what it does for those who ask it.
//!
//! Choosing the ports' implementations is the executable's business, as are signals and the web.

mod lacking;
mod load;
mod operations;
mod settings;
mod shutdown;
mod start;

pub use settings::{Alerting, Executing, Parts, Retention, Settings};
pub use start::{Error, Node, Threads, start};
