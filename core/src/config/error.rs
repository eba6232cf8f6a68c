//! What can be wrong with a configuration, said so that it can be put right.

use super::origin::Origin;

/// More faults than this help nobody.
pub(super) const MAX_ERRORS: usize = 100;

/// One fault of one source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The source is not of its format.
    #[error("{message} ({origin})")]
    Syntax {
        /// What is wrong.
        message: String,
        /// Where.
        origin: Origin,
    },
    /// There is no such key.
    #[error("there is no key `{key}`{} ({origin})", nearest.as_ref().map_or_else(String::new, |key| format!(": did you mean `{key}`?")))]
    UnknownKey {
        /// What was written.
        key: String,
        /// The key it resembles most, if it resembles one.
        nearest: Option<String>,
        /// Where.
        origin: Origin,
    },
    /// There is no such section.
    #[error("there is no section `{section}`; there are {known} ({origin})")]
    UnknownSection {
        /// What was written.
        section: String,
        /// Those there are, as a list.
        known: String,
        /// Where.
        origin: Origin,
    },
    /// The value is not of the key's kind, out of its range, or does not go with other values.
    #[error("`{key}` cannot be {value}: {reason} ({origin})")]
    BadValue {
        /// `section.key`.
        key: String,
        /// As TOML; passwords are hidden.
        value: String,
        /// Why not, and what is allowed.
        reason: String,
        /// Where.
        origin: Origin,
    },
}
