//! The first administrator: whoever has the one-time link that a node gives as long as there is no user.
//!
//! The secret of the link stands behind its `#`, which browsers send nowhere: it is in no log of requests and in no
//! `Referer`. A script puts it into the form.

use std::time::Duration;

use actix_web::http::StatusCode;
use cronbus_core::account::{AccountName, Grants, Holder, Role, SecretHash, Session, User};
use cronbus_core::audit::{Action, ObjectKind};
use cronbus_core::port::Store;
use cronbus_core::port::store::{self, Page};
use cronbus_core::time::Timestamp;

use serde_json::json;

use super::acts::{forget, keep, name_of};
use crate::web::problem::Problem;
use crate::web::session::{Origin, Principal, new_secret};
use crate::web::site::Site;

/// How long a link may be used.
pub(crate) const LASTS: Duration = Duration::from_secs(24 * 3600);

/// Where the link leads, behind the address of the node.
pub(crate) fn path(secret: &str) -> String {
    format!("/setup#{secret}")
}

/// A new link's secret, if there is no user yet.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn offer(store: &dyn Store, now: Timestamp) -> store::Result<Option<String>> {
    if has_users(store).await? {
        return Ok(None);
    }
    let unavailable = |error: getrandom::Error| store::Error::Unavailable {
        what: "make a set-up link",
        reason: format!("there are no random bytes: {error}"),
    };
    let secret = new_secret().map_err(unavailable)?;
    let hash = SecretHash::of(&secret);
    let session = Session { hash, holder: Holder::SetUp, generation: 0, opened_at: now, used_at: now };
    store.open_session(&session).await?;
    Ok(Some(secret))
}

/// Whether anybody has an account.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn has_users(store: &dyn Store) -> store::Result<bool> {
    Ok(!store.users(&Page { after: None, limit: 1 }).await?.0.is_empty())
}

/// Makes the first administrator.
///
/// # Errors
/// 403 for a link that is none or is over, 409 when there is a user, 422 for a name or a password that cannot be.
pub(crate) async fn make_first(
    site: &Site,
    secret: &str,
    (name, password): (&str, &str),
    origin: Origin,
) -> Result<User, Problem> {
    let hash = SecretHash::of(secret);
    let now = site.clock.now();
    let link = site.store.session(&hash).await?;
    let is_good = |link: &Session| link.holder == Holder::SetUp && now < link.opened_at + LASTS;
    if !link.as_ref().is_some_and(is_good) {
        let detail = "this link is over or was never one: `cronbus account setup-link` makes another as long as there is \
                      no user";
        return Err(Problem::plain(StatusCode::FORBIDDEN, detail));
    }
    let name: AccountName = name_of(name)?;
    let password = site.admin.hasher.hash(password).await?;
    let user = User::new(name, Grants::everywhere(Role::Admin), "setup", now).with_password(password);
    if !site.store.add_first_user(&user).await? {
        return Err(Problem::plain(StatusCode::CONFLICT, "somebody has an account already: sign in"));
    }
    forget(site);
    let by = Principal::from(user.principal()).at(origin);
    keep(site, &by, Action::UserCreate, ObjectKind::User, (user.name.as_str(), json!({ "grants": user.grants })))
        .await?;
    Ok(user)
}
