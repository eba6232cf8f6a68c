//! Promise 1, created once: each row is made once, and its id says which slot, submission or attempt it is.

use std::collections::BTreeSet;

use cronbus_core::id::{Attempt, RunId, Slot};
use cronbus_core::run::{Run, State, Trigger};

use super::{Evidence, Promise, Violation, violation};
use crate::history::Event;

pub(crate) fn check(evidence: &Evidence<'_>) -> Vec<Violation> {
    let mut found = made_twice(evidence);
    found.extend(evidence.rows.values().filter_map(|row| misnamed(evidence, row)));
    found.extend(twice_on_a_node(evidence));
    found
}

fn made_twice(evidence: &Evidence<'_>) -> Vec<Violation> {
    let mut made = BTreeSet::new();
    let mut found = Vec::new();
    for (_, event) in &evidence.lines {
        if let Event::Inserted { run, .. } = event
            && !made.insert(run.id)
        {
            found.push(violation(Promise::CreatedOnce, run.id, "its row was made twice"));
        }
    }
    found
}

fn misnamed(evidence: &Evidence<'_>, row: &Run) -> Option<Violation> {
    let slots = match &row.node {
        Some(node) if row.is_pinned() => RunId::on_node(row.due_at, row.job, node, Attempt::FIRST),
        _ => Slot::new(row.job, row.due_at).run_id(Attempt::FIRST),
    };
    let fits = match row.trigger {
        Trigger::Schedule => row.attempt == Attempt::FIRST && row.id == slots,
        Trigger::Retry => follows_an_attempt(evidence, row),
        Trigger::Manual | Trigger::Adhoc => row.attempt == Attempt::FIRST,
    };
    (!fits).then(|| violation(Promise::CreatedOnce, row.id, format!("its id does not say what it is: {row:?}")))
}

/// The attempt before is there, is over, and ended in a way that its job tries again.
fn follows_an_attempt(evidence: &Evidence<'_>, row: &Run) -> bool {
    let before = |other: &&Run| {
        other.job == row.job
            && other.due_at == row.due_at
            && other.attempt.next() == row.attempt
            && RunId::retry_of(other.id, other.due_at, row.attempt) == row.id
    };
    let ended = [State::Failed, State::TimedOut, State::Lost];
    evidence.rows.values().find(before).is_some_and(|before| ended.contains(&before.state))
}

/// A broadcast has one run of a slot on each node, no more.
fn twice_on_a_node(evidence: &Evidence<'_>) -> Vec<Violation> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let broadcast = |row: &&Run| row.is_pinned() && row.trigger == Trigger::Schedule;
    for row in evidence.rows.values().filter(broadcast) {
        if let Some(node) = &row.node
            && !seen.insert((row.job, row.due_at, node.clone()))
        {
            found.push(violation(Promise::CreatedOnce, row.id, format!("{node} has two runs of one slot")));
        }
    }
    found
}
