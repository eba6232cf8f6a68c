//! What applying a document would change, field by field.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::keys::join;
use crate::job::{Definition, Job};
use crate::port::store::Write;

/// What has to happen for the jobs to be what a document says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Jobs that are not there yet, in the order of the document.
    pub add: Vec<Arc<Definition>>,
    /// Jobs that are there and differ, in the order of the document.
    pub change: Vec<Change>,
    /// Jobs that the document does not have, in the order of their names; only where it was asked to prune.
    pub remove: Vec<Arc<Job>>,
    /// Jobs that are as the document says, in its order.
    pub unchanged: Vec<Arc<Job>>,
}

/// A job that has to change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// As it is.
    pub job: Arc<Job>,
    /// As it shall be.
    pub wanted: Arc<Definition>,
    /// Where the two differ, in the order of the fields' names.
    pub fields: Vec<FieldChange>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its path in the job, like `command.env.PATH`.
    pub field: String,
    /// What it is; `null` where it is not set, so that its default holds.
    pub from: Value,
    /// What it shall be, likewise.
    pub to: Value,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.add.is_empty() && self.change.is_empty() && self.remove.is_empty()
    }

    /// The changes for the store: what is removed goes first, since it may free names. A job that somebody else has
    /// changed since the plan was made is refused, not overwritten.
    #[must_use]
    pub fn writes(&self) -> Vec<Write> {
        let removed = self.remove.iter().map(|job| Write::Delete { job: job.id });
        let changed = self.change.iter().map(|change| Write::Replace {
            job: change.job.id,
            expected: Some(change.job.revision),
            definition: Arc::clone(&change.wanted),
        });
        removed.chain(changed).chain(self.add.iter().cloned().map(Write::Add)).collect()
    }
}

/// Compares the jobs there are with those a document wants. Jobs belong together by name; what is deleted does not
/// count as there. Pauses are nobody's definition and stay as they are.
///
/// With `prune`, jobs that the document does not have are to be removed.
#[must_use]
pub fn diff(current: &[Arc<Job>], wanted: &[Definition], prune: bool) -> Plan {
    let mut left: HashMap<&str, &Arc<Job>> =
        current.iter().filter(|job| !job.deleted).map(|job| (job.definition.name.as_str(), job)).collect();
    let mut plan = Plan::default();
    for definition in wanted {
        match left.remove(definition.name.as_str()) {
            None => plan.add.push(Arc::new(definition.clone())),
            Some(job) if *job.definition == *definition => plan.unchanged.push(Arc::clone(job)),
            Some(job) => plan.change.push(Change {
                job: Arc::clone(job),
                wanted: Arc::new(definition.clone()),
                fields: changes(&job.definition, definition),
            }),
        }
    }
    if prune {
        plan.remove = left.into_values().map(Arc::clone).collect();
        plan.remove.sort_by(|a, b| a.definition.name.cmp(&b.definition.name));
    }
    plan
}

/// Where two definitions differ.
fn changes(from: &Definition, to: &Definition) -> Vec<FieldChange> {
    let [from, to] = [from, to].map(|definition| {
        let mut fields = BTreeMap::new();
        collect("", serde_json::to_value(definition).unwrap_or_default(), &mut fields);
        fields
    });
    let mut changes: BTreeMap<&String, FieldChange> = BTreeMap::new();
    for field in from.keys().chain(to.keys()) {
        let value = |fields: &BTreeMap<String, Value>| fields.get(field).cloned().unwrap_or_default();
        let change = FieldChange { field: field.clone(), from: value(&from), to: value(&to) };
        if change.from != change.to {
            changes.insert(field, change);
        }
    }
    changes.into_values().collect()
}

/// The values of a table by path; lists are compared as a whole.
fn collect(path: &str, value: Value, fields: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(table) => table.into_iter().for_each(|(key, part)| collect(&join(path, &key), part, fields)),
        other => {
            fields.insert(path.to_owned(), other);
        }
    }
}
