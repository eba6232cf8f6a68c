//! A job as the store keeps it: its definition and what the scheduler must remember around it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::former::{self, Former};
use crate::id::{JobId, Partition, Revision};
use crate::port::store::Write;
use crate::time::Timestamp;

/// A job at one revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Given by the store.
    pub id: JobId,
    /// Which edit this is.
    pub revision: Revision,
    /// What its author wrote.
    pub definition: Arc<Definition>,
    /// The phase of `@every`: kept from the first revision on, so that all nodes agree.
    pub anchor: Timestamp,
    /// Slots due at or before this instant are not this revision's business: the moment the rule was last changed,
    /// enabled or resumed.
    pub effective_from: Timestamp,
    /// Set while the job is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who changed it last.
    pub updated_by: String,
    /// Whether it was deleted. Deleted jobs are kept for the history of their runs.
    #[serde(default)]
    pub deleted: bool,
    /// What it was before, the latest last, while slots it had then may be without an answer. Between the store and the
    /// schedulers only.
    #[serde(skip)]
    pub former: Option<Arc<Vec<Former>>>,
}

impl Job {
    /// A job at its first revision.
    #[must_use]
    pub fn added(id: JobId, definition: Arc<Definition>, by: &str, at: Timestamp) -> Self {
        Self {
            id,
            revision: Revision(1),
            definition,
            anchor: at,
            effective_from: at,
            pause: None,
            created_at: at,
            updated_at: at,
            updated_by: by.to_owned(),
            deleted: false,
            former: None,
        }
    }

    /// What a change makes of the job. Slots count from `at` on when the change touches when the job is due;
    /// otherwise they go on as they were. `watermark` is that of the job's partition, [`Timestamp::EPOCH`] if nobody
    /// ever owned it: what the job was is remembered with it if it had slots that nobody answered for.
    /// [`Write::Add`] makes no sense here and changes nothing.
    #[must_use]
    pub fn changed(&self, write: &Write, by: &str, at: Timestamp, watermark: Timestamp) -> Self {
        let mut job = Self { updated_at: at, updated_by: by.to_owned(), ..self.clone() };
        let mut due_differently = true;
        match write {
            Write::Add(_) => return self.clone(),
            Write::Replace { definition, .. } => {
                job.revision = Revision(self.revision.0.saturating_add(1));
                due_differently = self.is_due_differently(definition);
                if due_differently {
                    job.effective_from = at;
                }
                job.definition = Arc::clone(definition);
            }
            Write::Pause { pause, .. } => job.pause = Some(pause.clone()),
            Write::Resume { .. } => {
                job.pause = None;
                job.effective_from = at;
            }
            Write::Delete { .. } => job.deleted = true,
        }
        job.former = former::kept(self, due_differently, at, watermark);
        job
    }

    /// What it was before, the latest last, while slots it had then may be without an answer.
    #[must_use]
    pub fn former(&self) -> &[Former] {
        self.former.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Whether `new` may be due at other instants than the job as it is.
    pub(crate) fn is_due_differently(&self, new: &Definition) -> bool {
        let old = &*self.definition;
        let renamed_spread = old.name != new.name;
        old.schedule != new.schedule
            || old.dialect != new.dialect
            || old.timezone != new.timezone
            || old.dst != new.dst
            || old.enabled != new.enabled
            || old.valid_from != new.valid_from
            || old.valid_until != new.valid_until
            || renamed_spread
    }

    /// The partition the job belongs to.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.id.partition()
    }

    /// Whether its rule makes slots at `now`.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        !self.deleted && self.definition.enabled && !self.pause.as_ref().is_some_and(|pause| pause.holds(now))
    }
}

/// Why a job makes no slots for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// Until when; absent means until it is resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why, in the words of who paused it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Who paused it.
    pub by: String,
}

impl Pause {
    /// Whether the pause is in force at `now`.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Command, JobName};

    fn definition(schedule: &str) -> Definition {
        let name = JobName::new("a").unwrap();
        Definition { schedule: Some(schedule.to_owned()), ..Definition::new(name, Command::Noop) }
    }

    #[test]
    fn only_a_change_of_when_restarts_the_slots() {
        let [first, second] = [10, 20].map(Timestamp::from_seconds);
        let job = Job::added(JobId(1), Arc::new(definition("* * * * *")), "ann", first);
        let replace = |definition| Write::Replace { job: job.id, expected: None, definition: Arc::new(definition) };

        let same = job.changed(&replace(Definition { priority: 9, ..definition("* * * * *") }), "ben", second, second);
        assert_eq!((same.revision, same.effective_from), (Revision(2), first));
        assert_eq!((same.updated_at, same.updated_by.as_str()), (second, "ben"));

        let other = job.changed(&replace(definition("5 * * * *")), "ben", second, second);
        assert_eq!((other.revision, other.effective_from, other.anchor), (Revision(2), second, first));
    }

    #[test]
    fn a_pause_ends_by_itself_or_when_it_is_ended() {
        let [now, later] = [10, 20].map(Timestamp::from_seconds);
        let job = Job::added(JobId(1), Arc::new(definition("* * * * *")), "ann", now);
        let pause = Pause { since: now, until: Some(later), note: String::new(), by: "ann".to_owned() };
        let paused = job.changed(&Write::Pause { job: job.id, pause }, "ann", now, now);
        assert!(!paused.is_active(now) && paused.is_active(later));
        let resumed = paused.changed(&Write::Resume { job: job.id }, "ann", later, later);
        assert!(resumed.is_active(now) && resumed.effective_from == later && resumed.revision == job.revision);
    }
}
