//! Names of secrets.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::template::is_param_name;

/// A secret's name: 1 to 64 ASCII letters, digits, `_`, `-` and `.`, the first a letter or `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretName(String);

/// The text cannot be a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` cannot name a secret: use 1 to 64 letters a to z, digits, `_`, `-` or `.`, starting with a letter or `_`"
)]
pub struct SecretNameError {
    text: String,
}

impl SecretName {
    /// Checks the rule above.
    ///
    /// # Errors
    /// When the text breaks it.
    pub fn new(text: &str) -> Result<Self, SecretNameError> {
        if is_param_name(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(SecretNameError { text: text.chars().take(80).collect() })
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SecretName {
    type Err = SecretNameError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for SecretName {
    type Error = SecretNameError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<SecretName> for String {
    fn from(name: SecretName) -> Self {
        name.0
    }
}
