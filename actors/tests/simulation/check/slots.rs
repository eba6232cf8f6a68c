//! Promise 2, created always: every slot that counts has its row, and no row is there without a slot.
//!
//! The slots of a job's newest state count from its change on. Of an older state those count that lie before one that
//! has a row: a job that was changed before anybody had looked at it has no slots of its former rule, but no holes
//! either.

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
            let next = self.states.get(place + 1);
            for hole in self.holes(state, next.map(|next| next.updated_at)) {
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

    /// The slots of a state without rows. `until` is when the next state came.
    fn holes(&self, state: &Job, until: Option<Timestamp>) -> Vec<Timestamp> {
        let Some(rule) = rule(state).filter(|_| !state.deleted && state.definition.enabled) else { return Vec::new() };
        let last = match until {
            None => self.horizon,
            Some(until) => self.last_made_by(state, until),
        };
        let slots = rule.fires(state.effective_from).map(|fire| fire.at);
        slots
            .take_while(|at| *at < self.horizon && *at <= last)
            .filter(|at| until.is_none_or(|until| *at <= until) && !is_paused(state, *at))
            .filter(|at| !self.due.contains(at) && !self.is_summed_up(*at))
            .collect()
    }

    /// The last slot of this state before `until` that has a row.
    fn last_made_by(&self, state: &Job, until: Timestamp) -> Timestamp {
        let made = |row: &&&Run| row.revision == state.revision && row.due_at <= until;
        self.rows.iter().filter(made).map(|row| row.due_at).max().unwrap_or(Timestamp::EPOCH)
    }

    /// Whether a row beside the hole says that there are slots without rows.
    fn is_summed_up(&self, hole: Timestamp) -> bool {
        let before = self.rows.iter().rev().find(|row| row.due_at < hole);
        let after = self.rows.iter().find(|row| row.due_at > hole);
        before.is_some_and(|row| says(row, "further slots")) || after.is_some_and(|row| says(row, "earlier slots"))
    }
}

fn says(row: &Run, which: &str) -> bool {
    row.reason.contains(which) && row.reason.contains("no rows")
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
