//! `[oidc]`: signing in at an OpenID provider, and what its claims let do here.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::account::{Grant, GrantError, Role};
use crate::config::secret::Secret;
use crate::duration::Period;

/// Signing in at an OpenID provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// The provider, as it calls itself; its description is at `/.well-known/openid-configuration` below. Empty: none.
    pub issuer: String,
    /// What the provider calls this program.
    pub client_id: String,
    /// What proves to the provider that it is this program that asks. Empty, and no file: a public client.
    pub client_secret: Secret,
    /// File that holds it instead.
    pub client_secret_file: PathBuf,
    /// The address of the web admin as browsers reach it, to which the provider sends them back. Empty: `alerts.url`.
    pub public_url: String,
    /// What the button on the page for signing in says. Empty: something general.
    pub label: String,
    /// What the provider is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that a user who comes for the first time is named after.
    pub name_claim: String,
    /// Whose e-mail address, which the provider must have verified, is in none of these domains stays out. Empty: any.
    pub email_domains: Vec<String>,
    /// The authorities that the provider's certificate may be of, as PEM. Empty: those of the system.
    pub ca_file: PathBuf,
    /// How long one answer of the provider may take.
    pub timeout: Period,
    /// What claims let do. Nobody to whom none applies comes in.
    pub grant: Vec<ClaimGrant>,
}

impl Default for Oidc {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            client_id: String::new(),
            client_secret: Secret::default(),
            client_secret_file: PathBuf::new(),
            public_url: String::new(),
            label: String::new(),
            scopes: vec!["profile".to_owned(), "email".to_owned()],
            name_claim: "preferred_username".to_owned(),
            email_domains: Vec::new(),
            ca_file: PathBuf::new(),
            timeout: Period::from_secs(10),
            grant: Vec::new(),
        }
    }
}

impl Oidc {
    /// Whether there is a provider.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.issuer.is_empty()
    }
}

/// What a claim lets do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimGrant {
    /// Its name; dots lead into objects, as in `realm_access.roles`.
    pub claim: String,
    /// What it is, or has among its items; `*` is anything.
    pub value: String,
    /// Then this role...
    pub role: Role,
    /// ...in these groups; absent means in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<BTreeSet<String>>,
}

impl ClaimGrant {
    /// The grant itself.
    ///
    /// # Errors
    /// For no group, too many, and what cannot name one.
    pub fn grant(&self) -> Result<Grant, GrantError> {
        match &self.groups {
            None => Ok(Grant::everywhere(self.role)),
            Some(groups) => Grant::over(self.role, groups.iter().map(String::as_str)),
        }
    }
}
