//! Who shows an API token.

use std::time::Duration;

use cronbus_core::account::SecretHash;

use super::cache::Cache;
use crate::web::problem::Problem;
use crate::web::session::{Principal, new_secret};
use crate::web::site::Site;

/// What API tokens begin with, so that people and scanners know one when they see it.
const PREFIX: &str = "cronbus_";

/// How long a token is.
const LENGTH: usize = PREFIX.len() + 64;

/// How often it is noted that a token was used, at the most.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// The API tokens that were shown.
#[derive(Debug, Default)]
pub(crate) struct ApiTokens {
    known: Cache,
}

impl ApiTokens {
    /// Who shows this; nobody when it is no token, or one that is over.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub(crate) async fn principal_of(&self, site: &Site, shown: &str) -> Result<Option<Principal>, Problem> {
        if shown.len() != LENGTH || !shown.starts_with(PREFIX) {
            return Ok(None);
        }
        let (hash, moment) = (SecretHash::of(shown), site.clock.monotonic());
        if let Some(principal) = self.known.get(&hash, moment) {
            return Ok(Some(principal));
        }
        let now = site.clock.now();
        let Some(token) = site.store.api_token(&hash).await?.filter(|token| token.is_valid(now)) else {
            return Ok(None);
        };
        if token.used_at.is_none_or(|at| now.since(at) >= NOTED_EVERY)
            && let Err(error) = site.store.note_use_of_api_token(&hash, now).await
        {
            tracing::warn!(%error, "that an API token was used could not be noted");
        }
        let principal = Principal::from(token.principal());
        self.known.put(hash, principal.clone(), moment);
        Ok(Some(principal))
    }

    /// Asks the store about all of them anew.
    pub(crate) fn forget(&self) {
        self.known.clear();
    }
}

/// A new token.
///
/// # Errors
/// When the system has no random bytes.
pub(super) fn make() -> Result<String, getrandom::Error> {
    Ok(format!("{PREFIX}{}", new_secret()?))
}
