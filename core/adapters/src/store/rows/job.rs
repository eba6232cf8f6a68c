//! Rows of `jobs` and `job_revisions`.
//!
//! What is absent is written as NULL rather than left out: a statement whose text depends on its values could not be
//! found prepared by its type.

use std::sync::Arc;

use cronbus_core::id::{JobId, Revision};
use cronbus_core::job::target::Nodes;
use cronbus_core::job::{Job, Pause};
use cronbus_core::port::store::{Change, ChangeSequence, Error};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::schema::{job_revisions, jobs};

/// The columns that lists are filtered by, taken from the documents of the same row.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(in crate::store) struct FilterColumns<'j> {
    name: Option<&'j str>,
    enabled: bool,
    paused_until: Option<i64>,
    target_group: Option<&'j str>,
}

impl<'j> From<&'j Job> for FilterColumns<'j> {
    fn from(job: &'j Job) -> Self {
        let until = |pause: &Pause| pause.until.map_or(i64::MAX, Timestamp::millis);
        Self {
            name: Some(job.definition.name.as_str()).filter(|_| !job.deleted),
            enabled: job.definition.enabled,
            paused_until: job.pause.as_ref().map(until),
            target_group: match &job.definition.target.nodes {
                Nodes::Group(group) => Some(group),
                _ => None,
            },
        }
    }
}

/// A row of `jobs` as it is written.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(in crate::store) struct NewJob<'j> {
    id: i64,
    revision: i32,
    definition: &'j str,
    anchor_at: i64,
    effective_from: i64,
    pause: Option<String>,
    created_at: i64,
    updated_at: i64,
    updated_by: &'j str,
    deleted: bool,
    change_sequence: i64,
    former: Option<String>,
}

impl<'j> NewJob<'j> {
    /// The row of `job` at its place in the feed; `definition` is its definition as a document.
    pub(in crate::store) fn new(job: &'j Job, definition: &'j str, sequence: ChangeSequence) -> Self {
        Self {
            id: job.id.0,
            revision: job.revision.0,
            definition,
            anchor_at: job.anchor.millis(),
            effective_from: job.effective_from.millis(),
            pause: job.pause.as_ref().map(to_document),
            created_at: job.created_at.millis(),
            updated_at: job.updated_at.millis(),
            updated_by: &job.updated_by,
            deleted: job.deleted,
            change_sequence: sequence.0,
            former: job.former.as_deref().map(to_document),
        }
    }
}

/// A row of `jobs` as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub(in crate::store) struct JobRow {
    id: i64,
    revision: i32,
    definition: String,
    anchor_at: i64,
    effective_from: i64,
    pause: Option<String>,
    created_at: i64,
    updated_at: i64,
    updated_by: String,
    deleted: bool,
    change_sequence: i64,
    former: Option<String>,
}

impl TryFrom<JobRow> for Change {
    type Error = Error;
    fn try_from(row: JobRow) -> Result<Self, Error> {
        Ok(Self { sequence: ChangeSequence(row.change_sequence), job: row.try_into()? })
    }
}

impl TryFrom<JobRow> for Arc<Job> {
    type Error = Error;
    fn try_from(row: JobRow) -> Result<Self, Error> {
        let at = |column: &'static str| (row.id, column);
        Ok(Self::new(Job {
            id: JobId(row.id),
            revision: Revision(row.revision),
            definition: of_document(&row.definition, at("definition")).map(Arc::new)?,
            anchor: Timestamp::from_millis(row.anchor_at),
            effective_from: Timestamp::from_millis(row.effective_from),
            pause: row.pause.as_ref().map(|text| of_document(text, at("pause"))).transpose()?,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            updated_by: row.updated_by,
            deleted: row.deleted,
            former: row.former.as_ref().map(|text| of_document(text, at("former")).map(Arc::new)).transpose()?,
        }))
    }
}

/// A row of `job_revisions` as it is written.
#[derive(Insertable)]
#[diesel(table_name = job_revisions, treat_none_as_default_value = false)]
pub(in crate::store) struct NewRevision<'j> {
    job: i64,
    revision: i32,
    definition: &'j str,
    effective_from: i64,
    pause: Option<String>,
    updated_at: i64,
    updated_by: &'j str,
}

impl<'j> NewRevision<'j> {
    /// The row of the revision that `job` is at; `definition` is its definition as a document.
    pub(in crate::store) fn new(job: &'j Job, definition: &'j str) -> Self {
        Self {
            job: job.id.0,
            revision: job.revision.0,
            definition,
            effective_from: job.effective_from.millis(),
            pause: job.pause.as_ref().map(to_document),
            updated_at: job.updated_at.millis(),
            updated_by: &job.updated_by,
        }
    }
}

/// A row of `job_revisions` as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = job_revisions)]
pub(in crate::store) struct RevisionRow {
    revision: i32,
    definition: String,
    effective_from: i64,
    pause: Option<String>,
    updated_at: i64,
    updated_by: String,
}

impl RevisionRow {
    /// The job as it was when the revision was made; `newest` says what never changes.
    pub(in crate::store) fn of(self, newest: &Job) -> Result<Arc<Job>, Error> {
        let at = |column: &'static str| (newest.id.0, column);
        Ok(Arc::new(Job {
            id: newest.id,
            revision: Revision(self.revision),
            definition: of_document(&self.definition, at("definition")).map(Arc::new)?,
            anchor: newest.anchor,
            effective_from: Timestamp::from_millis(self.effective_from),
            pause: self.pause.as_ref().map(|text| of_document(text, at("pause"))).transpose()?,
            created_at: newest.created_at,
            updated_at: Timestamp::from_millis(self.updated_at),
            updated_by: self.updated_by,
            deleted: false,
            former: None,
        }))
    }
}

/// A value as a JSON document. Everything kept so has text keys and finite numbers, so that writing cannot fail.
pub(in crate::store) fn to_document<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn of_document<T: DeserializeOwned>(text: &str, (job, column): (i64, &str)) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Damaged { what: format!("{column} of job {job}: {error}") })
}
