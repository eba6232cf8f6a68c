//! Accounts, as the web uses them: passwords, API tokens, the first administrator.
//!
//! ```text
//!   /login ── Attempts, Backoff ──▶ sign_in: Hasher ──▶ Sessions::open        Authorization ──▶ ApiTokens ──▶ Principal
//!   /login/oidc ── web::oidc: Claims ──▶ federated ──▶ Sessions::open
//!   /setup ── a one-time link ──▶ set_up ──▶ the first user
//!   REST, pages, command line ──▶ acts ──▶ port::store::Accounts
//! ```
//!
//! What is secret is compared here and kept nowhere: the store has hashes.

pub(crate) mod acts;
mod backoff;
mod cache;
pub(crate) mod federated;
mod password;
pub(crate) mod set_up;
pub(crate) mod sign_in;
mod tokens;
pub(crate) mod view;

pub(crate) use backoff::Backoff;
pub(crate) use cache::Cache;
pub(crate) use password::Hasher;
pub(crate) use tokens::ApiTokens;
