//! Whoever asks.

use serde::{Deserialize, Serialize};

use super::grant::Grants;
use super::name::AccountName;
use super::place::Place;
use super::role::{Action, Role};

/// How somebody showed who he is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// By the token in the node's data directory: who can read that file.
    AdminToken,
    /// A person who signed in.
    User,
    /// A program, by an API token.
    ApiToken,
}

impl Kind {
    /// The word for it in records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AdminToken => "admin_token",
            Self::User => "user",
            Self::ApiToken => "api_token",
        }
    }
}

/// Whoever asks: a name for the record, and what he may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// What changes are recorded under. Names of tokens begin with `token/`, which those of users cannot.
    pub name: String,
    /// How he showed who he is.
    pub kind: Kind,
    /// What he may do.
    pub grants: Grants,
}

impl Principal {
    /// The name of whoever shows the admin token; no user has it.
    pub const ADMIN: &str = "admin";

    /// Whoever shows the admin token.
    #[must_use]
    pub fn admin() -> Self {
        Self { name: Self::ADMIN.to_owned(), kind: Kind::AdminToken, grants: Grants::everywhere(Role::Admin) }
    }

    /// A person.
    #[must_use]
    pub fn user(name: &AccountName, grants: Grants) -> Self {
        Self { name: name.to_string(), kind: Kind::User, grants }
    }

    /// A program.
    #[must_use]
    pub fn api_token(name: &AccountName, grants: Grants) -> Self {
        Self { name: format!("token/{name}"), kind: Kind::ApiToken, grants }
    }

    /// Whether he may do this there ([`Grants::may`]).
    #[must_use]
    pub fn may(&self, action: Action, place: Place<'_>) -> bool {
        self.grants.may(action, place)
    }
}
