//! Judges a history by the promises of the design, each in a file of its own. Knows nothing of how nodes work.

mod ends;
mod overlap;
mod rows;
mod slots;
mod starts;
mod submissions;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::id::{JobId, RunId};
use cronbus_core::job::Job;
use cronbus_core::run::{Run, State};

use crate::history::Event;
use crate::world::World;

/// The promises of the design, by their numbers there; the last two are the policies' own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promise {
    CreatedOnce,
    CreatedAlways,
    StartedOnce,
    FinishedOnce,
    AcceptedKept,
    NoCommitNoDispatch,
    NoOverlap,
    Steady,
}

/// A promise that was broken.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) promise: Promise,
    /// What it is about, as it can be found in the history.
    pub(crate) needle: String,
    pub(crate) what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}: {}", self.promise, self.needle, self.what)
    }
}

fn violation(promise: Promise, about: impl fmt::Display, what: impl Into<String>) -> Violation {
    Violation { promise, needle: about.to_string(), what: what.into() }
}

/// What the checks look at.
pub(crate) struct Evidence<'w> {
    pub(crate) world: &'w World,
    pub(crate) lines: Vec<(Duration, Event)>,
    /// The rows at the end.
    pub(crate) rows: BTreeMap<RunId, Run>,
    /// Every state a job was in, in order.
    pub(crate) jobs: BTreeMap<JobId, Vec<(Duration, Arc<Job>)>>,
}

impl<'w> Evidence<'w> {
    fn of(world: &'w World) -> Self {
        let lines = world.history.lines().clone();
        let mut jobs: BTreeMap<JobId, Vec<_>> = BTreeMap::new();
        for (at, event) in &lines {
            if let Event::JobWritten { job } = event {
                jobs.entry(job.id).or_default().push((*at, Arc::clone(job)));
            }
        }
        Self { world, lines, rows: world.ledger.rows(), jobs }
    }

    pub(crate) fn is_lost(&self, run: RunId) -> bool {
        self.rows.get(&run).is_some_and(|row| row.state == State::Lost)
    }
}

/// Everything that is wrong with a world; `rested` says whether it came to rest.
pub(crate) fn all(world: &World, rested: bool) -> Vec<Violation> {
    let evidence = Evidence::of(world);
    let mut found = Vec::new();
    found.extend(rows::check(&evidence));
    found.extend(slots::check(&evidence));
    found.extend(starts::check(&evidence));
    found.extend(ends::check(&evidence, rested));
    found.extend(submissions::check(&evidence));
    found.extend(overlap::check(&evidence));
    found.extend(steady(&evidence));
    found
}

/// No fault of a port makes an actor panic.
fn steady(evidence: &Evidence<'_>) -> Vec<Violation> {
    let panicked = evidence.lines.iter().filter_map(|(_, event)| match event {
        Event::Panicked { life, actor } => Some(violation(Promise::Steady, &life.node, format!("{actor} panicked"))),
        _ => None,
    });
    panicked.collect()
}
