//! Rows of secrets: a name, a version to compare, and the rest as a document.

use cronbus_core::secret::Secret;
use diesel::prelude::*;

use super::job::to_document;
use crate::store::schema::secrets;

/// A row of `secrets` as it is written.
#[derive(Insertable)]
#[diesel(table_name = secrets)]
pub(in crate::store) struct NewSecret<'s> {
    name: &'s str,
    pub(in crate::store) version: i64,
    pub(in crate::store) document: String,
}

impl<'s> From<&'s Secret> for NewSecret<'s> {
    fn from(secret: &'s Secret) -> Self {
        Self { name: secret.name.as_str(), version: secret.version, document: to_document(secret) }
    }
}
