//! The web of a node: pages for people, REST under `/api/v1` for programs, health, metrics.
//!
//! ```text
//!   server ─▶ auth ─▶ routes ─▶ api/…   ─┬─▶ acts, alert_acts ─▶ Operations (what the node does)
//!              │         │               │
//!              │         └────▶ admin/… ─┴─▶ Store and Log (what was)
//!              └─ session: who signed in with a browser
//!
//!   api: view, the JSON shapes; problem, what went wrong (RFC 9457); openapi, the same routes described (OpenAPI 3.1)
//! ```
//!
//! Handlers translate: they read a request, ask a port, show the answer. They decide nothing about jobs or runs, and
//! they know the ports only, never an actor or a driver.

#![expect(clippy::result_large_err, reason = "a problem is made once for a refused request, and sent at once")]

pub(crate) mod access;
pub(crate) mod accounts;
pub(crate) mod acts;
pub(crate) mod admin;
pub(crate) mod alert_acts;
pub(crate) mod alert_view;
pub(crate) mod api;
pub(crate) mod audit_view;
mod auth;
pub(crate) mod configurations;
pub(crate) mod escapes;
pub(crate) mod found_runs;
pub(crate) mod health;
pub(crate) mod leaving;
pub(crate) mod log_search;
pub(crate) mod metrics;
pub(crate) mod oidc;
pub(crate) mod openapi;
pub(crate) mod probes;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod record;
pub(crate) mod routes;
pub(crate) mod schema;
pub(crate) mod secret_acts;
pub(crate) mod server;
pub(crate) mod serving;
pub(crate) mod session;
pub(crate) mod site;
pub(crate) mod sse;
pub(crate) mod tls;
pub(crate) mod view;
pub(crate) mod waiting;

#[cfg(test)]
mod tests;
