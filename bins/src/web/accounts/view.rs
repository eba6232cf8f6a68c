//! Accounts as REST shows them. No secret and no hash of one is among it.

use cronbus_core::account::{ApiToken, Grant, User};
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role and where it holds.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct GrantView {
    /// `viewer`, `operator`, `editor` or `admin`.
    role: String,
    /// In these groups; absent means in all.
    groups: Option<Vec<String>>,
}

/// A user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct UserView {
    /// What he signs in with.
    pub(crate) name: String,
    /// What he may do.
    #[schema(value_type = Vec<GrantView>)]
    pub(crate) grants: Vec<Grant>,
    /// Whether he may do nothing for now.
    pub(crate) disabled: bool,
    /// Whether he has a password.
    pub(crate) has_password: bool,
    /// Whether he signs in at an OpenID provider.
    pub(crate) is_federated: bool,
    /// When he signed in last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) signed_in_at: Option<Timestamp>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// Made by whom.
    pub(crate) created_by: String,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            name: user.name.to_string(),
            grants: user.grants.as_slice().to_vec(),
            disabled: user.disabled,
            has_password: user.password.is_some(),
            is_federated: user.identity.is_some(),
            signed_in_at: user.signed_in_at,
            created_at: user.created_at,
            created_by: user.created_by,
        }
    }
}

/// An API token, without the token.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TokenView {
    /// What it is called.
    pub(crate) name: String,
    /// What it lets do.
    #[schema(value_type = Vec<GrantView>)]
    pub(crate) grants: Vec<Grant>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// Made by whom.
    pub(crate) created_by: String,
    /// From when on it is nothing; null: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) expires_at: Option<Timestamp>,
    /// When it was shown last, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) used_at: Option<Timestamp>,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        Self {
            name: token.facts.name.to_string(),
            grants: token.facts.grants.as_slice().to_vec(),
            created_at: token.facts.created_at,
            created_by: token.facts.created_by,
            expires_at: token.facts.expires_at,
            used_at: token.used_at,
        }
    }
}
