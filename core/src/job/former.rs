//! What a job was before it was changed, for as long as slots it had then may be without an answer.
//!
//! A change ends the slots of the job as it was, but those due before it count all the same: a node that was away when
//! they were due answers for them when it is back, whatever has become of the job meanwhile. Nothing is kept where the
//! partition's watermark says that all of them have been answered, which is nearly always.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Command, Definition, Job};
use crate::planner;
use crate::time::Timestamp;

/// How many of a job's former states are kept: those changed last. Each has a slot that nobody answered for, so that
/// nothing but many changes during one long absence reaches this.
const KEPT: usize = 100;

/// A job as it was, and which of its slots may be without an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Former {
    /// As it was, without what it executed.
    pub job: Job,
    /// Its slots after this instant...
    pub after: Timestamp,
    /// ...up to and including this one: when it was changed.
    pub until: Timestamp,
}

impl Former {
    /// The job as it was until `until`, if it had slots then that the owner of its partition may not have answered, who
    /// has come to `watermark`.
    fn of(job: &Job, until: Timestamp, watermark: Timestamp) -> Option<Self> {
        let after = planner::start_after(job, watermark)?;
        let former = Self { job: without_command(job), after, until };
        former.is_unanswered(watermark).then_some(former)
    }

    /// The instant after which its slots may be without an answer when the owner of the partition, or the last one, has
    /// come to `watermark`; `None` when all have one.
    #[must_use]
    pub fn unanswered_after(&self, watermark: Timestamp) -> Option<Timestamp> {
        let after = planner::start_after(&self.job, watermark)?.max(self.after);
        (after < self.until).then_some(after)
    }

    fn is_unanswered(&self, watermark: Timestamp) -> bool {
        self.unanswered_after(watermark).is_some_and(|after| planner::has_slot(&self.job, after, self.until))
    }
}

/// The former states to keep of a job that `before` was, with what it is now due differently `at`.
pub(super) fn kept(
    before: &Job,
    due_differently: bool,
    at: Timestamp,
    watermark: Timestamp,
) -> Option<Arc<Vec<Former>>> {
    // The clock may have been set back since they were changed: no instant is two states' business.
    let end = if due_differently { at } else { Timestamp::MAX };
    let cut = |former: &Former| Former { until: former.until.min(end), ..former.clone() };
    let still = before.former().iter().map(cut).filter(|former| former.is_unanswered(watermark));
    let now_former = due_differently.then(|| Former::of(before, at, watermark)).flatten();
    let mut kept: Vec<Former> = still.chain(now_former).collect();
    kept.drain(..kept.len().saturating_sub(KEPT));
    (!kept.is_empty()).then(|| Arc::new(kept))
}

/// What says when the job is due, where, and what happens when that is missed.
fn without_command(job: &Job) -> Job {
    let definition = &*job.definition;
    let needed = Definition {
        schedule: definition.schedule.clone(),
        dialect: definition.dialect,
        timezone: definition.timezone.clone(),
        dst: definition.dst,
        valid_from: definition.valid_from,
        valid_until: definition.valid_until,
        target: definition.target.clone(),
        misfire: definition.misfire,
        enabled: definition.enabled,
        ..Definition::new(definition.name.clone(), Command::Noop)
    };
    Job { definition: Arc::new(needed), former: None, ..job.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::JobId;
    use crate::job::{JobName, Pause};
    use crate::port::store::Write;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + second)
    }

    fn job() -> Job {
        let name = JobName::new("a").unwrap();
        let definition = Definition { schedule: Some("@every 10s".to_owned()), ..Definition::new(name, Command::Noop) };
        Job::added(JobId(1), Arc::new(definition), "ann", at(0))
    }

    fn spans(job: &Job) -> Vec<(Timestamp, Timestamp)> {
        job.former().iter().map(|former| (former.after, former.until)).collect()
    }

    #[test]
    fn only_slots_that_nobody_answered_are_remembered() {
        let delete = Write::Delete { job: JobId(1) };
        for (watermark, changed, expected) in [
            (at(600), at(605), vec![]),
            (at(600), at(610), vec![(at(600), at(610))]),
            (at(600), at(9_000), vec![(at(600), at(9_000))]),
            (at(600), at(500), vec![]),
            // Nobody ever looked at the job, or knew it when he did.
            (Timestamp::EPOCH, at(35), vec![(at(0), at(35))]),
            (at(40), at(35), vec![(at(0), at(35))]),
            (Timestamp::EPOCH, at(9), vec![]),
        ] {
            let deleted = job().changed(&delete, "ben", changed, watermark);
            assert_eq!(spans(&deleted), expected, "watermark {watermark}, changed {changed}");
        }
    }

    #[test]
    fn former_states_add_up_until_the_watermark_has_passed_them() {
        let pause = Pause { since: at(205), until: None, note: String::new(), by: "ben".to_owned() };
        let [pause, resume] = [Write::Pause { job: JobId(1), pause }, Write::Resume { job: JobId(1) }];
        let job = job().changed(&pause, "ben", at(205), at(100)).changed(&resume, "ben", at(300), at(100));
        assert_eq!(spans(&job), [(at(100), at(205))], "there are no slots in the pause");
        let edited = Definition { schedule: Some("@every 7s".to_owned()), ..Definition::clone(&job.definition) };
        let edit = Write::Replace { job: JobId(1), expected: None, definition: Arc::new(edited) };
        let job = job.changed(&edit, "cat", at(400), at(100));
        assert_eq!(spans(&job), [(at(100), at(205)), (at(300), at(400))]);
        let priority = Definition { priority: 9, ..Definition::clone(&job.definition) };
        let edit = Write::Replace { job: JobId(1), expected: None, definition: Arc::new(priority) };
        assert_eq!(spans(&job.changed(&edit, "cat", at(900), at(100))), spans(&job), "it is due as before");
        assert_eq!(spans(&job.changed(&edit, "cat", at(900), at(250))), [(at(300), at(400))]);
        assert_eq!(spans(&job.changed(&edit, "cat", at(900), at(900))), []);
    }

    #[test]
    fn no_more_than_a_hundred_are_kept() {
        let mut job = job();
        for minute in 1..150 {
            let write = if minute % 2 == 0 {
                Write::Resume { job: JobId(1) }
            } else {
                let pause = Pause { since: at(60 * minute), until: None, note: String::new(), by: "ben".to_owned() };
                Write::Pause { job: JobId(1), pause }
            };
            job = job.changed(&write, "ben", at(60 * minute), Timestamp::EPOCH);
        }
        for minute in 150..300 {
            job = job.changed(&Write::Resume { job: JobId(1) }, "ben", at(60 * minute), Timestamp::EPOCH);
        }
        assert_eq!(job.former().len(), KEPT);
        assert_eq!(job.former().last().unwrap().until, at(60 * 299));
    }
}
