//! API tokens: what programs show.

use serde::{Deserialize, Serialize};

use super::grant::Grants;
use super::name::AccountName;
use super::principal::Principal;
use super::secret::SecretHash;
use crate::time::Timestamp;

/// What is known of an API token. The token itself was shown once and is nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// What it is looked for by.
    pub hash: SecretHash,
    /// The rest.
    pub facts: ApiTokenFacts,
    /// When it was shown last, to the minute.
    pub used_at: Option<Timestamp>,
}

/// What somebody said of an API token when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiTokenFacts {
    /// What it is called; no other token is.
    pub name: AccountName,
    /// What it lets do.
    pub grants: Grants,
    /// Since when.
    pub created_at: Timestamp,
    /// Made by whom.
    pub created_by: String,
    /// From when on it is nothing any more; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl ApiToken {
    /// Whether it still lets do anything.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.facts.expires_at.is_none_or(|end| now < end)
    }

    /// Whoever shows it.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::api_token(&self.facts.name, self.facts.grants.clone())
    }
}
