//! Looking at the database of a URL without using it.

use std::sync::Arc;

use cronbus_core::config::ServiceUrl;
use cronbus_core::port::Clock;
use cronbus_core::port::store::Error;
use cronbus_core::time::Timestamp;

use super::server::options::OpenOptions;
use super::server::steps::Standing;
use super::{MysqlStore, OpenError, PostgresStore};
use crate::examined::{Examined, Offset};

/// What a server and a schema say.
pub(in crate::store) struct Answers {
    /// The server's version.
    pub(in crate::store) version: String,
    /// This clock before, the server's, and this one after.
    pub(in crate::store) clocks: [Timestamp; 3],
    /// How the schema stands.
    pub(in crate::store) standing: Standing,
}

/// Asks the server of a URL (`mysql://`, `postgres://`) for its version, its clock and the state of the schema. Blocks; not
/// for threads of a runtime.
///
/// # Errors
/// As [`super::open()`].
pub fn examine(url: &str, options: OpenOptions, clock: &Arc<dyn Clock>) -> Result<Examined, OpenError> {
    let (product, answers) = match url.split_once("://") {
        Some(("mysql", _)) => ("MySQL", MysqlStore::on(url, options)?.examine(Arc::clone(clock))?),
        Some(("postgres" | "postgresql", _)) => {
            ("PostgreSQL", PostgresStore::on(url, options)?.examine(Arc::clone(clock))?)
        }
        _ => return Err(OpenError::Scheme { url: ServiceUrl::new(url) }),
    };
    Ok(said(product, answers, options.migrate))
}

fn said(product: &'static str, answers: Answers, migrates: bool) -> Examined {
    let Answers { version, clocks: [before, there, after], standing: Standing { missing, unknown } } = answers;
    let product = if version.contains("MariaDB") { "MariaDB" } else { product };
    let mut complaints = Vec::new();
    if !missing.is_empty() && !migrates {
        complaints.push(format!("the schema lacks {}: run `cronbus migrate` once", missing.join(", ")));
    }
    if !unknown.is_empty() {
        complaints.push(format!("a newer cronbus made {} in it: upgrade this node soon", unknown.join(", ")));
    }
    Examined { product, version, clock: Some(Offset::measured(before, there, after)), complaints }
}

/// A clock of a server that cannot be read is taken for a server that does not answer.
pub(in crate::store) fn timestamp(millis: i64) -> Result<Timestamp, Error> {
    (millis > 0)
        .then(|| Timestamp::from_millis(millis))
        .ok_or(Error::Unavailable { what: "read the server's clock", reason: format!("{millis} is no time") })
}
