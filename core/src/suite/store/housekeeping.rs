//! What is not over, and what is forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::samples::{add, added, at, definition, ended, missed, node, rows, update, waiting};
use crate::id::{JobId, Partition, Revision, RunId};
use crate::job::Definition;
use crate::port::Store;
use crate::port::store::{
    ChangeSequence, Error, JobRetention, Page, PrunedJobs, Recording, Retention, RunFilter, Submission, Write,
};
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

/// Each once, whatever its state and however many there are; those that are not there are left out.
pub async fn runs_are_found_by_their_ids(store: &impl Store) {
    const MANY: i64 = 1_200;
    let mut runs: Vec<Run> = (1..=MANY).map(|job| waiting(job, job % 3)).collect();
    runs.push(ended(MANY + 1, 0, Ending::Failed));
    store.create(&rows(&runs)).await.unwrap();
    let mut wanted: Vec<RunId> = runs.iter().skip(1).map(|run| run.id).collect();
    wanted.push(waiting(MANY + 2, 0).id);
    let mut found = store.find(&wanted).await.unwrap();
    found.sort_by_key(|run| run.id);
    let mut expected = runs.split_off(1);
    expected.sort_by_key(|run| run.id);
    assert_eq!(found, expected);
    assert_eq!(store.find(&[]).await.unwrap(), vec![]);
}

/// Of the oldest that are not over: what was handed over, waits or has ended does not count.
pub async fn what_executes_is_counted_by_node(store: &impl Store) {
    let runs: Vec<Run> = (1..=12).map(|job| waiting(job, job)).collect();
    store.create(&rows(&runs)).await.unwrap();
    let mut updates = Vec::new();
    for (place, run) in runs.into_iter().enumerate() {
        let mut run = run;
        let name = ["alpha", "beta", "beta"][place % 3];
        for event in [Event::Assign { node: node(name) }, Event::Start { at: at(20) }].into_iter().take(place / 3) {
            let update = update(&run, event);
            run = update.run.clone();
            updates.push(update);
        }
    }
    store.record(&Recording { updates, ..Recording::default() }).await.unwrap();
    store.create(&rows(&[ended(30, 0, Ending::Failed), missed(31, 0)])).await.unwrap();

    let counted = |counts: &[(&str, u32)]| counts.iter().map(|(name, count)| (node(name), *count)).collect();
    let expected: BTreeMap<_, _> = counted(&[("alpha", 2), ("beta", 4)]);
    assert_eq!(store.executing(1_000).await.unwrap(), expected);
    // The first six have not begun, and then there is one of each three for alpha.
    assert_eq!(store.executing(7).await.unwrap(), counted(&[("alpha", 1)]));
    assert_eq!(store.executing(0).await.unwrap(), BTreeMap::new());
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

async fn revisions_of(store: &impl Store, job: JobId) -> Vec<i32> {
    store.revisions(job, 100).await.unwrap().iter().map(|job| job.revision.0).collect()
}

/// The current one always; page by page over the jobs that have more.
pub async fn each_job_keeps_its_newest_revisions_and_those_of_its_runs(store: &impl Store) {
    let mut jobs = Vec::new();
    for name in ["a", "b", "c"] {
        jobs.push(added(store, name).await);
    }
    for priority in 1..=5 {
        for job in &jobs[..2] {
            let definition = Arc::new(Definition { priority, ..definition(job.definition.name.as_str()) });
            let edit = Write::Replace { job: job.id, expected: None, definition };
            store.write_jobs(&[edit], "ben", at(1)).await.unwrap();
        }
    }
    let of_second = Run { revision: Revision(2), ..ended(jobs[1].id.0, 0, Ending::Succeeded) };
    store.create(&rows(&[of_second])).await.unwrap();

    let first = Page { after: None, limit: 1 };
    assert_eq!(store.prune_revisions(0, &first).await.unwrap(), (0, None), "0 keeps all");
    assert_eq!(store.prune_revisions(2, &first).await.unwrap(), (4, Some(jobs[0].id)), "and there is another job");
    let second = Page { after: Some(jobs[0].id), limit: 1 };
    assert_eq!(store.prune_revisions(2, &second).await.unwrap(), (3, None), "all but the one that a run names");
    assert_eq!(revisions_of(store, jobs[0].id).await, [6, 5]);
    assert_eq!(revisions_of(store, jobs[1].id).await, [6, 5, 2]);
    assert_eq!(revisions_of(store, jobs[2].id).await, [1]);
    assert_eq!(store.prune_revisions(1, &Page { after: None, limit: 9 }).await.unwrap(), (2, None));
    assert_eq!(store.job(jobs[0].id).await.unwrap().map(|job| job.revision), Some(Revision(6)), "the job is as it was");

    store.prune(Retention { before: at(10), per_job: 0, limit: 9 }).await.unwrap();
    assert_eq!(store.prune_revisions(1, &Page { after: None, limit: 9 }).await.unwrap(), (1, None), "its run is gone");
}

/// They are deleted first, so that every node hears of it, and forgotten later, as other deleted jobs are.
pub async fn jobs_made_of_submissions_go_with_their_last_run(store: &impl Store) {
    let mut jobs = Vec::new();
    for name in ["adhoc/idle", "adhoc/busy", "kept", "deleted", "adhocs"] {
        jobs.push(added(store, name).await);
    }
    store.write_jobs(&[Write::Delete { job: jobs[3].id }], "ben", at(5)).await.unwrap();
    store.create(&rows(&[waiting(jobs[1].id.0, 0)])).await.unwrap();
    let last = store.job_changes(ChangeSequence::default(), 10).await.unwrap().last().unwrap().sequence;
    let retention = |before, now| JobRetention { before: at(before), now: at(now), limit: 10 };

    assert_eq!(store.prune_jobs(retention(0, 50)).await.unwrap(), PrunedJobs::default(), "they are young");
    let pruned = store.prune_jobs(retention(10, 50)).await.unwrap();
    assert_eq!(pruned, PrunedJobs { deleted: 1, forgotten: 1, more: false });
    let told = store.job_changes(last, 10).await.unwrap();
    let told: Vec<_> = told.iter().map(|change| (change.job.id, change.job.deleted, change.job.updated_at)).collect();
    assert_eq!(told, [(jobs[0].id, true, at(50))], "the feed tells of the deletion");
    assert_eq!(store.job(jobs[3].id).await.unwrap(), None, "the deleted job is forgotten");
    assert_eq!(store.revisions(jobs[3].id, 10).await.unwrap(), vec![], "with its revisions");

    assert_eq!(store.prune_jobs(retention(50, 90)).await.unwrap(), PrunedJobs::default(), "it was deleted just now");
    let pruned = store.prune_jobs(retention(51, 90)).await.unwrap();
    assert_eq!(pruned, PrunedJobs { deleted: 0, forgotten: 1, more: false });
    let left = store.job_changes(ChangeSequence::default(), 10).await.unwrap();
    let left: Vec<_> = left.iter().map(|change| change.job.definition.name.as_str().to_owned()).collect();
    assert_eq!(left, ["adhoc/busy", "kept", "adhocs"], "one has a run, the others were not made of submissions");
    let again = store.write_jobs(&[add("adhoc/idle")], "ben", at(95)).await.unwrap();
    assert!(again[0].id > jobs[4].id, "no id is given twice");
}

/// What is accepted has a job.
pub async fn a_job_that_goes_takes_no_run(store: &impl Store) {
    let job = added(store, "adhoc/a").await;
    let submission =
        |second| Submission { run: waiting(job.id.0, second), idempotency_key: Some("key".to_owned()), record: None };
    let kept = store.submit(&submission(0)).await.unwrap();
    let retention = JobRetention { before: at(10), now: at(50), limit: 10 };
    assert_eq!(store.prune_jobs(retention).await.unwrap(), PrunedJobs::default(), "it has a run");
    store.write_jobs(&[Write::Delete { job: job.id }], "ben", at(1)).await.unwrap();
    assert_eq!(store.submit(&submission(1)).await.unwrap().run, kept.run, "what was kept before is found");
    let other = Submission { idempotency_key: None, ..submission(1) };
    assert_eq!(store.submit(&other).await, Err(Error::NoSuchJob { job: job.id.to_string() }), "nothing new is");
}
