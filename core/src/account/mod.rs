//! Who may do what: roles over groups of jobs.
//!
//! ```text
//!   Principal (name, kind) ─▶ Grants ─▶ Grant: a Role over a Scope ─┐
//!                                                                   ├─▶ Grants::may(action, place): the one answer
//!   handler: Action on a Place (a group of jobs, or the whole) ─────┘
//! ```
//!
//! A job belongs to the group that its target names, since that says on whose hosts its commands are executed. A job
//! with another target belongs to no group: it takes a grant over all groups, and so does what is no job at all.
//!
//! Nothing here knows passwords or where anybody is kept; `port::store::Accounts` remembers, the web asks.

mod grant;
mod name;
mod place;
mod principal;
mod role;
mod secret;
mod session;
#[cfg(test)]
mod tests;
mod token;
mod user;

pub use grant::{Grant, GrantError, Grants, Scope};
pub use name::{AccountName, AccountNameError};
pub use place::Place;
pub use principal::{Kind, Principal};
pub use role::{Action, Role, RoleError};
pub use secret::SecretHash;
pub use session::{Holder, Session};
pub use token::{ApiToken, ApiTokenFacts};
pub use user::{Identity, PasswordHash, User};
