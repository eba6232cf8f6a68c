//! The web admin: pages for people, beside REST for programs, over the same ports and the same acts.
//!
//! ```text
//!   routes ─▶ gate: session, CSRF, headers ─▶ a page's handler ─▶ ports ─▶ its view model (pure) ─▶ askama template
//!                │                                 │
//!                └─ visit: who, which language     └─ acts (web::acts): what REST does, too
//!
//!   frame        navigation, switches, what was just done           words, bins/locales   what the pages say
//!   parts, link  instants, states, lengths of time; addresses       assets, bins/assets   style sheet and scripts
//! ```
//!
//! A page reads what it shows when it is asked for; nothing is pushed to it. With scripts, it asks for itself again
//! while it is looked at ([`visit::FRAGMENT`]). What would have to read much is counted in the background
//! (`overview`). Nothing here decides anything about jobs or runs.

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod alerts;
pub(crate) mod assets;
pub(crate) mod audit;
pub(crate) mod confirm;
pub(crate) mod desk;
pub(crate) mod fields;
pub(crate) mod frame;
pub(crate) mod gate;
mod instants;
pub(crate) mod jobs;
pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod nodes;
pub(crate) mod overview;
pub(crate) mod parts;
pub(crate) mod preferences;
pub(crate) mod refusal;
pub(crate) mod routes;
pub(crate) mod runs;
pub(crate) mod secrets;
pub(crate) mod set_up;
pub(crate) mod single_sign_on;
pub(crate) mod visit;
pub(crate) mod words;

#[cfg(test)]
mod tests;
