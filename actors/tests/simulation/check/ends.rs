//! Promise 4, finished once, recorded always: what ended is recorded as it ended, and nothing stays open.

use cronbus_core::job::Command;
use cronbus_core::run::{Ending, Run, State};

use super::{Evidence, Promise, Violation, violation};
use crate::history::Event;
use crate::simulate::may_stay;
use crate::world::World;

pub(crate) fn check(evidence: &Evidence<'_>, rested: bool) -> Vec<Violation> {
    let mut found = open(evidence);
    found.extend(misrecorded(evidence));
    found.extend(changed_afterwards(evidence));
    if !rested {
        found.extend(restless(evidence));
    }
    found
}

/// Why the world did not come to rest.
fn restless(evidence: &Evidence<'_>) -> Vec<Violation> {
    let World { hosts, ledger, .. } = evidence.world;
    let kept = hosts.iter().flat_map(|host| host.diary.remembered());
    let kept = kept.filter(|kept| !may_stay(evidence.world, kept));
    let mut found: Vec<_> =
        kept.map(|kept| violation(Promise::FinishedOnce, kept.run, "stays in a spool for ever")).collect();
    let watermark = ledger.watermark();
    if watermark < evidence.world.horizon() {
        found.push(violation(Promise::CreatedAlways, watermark, "is where a watermark stands still"));
    }
    found
}

fn open(evidence: &Evidence<'_>) -> Vec<Violation> {
    let open = evidence.rows.values().filter(|row| !row.state.is_terminal());
    open.map(|row| violation(Promise::FinishedOnce, row.id, format!("never ends, is {}", row.state))).collect()
}

/// What is safe in a spool is what the row says in the end; unless somebody had to give the run up before, because its
/// node was gone for too long.
fn misrecorded(evidence: &Evidence<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    for (_, event) in &evidence.lines {
        let Event::Spooled { run, ending, .. } = event else { continue };
        let Some(row) = evidence.rows.get(run) else { continue };
        if row.state != ending.state() && !was_given_up(row, *ending) && !is_nothing(evidence, row) {
            let what = format!("ended as {ending:?} and is recorded as {}: {}", row.state, row.reason);
            found.push(violation(Promise::FinishedOnce, run, what));
        }
    }
    found
}

fn was_given_up(row: &Run, ending: Ending) -> bool {
    row.state == Ending::Lost.state() && ending != Ending::Lost && row.reason.contains("was gone for more than")
}

/// Whether the run is nothing but its end. Such a run begins without its dispatcher's leave, so it may have ended unheard
/// on a node that died, and be another's by then, or be given up when no other takes it: there is nothing that could be
/// done twice, and nothing that was done.
fn is_nothing(evidence: &Evidence<'_>, row: &Run) -> bool {
    let definitions = evidence.jobs.get(&row.job).into_iter().flatten();
    matches!(row.state, State::Killed | State::Rejected)
        && definitions.map(|(_, job)| &job.definition.command).any(|command| *command == Command::Noop)
}

/// An end is the end.
fn changed_afterwards(evidence: &Evidence<'_>) -> Vec<Violation> {
    let moved = evidence.lines.iter().filter_map(|(_, event)| match event {
        Event::Moved { from, run, .. } if from.is_terminal() => Some(run),
        _ => None,
    });
    moved.map(|run| violation(Promise::FinishedOnce, run.id, "changed after its end")).collect()
}
