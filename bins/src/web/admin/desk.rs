//! What the admin keeps between requests.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::alert::Rules;

use super::overview::Watch;
use crate::web::accounts::{ApiTokens, Backoff, Hasher};
use crate::web::oidc::Provider;
use crate::web::session::{Attempts, Limits, Sessions};

/// How many from one address may be at the OpenID provider without having come back.
const ERRANDS: u32 = 100;

/// What the pages of one node share.
#[derive(Debug)]
pub(crate) struct Desk {
    /// Who is signed in.
    pub(crate) sessions: Sessions,
    /// Who failed to sign in.
    pub(crate) attempts: Attempts,
    /// Who went to the OpenID provider.
    pub(crate) errands: Attempts,
    /// Where else one can sign in.
    pub(crate) oidc: Option<Provider>,
    /// Which names were tried in vain.
    pub(crate) names: Backoff,
    /// Looks at passwords.
    pub(crate) hasher: Hasher,
    /// Who showed API tokens.
    pub(crate) api_tokens: ApiTokens,
    /// What the overview found out in the background.
    pub(crate) watch: Watch,
    /// A run is late that starts this long behind its moment.
    pub(crate) late_after: Duration,
    /// Who is told of what, by the configuration of this node.
    pub(crate) rules: Arc<Rules>,
}

impl Desk {
    /// With these sessions.
    pub(crate) fn new(sessions: Sessions, late_after: Duration, rules: Arc<Rules>) -> Self {
        Self {
            sessions,
            attempts: Attempts::default(),
            errands: Attempts::allowing(ERRANDS),
            oidc: None,
            names: Backoff::default(),
            hasher: Hasher::default(),
            api_tokens: ApiTokens::default(),
            watch: Watch::default(),
            late_after,
            rules,
        }
    }

    /// The same, with an OpenID provider.
    pub(crate) fn with_provider(self, oidc: Option<Provider>) -> Self {
        Self { oidc, ..self }
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new(Sessions::new(Limits::default()), Duration::from_secs(1), Arc::default())
    }
}
