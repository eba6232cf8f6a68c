//! Who did what. Entries come with what they tell of, in one transaction, so that neither is there without the other;
//! those of what is not in the store are kept by themselves. Nothing changes one.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::error::Result;
use super::history::{Cursor, Page};
use super::jobs::Write;
use crate::audit::{Action, Entry, EntryId, ObjectKind, Trail};
use crate::job::Job;
use crate::time::Timestamp;

/// Which entries. What is absent does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of whoever has this name.
    pub actor: Option<String>,
    /// Of this action.
    pub action: Option<Action>,
    /// About such things.
    pub kind: Option<ObjectKind>,
    /// About what has this name.
    pub object: Option<String>,
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether an entry is one of these.
    #[must_use]
    pub fn fits(&self, entry: &Entry) -> bool {
        self.actor.as_ref().is_none_or(|name| *name == entry.actor.name)
            && self.action.is_none_or(|action| action == entry.action)
            && self.kind.is_none_or(|kind| kind == entry.object.kind)
            && self.object.as_ref().is_none_or(|name| *name == entry.object.name)
            && self.from.is_none_or(|from| from <= entry.at)
            && self.until.is_none_or(|until| entry.at < until)
    }
}

/// The audit trail. Entries also come with [`super::Submission::record`], [`super::Alerts::put_silence`],
/// [`super::Alerts::acknowledge`].
#[async_trait]
pub trait Audit: Send + Sync + Debug {
    /// As [`super::Jobs::write_jobs`], with one entry for each change ([`crate::audit::of_job`]).
    ///
    /// # Errors
    /// As there: then there are no entries either.
    async fn write_jobs_on_record(&self, writes: &[Write], trail: &Trail) -> Result<Vec<Arc<Job>>>;

    /// Keeps entries of what is not in the store. Those that are there stay as they are.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn keep_entries(&self, entries: &[Entry]) -> Result<()>;

    /// Entries, the newest first, and where the next page starts.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn entries(&self, filter: &AuditFilter, page: &Page<EntryId>) -> Result<(Vec<Entry>, Cursor<EntryId>)>;

    /// One entry.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn entry(&self, id: EntryId) -> Result<Option<Entry>>;

    /// Forgets the oldest entries made before `before`, at most `limit`; how many there were.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn prune_entries(&self, before: Timestamp, limit: usize) -> Result<usize>;
}
