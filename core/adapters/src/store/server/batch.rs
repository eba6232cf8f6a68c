//! What a batch of runs means, worked out before and after the database is asked: pure functions.

use std::collections::BTreeMap;

use cronbus_core::id::{Epoch, Partition, RunId};
use cronbus_core::port::store::{Advance, Error, Update};
use cronbus_core::run::{Run, State};

/// The first run of each id, in the order of ids: neighbours in the table are written together, and two writers of the
/// same rows meet in the same order.
pub(in crate::store) fn distinct(runs: &[Run]) -> Vec<&Run> {
    let mut ordered: Vec<&Run> = runs.iter().collect();
    ordered.sort_by_key(|run| run.id);
    ordered.dedup_by_key(|run| run.id);
    ordered
}

/// The rows that a creation is told were there: for each run that came after another of its id, or whose id `existing`
/// has, the row as it is; in the order of ids.
pub(in crate::store) fn existing(runs: &[Run], existing: &BTreeMap<RunId, Run>) -> Vec<Run> {
    let mut ordered: Vec<&Run> = runs.iter().collect();
    ordered.sort_by_key(|run| run.id);
    let mut reported = Vec::new();
    let mut first: Option<&Run> = None;
    for run in ordered {
        let again = first.filter(|first| first.id == run.id);
        if again.is_none() {
            first = Some(run);
        }
        reported.extend(existing.get(&run.id).or(again).cloned());
    }
    reported
}

/// One row that moves from a state to where its last update leaves it.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Step<'u> {
    /// The state the row must be in.
    pub(in crate::store) from: State,
    /// The row as it shall be.
    pub(in crate::store) run: &'u Run,
}

/// One step for each row, in the order of ids, where the updates of each row continue one another; `None` when some do
/// not, and what they come to depends on the row.
pub(in crate::store) fn steps(updates: &[Update]) -> Option<Vec<Step<'_>>> {
    let mut ordered: Vec<&Update> = updates.iter().collect();
    ordered.sort_by_key(|update| update.run.id);
    let mut steps: Vec<Step<'_>> = Vec::with_capacity(ordered.len());
    for update in ordered {
        match steps.last_mut() {
            Some(last) if last.run.id == update.run.id && last.run.state != update.from => return None,
            Some(last) if last.run.id == update.run.id => last.run = &update.run,
            _ => steps.push(Step { from: update.from, run: &update.run }),
        }
    }
    Some(steps)
}

/// What updates come to when they are applied to the rows one after the other.
#[derive(Debug, Default)]
pub(in crate::store) struct Replayed {
    /// The rows that moved: the state each was in, and as it shall be.
    pub(in crate::store) moved: Vec<Update>,
    /// The next attempts that follow from updates that applied.
    pub(in crate::store) next_attempts: Vec<Run>,
    /// The row as it was for each update that did not apply, in the order of ids.
    pub(in crate::store) conflicts: Vec<Run>,
}

/// Applies the updates, those of one row in their order, to the rows as they are in the database.
pub(in crate::store) fn replay(updates: &[Update], mut rows: BTreeMap<RunId, Run>) -> Replayed {
    let mut ordered: Vec<&Update> = updates.iter().collect();
    ordered.sort_by_key(|update| update.run.id);
    let before: BTreeMap<RunId, State> = rows.iter().map(|(id, run)| (*id, run.state)).collect();
    let (mut moved, mut next_attempts, mut conflicts) = (BTreeMap::new(), Vec::new(), Vec::new());
    for update in ordered {
        let Some(row) = rows.get_mut(&update.run.id) else { continue };
        if row.state == update.from {
            *row = moved_on(row, &update.run);
            moved.insert(row.id, row.clone());
            next_attempts.extend(update.next_attempt.as_deref().cloned());
        } else {
            conflicts.push(row.clone());
        }
    }
    let start = |run: Run| before.get(&run.id).map(|from| Update { from: *from, run, next_attempt: None });
    Replayed { moved: moved.into_values().filter_map(start).collect(), next_attempts, conflicts }
}

/// The row with everything that moves as `to` has it; what says which run it is stays.
fn moved_on(row: &Run, to: &Run) -> Run {
    Run {
        job: row.job,
        revision: row.revision,
        due_at: row.due_at,
        trigger: row.trigger,
        attempt: row.attempt,
        shard: row.shard,
        params: row.params.clone(),
        created_at: row.created_at,
        ..to.clone()
    }
}

/// Refuses the first epoch that is not in force. `known` are the epochs in force; 0 is nobody's.
///
/// # Errors
/// `Fenced`.
pub(in crate::store) fn check_epochs(
    wanted: impl IntoIterator<Item = (Partition, Epoch)>,
    known: &BTreeMap<i32, i64>,
) -> Result<(), Error> {
    for (partition, used) in wanted {
        let current = known.get(&i32::from(partition.0)).copied().unwrap_or(0);
        if current == 0 || current != used.0 {
            return Err(Error::Fenced { partition, used, current: Epoch(current) });
        }
    }
    Ok(())
}

/// The watermarks that are reached, each with its partitions: usually one for all of them.
pub(in crate::store) fn watermarks(advances: &[Advance]) -> BTreeMap<i64, Vec<i32>> {
    let mut reached: BTreeMap<i32, i64> = BTreeMap::new();
    for advance in advances {
        let highest = reached.entry(i32::from(advance.partition.0)).or_insert(i64::MIN);
        *highest = (*highest).max(advance.watermark.millis());
    }
    let mut moving: BTreeMap<i64, Vec<i32>> = BTreeMap::new();
    for (number, watermark) in reached {
        moving.entry(watermark).or_default().push(number);
    }
    moving
}

/// The numbers of partitions, each once, in order: rows are locked in one order by everybody.
pub(in crate::store) fn numbers(partitions: impl IntoIterator<Item = Partition>) -> Vec<i32> {
    let mut numbers: Vec<i32> = partitions.into_iter().map(|partition| i32::from(partition.0)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
