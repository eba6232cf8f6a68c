//! Who is signed in with a browser, and what a browser must show to change anything.
//!
//! ```text
//!   /login ── Attempts: not too often from one address ──▶ accounts::sign_in ──▶ Sessions::open ──▶ a cookie
//!   every page ── the cookie ──▶ Sessions::principal_of ──▶ Principal ──▶ the handler, and `updated_by`
//!   every POST ── also the session's CSRF token in its body, and no other site as its origin
//! ```
//!
//! The store keeps sessions by the hashes of their secrets. Who may open one is decided in `web::accounts`.

mod attempts;
mod cookie;
mod origin;
mod principal;
mod secret;
mod sessions;

pub(crate) use attempts::Attempts;
pub(crate) use cookie::{Cookies, give, give_below, take_back};
pub(crate) use origin::{CLI, Origin};
pub(crate) use principal::Principal;
pub(crate) use secret::{csrf_of, is_csrf_of, make as new_secret};
pub(crate) use sessions::{Flash, Limits, Sessions};

/// The cookie that holds a session's secret.
pub(crate) const COOKIE: &str = "cronbus_session";
