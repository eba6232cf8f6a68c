//! Lists of the audit trail as queries: the same for every backend, executed by each in its own way.
//!
//! This file is compiled once for each backend, which says what `Backend` is.

use cronbus_core::audit::EntryId;
use cronbus_core::port::store::{AuditFilter, Page};
use diesel::prelude::*;

use super::Backend;
use super::queries::row_count;
use crate::store::rows::entry_key;
use crate::store::schema::audit_entries;

/// A page of entries, the newest first. The instant is a part of the id, so that a span of time is a span of keys.
pub(super) fn entries_page(filter: &AuditFilter, page: &Page<EntryId>) -> audit_entries::BoxedQuery<'static, Backend> {
    let query = audit_entries::table.order(audit_entries::id.desc()).into_boxed();
    let mut query = query.limit(row_count(page.limit.saturating_add(1)));
    if let Some(after) = page.after {
        query = query.filter(audit_entries::id.lt(entry_key(after)));
    }
    if let Some(name) = &filter.actor {
        query = query.filter(audit_entries::actor.eq(name.clone()));
    }
    if let Some(action) = filter.action {
        query = query.filter(audit_entries::action.eq(action.as_str()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(audit_entries::object_kind.eq(kind.as_str()));
    }
    if let Some(name) = &filter.object {
        query = query.filter(audit_entries::object_name.eq(name.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_entries::id.ge(entry_key(EntryId::floor(from))));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_entries::id.lt(entry_key(EntryId::floor(until))));
    }
    query
}
