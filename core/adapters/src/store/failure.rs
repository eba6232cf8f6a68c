//! What goes wrong inside a transaction, and what the port calls it.
//!
//! A transaction may fail for a reason of the port (a fenced epoch) or for a reason of the database; both undo it.

use cronbus_core::port::store::Error;
use diesel::result::{DatabaseErrorKind, Error as DatabaseError};

/// Why a transaction was undone.
#[derive(Debug)]
pub(super) enum Failure {
    /// The port has a word for it.
    Answer(Error),
    /// The database said no, or nothing.
    Database(DatabaseError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Answer(error)
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

impl Failure {
    /// As the port says it; `what` completes "cronbus tried to …".
    pub(super) fn explain(self, what: &'static str) -> Error {
        match self {
            Self::Answer(error) => error,
            Self::Database(error) if is_damage(&error) => Error::Damaged { what: format!("to {what}: {error}") },
            Self::Database(error) => Error::Unavailable { what, reason: error.to_string() },
        }
    }

    /// Whether a unique index refused the row.
    pub(super) const fn is_duplicate(error: &DatabaseError) -> bool {
        matches!(error, DatabaseError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
    }
}

/// Whether trying again cannot help: the file is no database any more, or a value is not what its column holds.
fn is_damage(error: &DatabaseError) -> bool {
    match error {
        DatabaseError::DeserializationError(_) => true,
        DatabaseError::DatabaseError(_, said) => {
            // https://www.sqlite.org/rescode.html: SQLITE_CORRUPT and SQLITE_NOTADB; diesel hands on the text alone.
            ["disk image is malformed", "file is not a database"].iter().any(|text| said.message().contains(text))
        }
        _ => false,
    }
}
