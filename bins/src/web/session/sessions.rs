//! The sessions that are open. Only hashes of their secrets are here, so nobody who reads them can take one over.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cronbus_core::time::Timestamp;

use super::kept;
use super::principal::Principal;
use super::secret::{self, Hash};

/// How many sessions may be open; the one that was used least recently ends for another.
const MOST: usize = 1000;

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

/// An open session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) principal: Principal,
    pub(super) opened_at: Timestamp,
    pub(super) used_at: Timestamp,
    pub(super) flash: Option<Flash>,
}

impl Session {
    fn is_open(&self, limits: Limits, now: Timestamp) -> bool {
        now < self.used_at + limits.idle && now < self.opened_at + limits.longest
    }
}

/// Every open session.
#[derive(Debug)]
pub(crate) struct Sessions {
    limits: Limits,
    /// Where they are kept while the node restarts; absent: nowhere.
    file: Option<PathBuf>,
    open: Mutex<HashMap<Hash, Session>>,
}

impl Sessions {
    /// None is open yet, and none outlives the node.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, file: None, open: Mutex::default() }
    }

    /// Those that the file tells of, as far as they are not over at `now`. It is written whenever one is opened or
    /// closed, for its owner only.
    pub(crate) fn kept_in(file: PathBuf, limits: Limits, now: Timestamp) -> Self {
        let mut open = kept::read(&file, now);
        open.retain(|_, session| session.is_open(limits, now));
        Self { limits, file: Some(file), open: Mutex::new(open) }
    }

    /// Opens a session; returns its secret, which goes into the cookie and nowhere else.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub(crate) fn open(&self, principal: Principal, now: Timestamp) -> Result<String, getrandom::Error> {
        let secret = secret::make()?;
        let session = Session { principal, opened_at: now, used_at: now, flash: None };
        let mut open = self.lock();
        open.retain(|_, session| session.is_open(self.limits, now));
        if open.len() >= MOST {
            let oldest = open.iter().min_by_key(|(_, session)| session.used_at).map(|(hash, _)| *hash);
            oldest.map(|hash| open.remove(&hash));
        }
        open.insert(secret::hash(&secret), session);
        self.keep(&open);
        Ok(secret)
    }

    /// Whose session this secret opens. With `counts`, it was used by a person, and is idle from now on.
    pub(crate) fn principal_of(&self, secret: &str, now: Timestamp, counts: bool) -> Option<Principal> {
        let mut open = self.lock();
        let session = open.get_mut(&secret::hash(secret)).filter(|session| session.is_open(self.limits, now))?;
        if counts {
            session.used_at = now;
        }
        Some(session.principal.clone())
    }

    /// Ends a session.
    pub(crate) fn close(&self, secret: &str) {
        let mut open = self.lock();
        open.remove(&secret::hash(secret));
        self.keep(&open);
    }

    /// Keeps something to say on the next page.
    pub(crate) fn leave(&self, secret: &str, flash: Flash) {
        if let Some(session) = self.lock().get_mut(&secret::hash(secret)) {
            session.flash = Some(flash);
        }
    }

    /// What there is to say.
    pub(crate) fn take(&self, secret: &str) -> Option<Flash> {
        self.lock().get_mut(&secret::hash(secret))?.flash.take()
    }

    /// How long a browser shall keep the cookie, in seconds.
    pub(crate) const fn max_age_s(&self) -> u64 {
        self.limits.longest.as_secs()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Hash, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, open: &HashMap<Hash, Session>) {
        let Some(file) = &self.file else { return };
        if let Err(error) = kept::write(file, open) {
            tracing::warn!(%error, file = %file.display(), "sessions end with this node: they could not be written down");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { idle: Duration::from_secs(60), longest: Duration::from_secs(200) };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn a_session_ends_by_idling_by_age_and_by_closing() {
        let sessions = Sessions::new(LIMITS);
        let secret = sessions.open(Principal::admin(), at(0)).unwrap();
        assert_eq!(secret.len(), 64);
        assert!(sessions.principal_of(&secret, at(59), false).is_some());
        assert!(sessions.principal_of(&secret, at(60), true).is_none(), "nobody used it");

        let secret = sessions.open(Principal::admin(), at(0)).unwrap();
        for second in (50..200).step_by(50) {
            assert_eq!(sessions.principal_of(&secret, at(second), true), Some(Principal::admin()));
        }
        assert!(sessions.principal_of(&secret, at(200), true).is_none(), "it is too old");

        let secret = sessions.open(Principal::admin(), at(300)).unwrap();
        sessions.close(&secret);
        assert!(sessions.principal_of(&secret, at(300), true).is_none());
    }

    #[test]
    fn each_has_another_secret_and_many_do_not_fill_the_memory() {
        let sessions = Sessions::new(LIMITS);
        let first = sessions.open(Principal::admin(), at(0)).unwrap();
        assert_ne!(first, sessions.open(Principal::admin(), at(1)).unwrap());
        for _ in 0..MOST {
            sessions.open(Principal::admin(), at(2)).unwrap();
        }
        assert_eq!(sessions.lock().len(), MOST);
        assert!(sessions.principal_of(&first, at(2), true).is_none(), "the oldest ended");
    }

    #[test]
    fn a_word_is_said_once() {
        let sessions = Sessions::new(LIMITS);
        let secret = sessions.open(Principal::admin(), at(0)).unwrap();
        let flash = Flash { done: true, text: "paused".to_owned() };
        sessions.leave(&secret, flash.clone());
        assert_eq!((sessions.take(&secret), sessions.take(&secret)), (Some(flash), None));
    }

    #[test]
    fn they_outlive_a_restart_and_their_file_tells_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sessions.json");
        let secret = Sessions::kept_in(file.clone(), LIMITS, at(0)).open(Principal::admin(), at(0)).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains(&secret), "{text}");
        let again = Sessions::kept_in(file.clone(), LIMITS, at(100));
        assert_eq!(again.principal_of(&secret, at(100), true), Some(Principal::admin()));
        again.close(&secret);
        assert!(Sessions::kept_in(file.clone(), LIMITS, at(100)).principal_of(&secret, at(100), true).is_none());
        std::fs::write(&file, "rubbish").unwrap();
        assert!(Sessions::kept_in(file, LIMITS, at(100)).lock().is_empty());
    }
}
