//! People who sign in.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::grant::Grants;
use super::name::AccountName;
use super::principal::Principal;
use crate::time::Timestamp;

/// What is kept of a password: a PHC string, as argon2id makes it. It does not show itself in logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Of this PHC string.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The PHC string, for the one place that compares it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Who somebody is at an OpenID provider: issuer and subject together are unique and never given to another (OpenID
/// Connect Core 1.0, section 2, `sub`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
}

impl Identity {
    /// What it is looked for by: 64 hexadecimal digits, however long issuer and subject are.
    #[must_use]
    pub fn key(&self) -> String {
        let digest = Sha256::new().chain_update(self.issuer.as_bytes()).chain_update([0]).chain_update(&self.subject);
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// What he signs in with, and is recorded as.
    pub name: AccountName,
    /// Absent: he signs in elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<PasswordHash>,
    /// Who he is at the OpenID provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// What he may do.
    pub grants: Grants,
    /// Whether he may do nothing for now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Sessions of another generation are over: it goes on with each new password and when the account is disabled. It
    /// begins with the moment the account is made, so that no session of a deleted user opens that of a later one by the
    /// same name, however late it was noted.
    pub generation: i64,
    /// How often the account was changed, counted from 1: who changes it says what he saw.
    pub revision: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// Made by whom.
    pub created_by: String,
    /// Changed last.
    pub updated_at: Timestamp,
    /// Changed last by whom.
    pub updated_by: String,
    /// When he signed in last. The store keeps it beside the rest: it is no change of the account.
    #[serde(skip)]
    pub signed_in_at: Option<Timestamp>,
}

impl User {
    /// A new account that nobody can sign in to yet.
    #[must_use]
    pub fn new(name: AccountName, grants: Grants, by: &str, at: Timestamp) -> Self {
        Self {
            name,
            password: None,
            identity: None,
            grants,
            disabled: false,
            generation: at.millis(),
            revision: 1,
            created_at: at,
            created_by: by.to_owned(),
            updated_at: at,
            updated_by: by.to_owned(),
            signed_in_at: None,
        }
    }

    /// The same, one revision on.
    #[must_use]
    pub fn changed(self, by: &str, at: Timestamp) -> Self {
        Self { revision: self.revision.saturating_add(1), updated_at: at, updated_by: by.to_owned(), ..self }
    }

    /// The same with another password: every session that was opened with the old one is over.
    #[must_use]
    pub fn with_password(self, password: PasswordHash) -> Self {
        Self { password: Some(password), generation: self.generation.saturating_add(1), ..self }
    }

    /// The same, disabled or not. Who is disabled is signed out.
    #[must_use]
    pub fn with_disabled(self, disabled: bool) -> Self {
        let generation = if disabled { self.generation.saturating_add(1) } else { self.generation };
        Self { disabled, generation, ..self }
    }

    /// Who he is to those who are asked.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::user(&self.name, self.grants.clone())
    }
}
