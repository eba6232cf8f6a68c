//! Promise 2, created always: every slot that counts has its row, and no row is there without a slot.
//!
//! The slots of each state of a job count from the change that brought it about to the one that ended it, whoever was
//! there meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::id::JobId;
use cronbus_core::job::Job;
use cronbus_core::run::{Run, Trigger};
use cronbus_core::schedule::{Kind, Schedule, Settings};
use cronbus_core::time::Timestamp;

use super::{Evidence, Promise, Violation, violation};

const TICK: Duration = Duration::from_millis(1);

pub(crate) fn check(evidence: &Evidence<'_>) -> Vec<Violation> {
    let jobs = evidence.jobs.iter();
    jobs.flat_map(|(id, states)| {
        let states: Vec<_> = states.iter().map(|(_, job)| Arc::clone(job)).collect();
        OfJob::new(evidence, *id, &states).check()
    })
    .collect()
}

/// What is known of one job.
struct OfJob<'e> {
    id: JobId,
    states: &'e [Arc<Job>],
    rows: Vec<&'e Run>,
    due: BTreeSet<Timestamp>,
    horizon: Timestamp,
}

impl<'e> OfJob<'e> {
    fn new(evidence: &'e Evidence<'_>, id: JobId, states: &'e [Arc<Job>]) -> Self {
        let scheduled = |row: &&Run| row.job == id && row.trigger == Trigger::Schedule;
        let rows: Vec<&Run> = evidence.rows.values().filter(scheduled).collect();
        let due = rows.iter().map(|row| row.due_at).collect();
        Self { id, states, rows, due, horizon: evidence.world.horizon() }
    }

    fn check(&self) -> Vec<Violation> {
        let mut found: Vec<_> = self.rows.iter().filter_map(|row| self.invented(row)).collect();
        for (place, state) in self.states.iter().enumerate() {
            // The clock may have been set back between two changes.
            let until = self.states.iter().skip(place + 1).map(|later| later.updated_at).min();
            for hole in self.holes(state, until) {
                let what = format!("has no row for its slot at {hole} (revision {})", state.revision.0);
                found.push(violation(Promise::CreatedAlways, format!("JobId({})", self.id.0), what));
            }
        }
        found
    }

    /// Some state of the job has this slot.
    fn invented(&self, row: &Run) -> Option<Violation> {
        let has = |state: &Arc<Job>| match rule(state) {
            Some(rule) if rule.kind() == Kind::Reboot => true,
            Some(rule) => {
                row.due_at > state.effective_from
                    && rule.next_after(row.due_at - TICK).map(|f| f.at) == Some(row.due_at)
            }
            None => false,
        };
        let slot = self.states.iter().any(has) && row.due_at < self.horizon;
        (!slot).then(|| violation(Promise::CreatedAlways, row.id, format!("there is no slot at {}", row.due_at)))
    }

    /// The slots of a state without rows. `until` is when another state took its place.
    fn holes(&self, state: &Job, until: Option<Timestamp>) -> Vec<Timestamp> {
        let Some(rule) = rule(state).filter(|_| !state.deleted && state.definition.enabled) else { return Vec::new() };
        let slots = rule.fires(state.effective_from).map(|fire| fire.at);
        slots
            .take_while(|at| *at < self.horizon && until.is_none_or(|until| *at <= until))
            .filter(|at| !is_paused(state, *at))
            .filter(|at| !self.due.contains(at) && !self.is_summed_up(*at))
            .collect()
    }

    /// Whether the row before the hole stands for it.
    fn is_summed_up(&self, hole: Timestamp) -> bool {
        let before = self.rows.iter().filter(|row| row.due_at <= hole).map(|row| row.due_at).max();
        let stands = |row: &&&Run| row.reason.starts_with("stands for all slots");
        self.rows.iter().filter(stands).any(|row| Some(row.due_at) == before)
    }
}

fn is_paused(state: &Job, at: Timestamp) -> bool {
    state.pause.as_ref().is_some_and(|pause| pause.until.is_none_or(|until| at < until))
}

fn rule(job: &Job) -> Option<Schedule> {
    let definition = &job.definition;
    let settings = Settings {
        dialect: definition.dialect,
        timezone: &definition.timezone,
        dst: definition.dst,
        anchor: job.anchor,
        name: definition.name.as_str(),
    };
    Schedule::parse(definition.schedule.as_deref()?, &settings).ok()
}
