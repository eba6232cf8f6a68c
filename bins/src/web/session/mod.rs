//! Who is signed in with a browser, and what a browser must show to change anything.
//!
//! ```text
//!   /login ── Attempts: not too often from one address ──▶ the token is right ──▶ Sessions::open ──▶ a cookie
//!   every page ── the cookie ──▶ Sessions::principal_of ──▶ Principal ──▶ the handler, and `updated_by`
//!   every POST ── also the session's CSRF token in its body, and no other site as its origin
//! ```
//!
//! Sessions know principals only. Who may be one, and what it may do, is decided before a session is opened: today the
//! admin token says so, accounts will.

mod attempts;
mod cookie;
mod kept;
mod origin;
mod principal;
mod secret;
mod sessions;

pub(crate) use attempts::Attempts;
pub(crate) use cookie::{Cookies, give, take_back};
pub(crate) use origin::{CLI, Origin};
pub(crate) use principal::Principal;
pub(crate) use secret::{csrf_of, is_csrf_of};
pub(crate) use sessions::{Flash, Limits, Sessions};

/// The cookie that holds a session's secret.
pub(crate) const COOKIE: &str = "cronbus_session";
