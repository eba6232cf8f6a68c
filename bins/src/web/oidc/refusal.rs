//! Why nobody was signed in over the provider.

use std::time::Duration;

use crate::web::problem::Problem;

/// Why nobody was signed in.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The provider does not answer, or not as providers do.
    Away(String),
    /// This browser did not go there, went too long ago, or has come back already.
    NotSent,
    /// The provider did not let him in: what it says.
    Denied(String),
    /// What the provider gave is not what it has to be.
    Untrusted(String),
    /// The e-mail address is unverified, or of another domain.
    Email,
    /// No claim lets him do anything.
    NoGrants,
    /// The account is disabled.
    Disabled,
    /// Too many began: how long to wait.
    Wait(Duration),
    /// It could not be found out.
    Problem(Box<Problem>),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl Refusal {
    /// What the page says, and of what.
    pub(crate) fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Away(reason) => ("oidc-away", reason),
            Self::NotSent => ("oidc-not-sent", ""),
            Self::Denied(reason) => ("oidc-denied", reason),
            Self::Untrusted(reason) => ("oidc-untrusted", reason),
            Self::Email => ("oidc-email", ""),
            Self::NoGrants => ("oidc-no-grants", ""),
            Self::Disabled => ("oidc-disabled", ""),
            Self::Wait(_) | Self::Problem(_) => ("oidc-wait", ""),
        }
    }
}
