//! What the trail says of a change of a job: the same for every store.

use serde_json::{Value, json};

use super::action::Action;
use super::entry::{Entry, Object, ObjectKind, Trail};
use crate::job::Job;
use crate::port::store::Write;

/// The entry of a change, the `number`th of its request. A definition comes with its revision; pauses are told alone.
#[must_use]
pub fn of_job(trail: &Trail, number: usize, write: &Write, before: Option<&Job>, after: &Job) -> Entry {
    let action = action_of(write);
    let object = Object::with_id(ObjectKind::Job, after.definition.name.as_str(), after.id);
    let entry = trail.entry(number, action, object);
    match action {
        Action::JobPause | Action::JobResume => entry.changing(before.map(pause), Some(pause(after))),
        Action::JobDelete => entry.changing(before.map(definition), None),
        _ => entry.changing(before.map(definition), Some(definition(after))),
    }
}

const fn action_of(write: &Write) -> Action {
    match write {
        Write::Add(_) => Action::JobCreate,
        Write::Replace { .. } => Action::JobUpdate,
        Write::Pause { .. } => Action::JobPause,
        Write::Resume { .. } => Action::JobResume,
        Write::Delete { .. } => Action::JobDelete,
    }
}

fn definition(job: &Job) -> Value {
    json!({ "revision": job.revision, "definition": &*job.definition })
}

fn pause(job: &Job) -> Value {
    json!({ "pause": job.pause })
}
