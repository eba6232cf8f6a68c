//! Who somebody is by name and password. Unknown names take the same way as known ones.

use std::net::IpAddr;
use std::time::Duration;

use cronbus_core::account::{AccountName, Holder, User};

use crate::web::problem::Problem;
use crate::web::site::Site;

/// Why nobody was signed in.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Too many tries: how long to wait.
    Wait(Duration),
    /// No such name, another password, or an account that is disabled: which of them is not told.
    Wrong,
    /// It could not be found out.
    Problem(Box<Problem>),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// Whose session is to be opened for this name and password, and of which generation.
///
/// # Errors
/// Why nobody's.
pub(crate) async fn by_password(
    site: &Site,
    address: IpAddr,
    name: &str,
    password: &str,
) -> Result<(Holder, i64), Refusal> {
    let now = site.clock.monotonic();
    site.admin.attempts.begin(address, now).map_err(Refusal::Wait)?;
    site.admin.names.begin(name, now).map_err(Refusal::Wait)?;
    let user = match AccountName::new(name) {
        Ok(name) => site.store.user(&name).await.map_err(Problem::from)?,
        Err(_) => None,
    };
    let hash = user.as_ref().and_then(|user| user.password.as_ref());
    let is_right = site.admin.hasher.is_right(password, hash).await?;
    let Some(user) = user.filter(|user| is_right && !user.disabled) else {
        tracing::warn!(%address, "a sign-in failed");
        return Err(Refusal::Wrong);
    };
    site.admin.attempts.succeeded(address);
    site.admin.names.succeeded(name);
    Ok(enter(site, &user, address).await?)
}

/// Notes that a user signed in.
///
/// # Errors
/// 503 when the store does not answer.
pub(crate) async fn enter(site: &Site, user: &User, address: IpAddr) -> Result<(Holder, i64), Problem> {
    site.store.note_sign_in(&user.name, site.clock.now()).await?;
    tracing::info!(user = user.name.as_str(), %address, "somebody signed in");
    Ok((Holder::User(user.name.clone()), user.generation))
}

/// Whose session is to be opened for the admin token.
///
/// # Errors
/// Why nobody's.
pub(crate) fn by_admin_token(site: &Site, address: IpAddr, token: &str) -> Result<(Holder, i64), Refusal> {
    site.admin.attempts.begin(address, site.clock.monotonic()).map_err(Refusal::Wait)?;
    if !site.token.matches(token.as_bytes()) {
        tracing::warn!(%address, "a sign-in with the admin token failed");
        return Err(Refusal::Wrong);
    }
    site.admin.attempts.succeeded(address);
    tracing::info!(%address, "somebody signed in with the admin token");
    Ok((Holder::AdminToken, site.token.generation()))
}
