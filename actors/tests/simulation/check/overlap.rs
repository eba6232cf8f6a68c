//! Runs of a job that must not overlap do not: no two processes of it are there at one moment.
//!
//! One exception is legitimate: a run that was given up as lost, because its node was gone or was killed before it had
//! noted the process, may go on unseen while a later one starts. A broadcast's runs overlap with those on other nodes.

use std::collections::BTreeMap;

use cronbus_core::id::{JobId, NodeName};
use cronbus_core::job::Overlap;

use super::{Evidence, Promise, Violation, violation};
use crate::processes::Execution;

pub(crate) fn check(evidence: &Evidence<'_>) -> Vec<Violation> {
    let mut lanes: BTreeMap<(JobId, Option<NodeName>), Vec<Execution>> = BTreeMap::new();
    for execution in evidence.world.processes.all() {
        let pinned = evidence.rows.get(&execution.run).is_some_and(|row| row.is_pinned());
        let node = pinned.then(|| execution.life.node.clone());
        if !may_overlap(evidence, execution.job) {
            lanes.entry((execution.job, node)).or_default().push(execution);
        }
    }
    lanes.values().flat_map(|lane| within(evidence, lane)).collect()
}

fn may_overlap(evidence: &Evidence<'_>, job: JobId) -> bool {
    let states = evidence.jobs.get(&job).into_iter().flatten();
    states.last().is_none_or(|(_, job)| job.definition.overlap == Overlap::Allow)
}

fn within(evidence: &Evidence<'_>, lane: &[Execution]) -> Vec<Violation> {
    let mut found = Vec::new();
    for (place, later) in lane.iter().enumerate() {
        let earlier = lane[..place].iter().filter(|earlier| earlier.run != later.run && earlier.until > later.from);
        for earlier in earlier.filter(|earlier| !evidence.is_lost(earlier.run)) {
            let what = format!("started while {} still ran ({earlier:?}, {later:?})", earlier.run);
            found.push(violation(Promise::NoOverlap, later.run, what));
        }
    }
    found
}
