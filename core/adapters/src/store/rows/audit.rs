//! Rows of the audit trail: a key, what is looked for by, and the whole entry as a document.

use cronbus_core::audit::{Entry, EntryId};
use diesel::prelude::*;

use super::job::to_document;
use crate::store::schema::audit_entries;

/// A row of `audit_entries` as it is written, once.
#[derive(Insertable)]
#[diesel(table_name = audit_entries)]
pub(in crate::store) struct NewEntry<'e> {
    id: Vec<u8>,
    actor: &'e str,
    action: &'static str,
    object_kind: &'static str,
    object_name: &'e str,
    document: String,
}

impl<'e> From<&'e Entry> for NewEntry<'e> {
    fn from(entry: &'e Entry) -> Self {
        Self {
            id: entry_key(entry.id),
            actor: &entry.actor.name,
            action: entry.action.as_str(),
            object_kind: entry.object.kind.as_str(),
            object_name: &entry.object.name,
            document: to_document(entry),
        }
    }
}

/// An entry's id as a key.
pub(in crate::store) fn entry_key(id: EntryId) -> Vec<u8> {
    id.as_bytes().to_vec()
}
