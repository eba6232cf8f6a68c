//! The sessions of browsers, over those that the store keeps: so that every node with a web knows them, also after a
//! restart. Only hashes of their secrets are kept, so nobody who reads them can take one over.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cronbus_core::account::{Holder, SecretHash, Session};

use super::principal::Principal;
use super::secret;
use crate::web::accounts::Cache;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// How often it is noted that a session was used, at the most.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// How many words for next pages wait; those beyond are not said.
const MOST_FLASHES: usize = 1000;

/// When a session ends by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// This long after it was used last.
    pub(crate) idle: Duration,
    /// This long after it was opened.
    pub(crate) longest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { idle: Duration::from_secs(3600), longest: Duration::from_secs(24 * 3600) }
    }
}

/// What the next page shall say of what was just done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flash {
    /// Whether it was done.
    pub(crate) done: bool,
    /// In the language of who did it.
    pub(crate) text: String,
}

/// What this node knows of them.
#[derive(Debug)]
pub(crate) struct Sessions {
    limits: Limits,
    known: Cache,
    /// A browser that is sent to another node meanwhile is not told; nothing else is lost.
    flashes: Mutex<HashMap<SecretHash, Flash>>,
}

impl Sessions {
    /// With these limits.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, known: Cache::default(), flashes: Mutex::default() }
    }

    /// Opens a session, always with a new secret, which goes into the cookie and nowhere else. Old ones are forgotten.
    ///
    /// # Errors
    /// 503 when the system has no random bytes, or the store does not answer.
    pub(crate) async fn open(&self, site: &Site, holder: Holder, generation: i64) -> Result<String, Problem> {
        let secret = secret::make().map_err(|error| Problem::no_random_bytes(&error))?;
        let now = site.clock.now();
        let hash = SecretHash::of(&secret);
        site.store.open_session(&Session { hash, holder, generation, opened_at: now, used_at: now }).await?;
        self.prune(site).await;
        Ok(secret)
    }

    /// Notes that the browser that has `secret` goes to the OpenID provider, and may come back within `lasts`, to any node.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub(crate) async fn send_away(&self, site: &Site, secret: &str, lasts: Duration) -> Result<(), Problem> {
        let (hash, now) = (SecretHash::of(secret), site.clock.now());
        // As if it had been used so long ago that it idles out when nobody may come back any more.
        let used_at = now + lasts - self.limits.idle;
        let away = Session { hash, holder: Holder::SigningIn, generation: 0, opened_at: now, used_at };
        site.store.open_session(&away).await?;
        self.prune(site).await;
        Ok(())
    }

    /// Whether the browser that has `secret` went to the provider less than `lasts` ago. It is said once.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub(crate) async fn comes_back(&self, site: &Site, secret: &str, lasts: Duration) -> Result<bool, Problem> {
        let (hash, now) = (SecretHash::of(secret), site.clock.now());
        let Some(away) = site.store.session(&hash).await? else { return Ok(false) };
        if away.holder != Holder::SigningIn || now >= away.opened_at + lasts {
            return Ok(false);
        }
        Ok(site.store.end_session(&hash).await?)
    }

    async fn prune(&self, site: &Site) {
        let now = site.clock.now();
        let (opened_before, used_before) = (now - self.limits.longest, now - self.limits.idle);
        if let Err(error) = site.store.prune_sessions(opened_before, used_before).await {
            tracing::warn!(%error, "old sessions could not be forgotten");
        }
    }

    /// Whose session this secret opens. With `counts`, it was used by a person, and is idle from now on.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub(crate) async fn principal_of(
        &self,
        site: &Site,
        secret: &str,
        counts: bool,
    ) -> Result<Option<Principal>, Problem> {
        let (hash, moment, now) = (SecretHash::of(secret), site.clock.monotonic(), site.clock.now());
        if let Some(principal) = self.known.get(&hash, moment) {
            return Ok(Some(principal));
        }
        let Some(session) = site.store.session(&hash).await? else { return Ok(None) };
        if !session.is_open(self.limits.idle, self.limits.longest, now) {
            return Ok(None);
        }
        let Some(principal) = holder(site, &session).await? else { return Ok(None) };
        if !counts {
            return Ok(Some(principal));
        }
        if now.since(session.used_at) >= NOTED_EVERY {
            site.store.note_use_of_session(&hash, now).await?;
        }
        self.known.put(hash, principal.clone(), moment);
        Ok(Some(principal))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub(crate) async fn close(&self, site: &Site, secret: &str) -> Result<(), Problem> {
        let hash = SecretHash::of(secret);
        self.flashes().remove(&hash);
        self.known.clear();
        site.store.end_session(&hash).await?;
        Ok(())
    }

    /// Asks the store about all of them anew.
    pub(crate) fn forget(&self) {
        self.known.clear();
    }

    /// Keeps something to say on the next page.
    pub(crate) fn leave(&self, secret: &str, flash: Flash) {
        let mut flashes = self.flashes();
        if flashes.len() >= MOST_FLASHES {
            flashes.clear();
        }
        flashes.insert(SecretHash::of(secret), flash);
    }

    /// What there is to say.
    pub(crate) fn take(&self, secret: &str) -> Option<Flash> {
        self.flashes().remove(&SecretHash::of(secret))
    }

    /// How long a browser shall keep the cookie, in seconds.
    pub(crate) const fn max_age_s(&self) -> u64 {
        self.limits.longest.as_secs()
    }

    fn flashes(&self) -> MutexGuard<'_, HashMap<SecretHash, Flash>> {
        self.flashes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who holds a session now: nobody, when the account is gone or disabled, or has another password, or the node another
/// admin token.
async fn holder(site: &Site, session: &Session) -> Result<Option<Principal>, Problem> {
    match &session.holder {
        Holder::SetUp | Holder::SigningIn => Ok(None),
        Holder::AdminToken => Ok((session.generation == site.token.generation()).then(Principal::admin)),
        Holder::User(name) => {
            let user = site.store.user(name).await?;
            let user = user.filter(|user| !user.disabled && user.generation == session.generation);
            Ok(user.map(|user| user.principal().into()))
        }
    }
}
