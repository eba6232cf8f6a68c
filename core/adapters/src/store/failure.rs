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
    /// There is no connection to it.
    Unreachable(String),
    /// It is there and lets nobody in who comes like this.
    Refused(String),
    /// Rows were there, or were in another state, than the bold way takes for granted: look first.
    Raced,
}

/// How a transaction is tried: boldly, as if nobody else wrote its rows, until that proves wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tries {
    /// As if nobody else wrote them.
    #[default]
    Boldly,
    /// Looking first; so often already.
    Carefully {
        /// How often.
        times: u8,
    },
}

impl Tries {
    /// How often the careful way is tried: two writers of the same rows need one turn each.
    const LIMIT: u8 = 5;

    /// Whether to try again, carefully, after `failure`: nothing of the transaction was written.
    pub(super) fn again(&mut self, failure: &Failure) -> bool {
        let times = match self {
            Self::Boldly => 0,
            Self::Carefully { times } => *times,
        };
        if times == Self::LIMIT || !failure.is_collision() {
            return false;
        }
        *self = Self::Carefully { times: times.saturating_add(1) };
        true
    }
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
            Self::Database(error) if is_refusal(&error) => Error::Refused { what, reason: error.to_string() },
            Self::Database(error) => Error::Unavailable { what, reason: error.to_string() },
            Self::Unreachable(reason) => Error::Unavailable { what, reason },
            Self::Refused(reason) => Error::Refused { what, reason },
            Self::Raced => {
                Error::Unavailable { what, reason: "others kept writing the same rows at the same time".to_owned() }
            }
        }
    }

    /// There is no connection to the database, for this reason.
    pub(super) const fn unavailable(reason: String) -> Self {
        Self::Unreachable(reason)
    }

    /// Whether another transaction was in the way of this one, which wrote nothing.
    fn is_collision(&self) -> bool {
        match self {
            Self::Raced | Self::Database(DatabaseError::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => {
                true
            }
            // Neither driver hands on the code of a deadlock (40P01, 1213), only its text; where that is in another
            // language the caller repeats the call, which serves as well.
            Self::Database(DatabaseError::DatabaseError(_, said)) => {
                said.message().to_ascii_lowercase().contains("deadlock")
            }
            _ => false,
        }
    }

    /// Whether a unique index refused the row.
    pub(super) const fn is_duplicate(error: &DatabaseError) -> bool {
        matches!(error, DatabaseError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
    }
}

/// Whether trying again cannot help: the file is no database any more, a table or column is missing, or a value is not
/// what its column holds. What is not known to be so is tried again: a lost connection, a server that starts, stops or
/// only reads, too many connections, a lock or a statement that took too long.
fn is_damage(error: &DatabaseError) -> bool {
    use DatabaseErrorKind::{CheckViolation, ForeignKeyViolation, NotNullViolation};
    match error {
        DatabaseError::DeserializationError(_) | DatabaseError::SerializationError(_) => true,
        DatabaseError::DatabaseError(CheckViolation | ForeignKeyViolation | NotNullViolation, _) => true,
        DatabaseError::DatabaseError(_, said) => {
            // https://www.sqlite.org/rescode.html: SQLITE_CORRUPT and SQLITE_NOTADB; diesel hands on the text alone.
            // https://www.postgresql.org/docs/15/errcodes-appendix.html: 42P01, 42703, 22021, 42601;
            // https://mariadb.com/kb/en/mariadb-error-code-reference/: 1146, 1054, 1406, 1064.
            const HOPELESS: [&str; 9] = [
                "disk image is malformed",
                "file is not a database",
                "does not exist",
                "doesn't exist",
                "Unknown column",
                "invalid byte sequence",
                "Data too long",
                "syntax error at or near",
                "error in your SQL syntax",
            ];
            HOPELESS.iter().any(|text| said.message().contains(text))
        }
        _ => false,
    }
}

/// Whether a right is missing. diesel hands on neither SQLSTATE (42501) nor MariaDB's number (1044, 1142, 1143, 1227), so
/// that only the words are left; where a server speaks another language the statement is merely tried again.
fn is_refusal(error: &DatabaseError) -> bool {
    const REFUSALS: [&str; 4] = ["permission denied", "must be owner of", "command denied to user", "Access denied"];
    let DatabaseError::DatabaseError(_, said) = error else { return false };
    REFUSALS.iter().any(|text| said.message().contains(text))
}
