//! Accounts: who may sign in, what programs may show, and what each may do.
//!
//! ```text
//!   page ─── both lists and their forms        users, tokens ─── what the forms do (web::accounts::acts)
//! ```

pub(crate) mod page;
pub(crate) mod tokens;
pub(crate) mod users;
