//! Names of users and of API tokens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A name to sign in with, or that of an API token: 1 to 64 of ASCII letters, digits, `-`, `_`, `.` and `@`, the first a
/// letter or digit. Upper case becomes lower case, and there is no other script: two names that look alike are alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(String);

/// The text cannot be a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` cannot name an account: use 1 to 64 letters a to z, digits, `-`, `_`, `.` or `@`, starting with a letter \
     or digit"
)]
pub struct AccountNameError {
    text: String,
}

impl AccountName {
    /// The longest name, in bytes.
    pub const LONGEST: usize = 64;

    /// Checks the rule above.
    ///
    /// # Errors
    /// When the text breaks it.
    pub fn new(text: &str) -> Result<Self, AccountNameError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts_well && text.len() <= Self::LONGEST && text.chars().all(allowed) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(AccountNameError { text: text.chars().take(80).collect() })
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccountName {
    type Err = AccountNameError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for AccountName {
    type Error = AccountNameError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0
    }
}
