//! Sessions of browsers, as they are kept: by the hash of what the browser shows.

use std::time::Duration;

use super::name::AccountName;
use super::secret::SecretHash;
use crate::time::Timestamp;

/// Whose a session is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// Of this user.
    User(AccountName),
    /// Of whoever knew the admin token.
    AdminToken,
    /// Of nobody yet: it is the one-time link by which the first administrator is made.
    SetUp,
    /// Of nobody yet: a browser went to the OpenID provider, and may come back once.
    SigningIn,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Of the secret that only the browser has.
    pub hash: SecretHash,
    /// Whose it is.
    pub holder: Holder,
    /// Of which generation its holder was when it was opened.
    pub generation: i64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was used last, to the minute.
    pub used_at: Timestamp,
}

impl Session {
    /// Whether it has neither idled nor lasted too long.
    #[must_use]
    pub fn is_open(&self, idle: Duration, longest: Duration, now: Timestamp) -> bool {
        now < self.used_at + idle && now < self.opened_at + longest
    }
}
