//! What the audit trail is told of what is done here.
//!
//! What is in the store takes a [`trail`] along into its transaction. What is not is noted by [`keep`] before it is
//! answered: when that fails, so does the request, and whoever asked knows that he has to look.

use actix_web::http::StatusCode;
use cronbus_core::audit::{Action, Actor, Entry, Object, Trail};
use serde_json::Value;

use super::problem::Problem;
use super::session::Principal;
use super::site::Site;

/// The trail of whoever asks, now.
///
/// # Errors
/// 503 when the system has no random bytes.
pub(crate) fn trail(site: &Site, by: &Principal) -> Result<Trail, Problem> {
    trail_of(site, by.actor())
}

/// The trail of somebody, now.
///
/// # Errors
/// 503 when the system has no random bytes.
pub(crate) fn trail_of(site: &Site, actor: Actor) -> Result<Trail, Problem> {
    let nonce = getrandom::u64().map_err(|error| Problem::plain(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    Ok(Trail { actor, at: site.clock.now(), nonce })
}

/// The one entry of what somebody does now.
///
/// # Errors
/// 503 when the system has no random bytes.
pub(crate) fn entry(site: &Site, by: &Principal, action: Action, object: Object) -> Result<Entry, Problem> {
    Ok(trail(site, by)?.entry(0, action, object))
}

/// Notes what was done outside of the store.
///
/// # Errors
/// 503 when it cannot be noted.
pub(crate) async fn keep(
    site: &Site,
    by: &Principal,
    action: Action,
    object: Object,
    after: Option<Value>,
) -> Result<(), Problem> {
    let entry = entry(site, by, action, object)?.changing(None, after);
    Ok(site.store.keep_entries(&[entry]).await?)
}

/// Notes what somebody did who may not have shown who he is.
///
/// # Errors
/// 503 when it cannot be noted.
pub(crate) async fn keep_of(site: &Site, actor: Actor, action: Action, object: Object) -> Result<(), Problem> {
    let entry = trail_of(site, actor)?.entry(0, action, object);
    Ok(site.store.keep_entries(&[entry]).await?)
}
