//! One struct per component. The comment of a field is its page in the manual, and `conf/default.toml` says the same.

mod alerts;
mod audit;
mod bus;
mod cluster;
mod dispatcher;
mod executor;
mod health;
mod log;
mod monitor;
mod node;
mod oidc;
mod retention;
mod scheduler;
mod secrets;
mod services;
mod web;

pub use alerts::Alerts;
pub use audit::Audit;
pub use bus::{Bus, Submit};
pub use cluster::Cluster;
pub use dispatcher::Dispatcher;
pub use executor::{Executor, OnStop, Orphans};
pub use health::Health;
pub use log::{Log, LogFormat};
pub use monitor::Monitor;
pub use node::Node;
pub use oidc::{ClaimGrant, Oidc};
pub use retention::Retention;
pub use scheduler::Scheduler;
pub use secrets::Secrets;
pub use services::{Database, Guard, Membership};
pub use web::Web;
