//! The address of a service: a URL whose scheme chooses the implementation and whose password is never shown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The URL of a service. `Display` and `Debug` hide the password; [`ServiceUrl::as_str`] does not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServiceUrl(String);

impl ServiceUrl {
    /// Takes any text; whether it can be used is checked when the configuration is loaded.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// `local:`, the implementation within the process.
    #[must_use]
    pub fn local() -> Self {
        Self::new("local:")
    }

    /// The whole text, password included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the first colon: it names the implementation.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.split_once(':').map_or("", |(scheme, _)| scheme)
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The last `@`: a password that was not encoded may itself have one.
        let Some((head, host)) = self.0.rsplit_once('@') else { return f.write_str(&self.0) };
        let scheme = self.scheme();
        let user_info = head.strip_prefix(scheme).unwrap_or(head);
        let user_info = user_info.strip_prefix(':').unwrap_or(user_info).trim_start_matches('/');
        match user_info.split_once(':') {
            Some((user, _)) => write!(f, "{scheme}://{user}:***@{host}"),
            // Alone it may be a token, as NATS has them.
            None => write!(f, "{scheme}://***@{host}"),
        }
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_password() {
        for (url, shown) in [
            ("sqlite:///var/x.db", "sqlite:///var/x.db"),
            ("local:", "local:"),
            ("mysql://root:se:c@ret@db:3306/cron", "mysql://root:***@db:3306/cron"),
            ("nats://token@bus", "nats://***@bus"),
            ("redis://:secret@cache", "redis://:***@cache"),
            ("secret@host", "://***@host"),
        ] {
            assert_eq!(ServiceUrl::new(url).to_string(), shown);
            assert_eq!(format!("{:?}", ServiceUrl::new(url)), format!("\"{shown}\""));
        }
    }

    #[test]
    fn the_scheme_stands_before_the_colon() {
        for (url, scheme) in [("sqlite://", "sqlite"), ("local:", "local"), ("", ""), ("plain", "")] {
            assert_eq!(ServiceUrl::new(url).scheme(), scheme);
        }
    }
}
