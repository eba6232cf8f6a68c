//! What is not over, and what is forgotten.

use super::samples::{at, ended, missed, node, rows, update, waiting};
use crate::id::{JobId, Partition, RunId};
use crate::port::Store;
use crate::port::store::{Page, Recording, Retention, RunFilter};
use crate::run::{Ending, Event, Run};

async fn kept(store: &impl Store) -> Vec<Run> {
    let (mut runs, _) = store.runs(&RunFilter::default(), &Page { after: None, limit: 1000 }).await.unwrap();
    runs.reverse();
    runs
}

/// In the order of ids, of the partitions named only, in whatever state that is not an end.
pub async fn what_is_not_over_is_listed_page_by_page(store: &impl Store) {
    let mut runs: Vec<Run> = (1..=20).map(|job| waiting(job, job % 3)).collect();
    store.create(&rows(&runs)).await.unwrap();
    let mut updates = Vec::new();
    for run in runs.iter_mut().take(8) {
        updates.push(update(run, Event::Assign { node: node("alpha") }));
    }
    let assigned: Vec<Run> = updates.iter().map(|update| update.run.clone()).collect();
    for run in assigned.iter().take(4) {
        updates.push(update(run, Event::Start { at: at(5) }));
    }
    store.record(&Recording { updates, ..Recording::default() }).await.unwrap();
    store.create(&rows(&[ended(30, 0, Ending::Failed), missed(31, 0)])).await.unwrap();

    let all: Vec<Partition> = Partition::all().collect();
    let unfinished = |run: &Run| !run.state.is_terminal();
    let expected: Vec<Run> = kept(store).await.into_iter().filter(unfinished).collect();
    assert_eq!(expected.len(), 20, "all twenty are there");
    let (mut listed, mut after): (Vec<Run>, Option<RunId>) = (Vec::new(), None);
    loop {
        let page = store.unfinished(&all, after, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        listed.extend(page);
    }
    assert_eq!(listed, expected, "all that is not over, by id");

    let some: Vec<Partition> = (1..=5).map(|job| JobId(job).partition()).collect();
    let mine: Vec<Run> = expected.into_iter().filter(|run| some.contains(&run.job.partition())).collect();
    assert_eq!(store.unfinished(&some, None, 100).await.unwrap(), mine, "of the partitions named only");
    assert_eq!(store.unfinished(&[], None, 100).await.unwrap(), vec![], "of no partition none");
}

/// At most so many in one call, saying whether there are more.
pub async fn old_runs_are_forgotten_oldest_first(store: &impl Store) {
    let mut runs = Vec::new();
    for job in 1..=10 {
        runs.push(ended(job, job * 10, Ending::Succeeded));
    }
    store.create(&rows(&runs)).await.unwrap();
    let retention = Retention { before: at(61), per_job: 0, limit: 4 };
    let pruned = store.prune(retention).await.unwrap();
    assert_eq!((pruned.runs, pruned.more), (4, true), "four, and there are more");
    assert_eq!(kept(store).await, runs[4..], "the oldest are gone");
    let pruned = store.prune(retention).await.unwrap();
    assert_eq!((pruned.runs, pruned.more), (2, false), "two, and that is all");
    assert_eq!(kept(store).await, runs[6..], "what is younger stays");
    let pruned = store.prune(retention).await.unwrap();
    assert_eq!((pruned.runs, pruned.more), (0, false), "nothing is left to forget");
}

/// Of its ended ones; 0 keeps all.
pub async fn each_job_keeps_its_newest_runs(store: &impl Store) {
    let mut runs = vec![waiting(1, 100)];
    for second in 1..=5 {
        runs.push(ended(1, second, Ending::Succeeded));
    }
    runs.push(ended(2, 1, Ending::Succeeded));
    store.create(&rows(&runs)).await.unwrap();
    let keep = |per_job| Retention { before: at(-1000), per_job, limit: 100 };
    assert_eq!(store.prune(keep(0)).await.unwrap().runs, 0, "0 keeps all");
    let pruned = store.prune(keep(3)).await.unwrap();
    assert_eq!((pruned.runs, pruned.more), (2, false), "two beyond the newest three");
    let due: Vec<_> = kept(store).await.into_iter().filter(|run| run.job == JobId(1)).map(|run| run.due_at).collect();
    assert_eq!(due, vec![at(3), at(4), at(5), at(100)], "the newest three ended ones, and the one that waits");
    assert_eq!(kept(store).await.len(), 5, "the other job keeps its own");
}

/// However old, however many.
pub async fn what_is_not_over_is_never_forgotten(store: &impl Store) {
    let mut runs: Vec<Run> = (0..5).map(|second| waiting(1, second)).collect();
    runs.sort_by_key(|run| run.id);
    store.create(&rows(&runs)).await.unwrap();
    let pruned = store.prune(Retention { before: at(1000), per_job: 1, limit: 100 }).await.unwrap();
    assert_eq!((pruned.runs, pruned.more), (0, false), "nothing may be forgotten");
    assert!(kept(store).await == runs, "they are all there");
}
