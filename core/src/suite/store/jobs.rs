//! Changes of jobs, their names and revisions, and the feed.

use std::sync::Arc;

use super::samples::{add, added, at, definition, node};
use crate::id::{Epoch, JobId, Revision};
use crate::job::{Definition, Job, Pause};
use crate::port::Store;
use crate::port::store::{Advance, Change, ChangeSequence, Creation, Error, Write};
use crate::time::Timestamp;

fn replace(job: &Job, expected: Option<Revision>, definition: Definition) -> Write {
    Write::Replace { job: job.id, expected, definition: Arc::new(definition) }
}

fn pause(job: &Job) -> Write {
    let pause = Pause { since: at(1), until: Some(at(99)), note: "a \"note\"".to_owned(), by: "ben".to_owned() };
    Write::Pause { job: job.id, pause }
}

/// What a change answers is what is read afterwards, by id and by name.
pub async fn jobs_read_back(store: &impl Store) {
    let mut job = added(store, "nightly/报表").await;
    assert_eq!(*job, Job::added(job.id, Arc::clone(&job.definition), "ann", at(0)), "a job at its first revision");
    let other = Definition { priority: 9, ..definition("nightly/报表") };
    for write in [pause(&job), replace(&job, None, other), Write::Resume { job: job.id }] {
        let expected = Arc::new(job.changed(&write, "ben", at(5), Timestamp::EPOCH));
        assert_eq!(
            store.write_jobs(&[write], "ben", at(5)).await.unwrap(),
            vec![Arc::clone(&expected)],
            "the change is answered"
        );
        assert_eq!(store.job(job.id).await.unwrap(), Some(Arc::clone(&expected)), "it reads back by id");
        assert_eq!(store.job_by_name("nightly/报表").await.unwrap(), Some(Arc::clone(&expected)), "and by name");
        job = expected;
    }
    assert_eq!(store.job(JobId(job.id.0 + 1)).await.unwrap(), None, "there is no other id");
    assert_eq!(store.job_by_name("nightly").await.unwrap(), None, "there is no other name");
}

/// A later change that is refused undoes the earlier ones, in the jobs, the names, the revisions and the feed.
pub async fn a_batch_is_made_whole_or_not_at_all(store: &impl Store) {
    let kept = added(store, "kept").await;
    let before = store.job_changes(ChangeSequence::default(), 10).await.unwrap();
    let renamed = replace(&kept, None, definition("renamed"));
    let nobody = JobId(kept.id.0 + 100);
    let refused = store.write_jobs(&[add("new"), renamed, Write::Resume { job: nobody }], "ben", at(5)).await;
    assert_eq!(refused, Err(Error::NoSuchJob { job: nobody.to_string() }), "the last change is refused");
    assert_eq!(store.job_changes(ChangeSequence::default(), 10).await.unwrap(), before, "the feed is as it was");
    assert_eq!(store.job_by_name("new").await.unwrap(), None, "nothing was added");
    assert_eq!(store.job_by_name("kept").await.unwrap(), Some(Arc::clone(&kept)), "nothing was renamed");
    assert_eq!(store.revisions(kept.id, 10).await.unwrap().len(), 1, "no revision was kept");
    let both = store.write_jobs(&["a", "b"].map(add), "ben", at(6)).await.unwrap();
    let names: Vec<&str> = both.iter().map(|job| job.definition.name.as_str()).collect();
    assert_eq!(names, vec!["a", "b"], "a batch answers in its order");
}

/// When a job is added, and when it is renamed; also within one batch.
pub async fn a_name_belongs_to_one_job(store: &impl Store) {
    let [first, second] = [added(store, "first").await, added(store, "second").await];
    assert!(first.id != second.id, "each job has its own id");
    let taken = Err(Error::NameTaken { name: "first".to_owned(), taken_by: first.id });
    assert_eq!(store.write_jobs(&[add("first")], "ben", at(1)).await, taken, "adding needs a free name");
    let rename = replace(&second, None, definition("first"));
    assert_eq!(store.write_jobs(&[rename], "ben", at(1)).await, taken, "so does renaming");
    let same = replace(&first, None, definition("first"));
    assert!(store.write_jobs(&[same], "ben", at(1)).await.is_ok(), "a job may keep its own name");
    let twice = store.write_jobs(&[add("third"), add("third")], "ben", at(1)).await;
    assert!(matches!(twice, Err(Error::NameTaken { .. })), "twice in one batch is refused: {twice:?}");
}

/// For another job, also in the same batch; the deleted one stays for the history.
pub async fn a_name_is_free_after_its_job_is_deleted(store: &impl Store) {
    let old = added(store, "a").await;
    let jobs = store.write_jobs(&[Write::Delete { job: old.id }, add("a")], "ben", at(1)).await.unwrap();
    let [deleted, new] = jobs.as_slice() else { panic!("two changes, two answers") };
    assert!(deleted.deleted && deleted.id == old.id && new.id != old.id, "the new job has its own id");
    assert_eq!(store.job_by_name("a").await.unwrap().as_ref(), Some(new), "the name is the new one's");
    assert_eq!(store.job(old.id).await.unwrap().as_ref(), Some(deleted), "the deleted job is still there by its id");
}

/// And is refused when someone was faster.
pub async fn a_change_may_name_its_revision(store: &impl Store) {
    let job = added(store, "a").await;
    let edit = |expected| replace(&job, expected, Definition { priority: 1, ..definition("a") });
    store.write_jobs(&[edit(Some(Revision(1)))], "ben", at(1)).await.unwrap();
    let late = store.write_jobs(&[edit(Some(Revision(1)))], "cat", at(2)).await;
    let conflict = Error::RevisionConflict { job: job.id, expected: Revision(1), current: Revision(2) };
    assert_eq!(late, Err(conflict), "the second editor is told");
    let unconditional = store.write_jobs(&[edit(None)], "cat", at(2)).await.unwrap();
    let revision = unconditional.first().map(|job| job.revision);
    assert_eq!(revision, Some(Revision(3)), "who names none replaces what is there");
}

/// Newest first, each as it was made, with who and when.
pub async fn revisions_are_kept(store: &impl Store) {
    let job = added(store, "a").await;
    let mut made = vec![Arc::clone(&job)];
    for (author, second, priority) in [("ben", 5, 1), ("cat", 6, 2)] {
        let edit = replace(&job, None, Definition { priority, ..definition("a") });
        made.extend(store.write_jobs(&[edit], author, at(second)).await.unwrap());
        store.write_jobs(&[pause(&job)], "dan", at(second)).await.unwrap();
    }
    store.write_jobs(&[Write::Delete { job: job.id }], "eve", at(9)).await.unwrap();
    made.reverse();
    assert_eq!(store.revisions(job.id, 10).await.unwrap(), made, "all of them, newest first");
    assert_eq!(store.revisions(job.id, 2).await.unwrap(), made[..2], "the newest two");
    assert_eq!(store.revisions(JobId(job.id.0 + 1), 10).await.unwrap(), vec![], "none of a job that is not there");
}

/// In the order of the changes, page by page; deleted ones too.
pub async fn the_feed_shows_each_job_once_at_its_newest(store: &impl Store) {
    let mut jobs = Vec::new();
    for name in ["a", "b", "c"] {
        jobs.push(added(store, name).await);
    }
    let feed = store.job_changes(ChangeSequence::default(), 10).await.unwrap();
    assert_eq!(
        feed.iter().map(|change| &change.job).collect::<Vec<_>>(),
        jobs.iter().collect::<Vec<_>>(),
        "all there are"
    );
    assert!(feed.iter().all(|change| change.sequence > ChangeSequence::default()), "0 is before the first");
    let last = feed.last().unwrap();
    assert_eq!(store.job_changes(last.sequence, 10).await.unwrap(), vec![], "nothing after the last");

    let first = &jobs[0];
    let writes = [pause(first), Write::Delete { job: first.id }, add("a"), Write::Resume { job: last.job.id }];
    let [_, deleted, again, resumed] =
        <[_; 4]>::try_from(store.write_jobs(&writes, "ben", at(1)).await.unwrap()).unwrap();
    let changed = store.job_changes(last.sequence, 10).await.unwrap();
    let newest: Vec<&Arc<Job>> = changed.iter().map(|change| &change.job).collect();
    assert_eq!(newest, vec![&deleted, &again, &resumed], "each changed job once, at its newest, in order");
    assert!(changed.is_sorted_by(|a, b| a.sequence < b.sequence), "sequences grow");

    let mut paged: Vec<Change> = Vec::new();
    while let [change] =
        store.job_changes(paged.last().map(|it| it.sequence).unwrap_or_default(), 1).await.unwrap().as_slice()
    {
        paged.push(change.clone());
    }
    assert_eq!(
        paged,
        store.job_changes(ChangeSequence::default(), 10).await.unwrap(),
        "page by page it is the same feed"
    );
}

/// Neither an edit, nor a pause, nor a second deletion.
pub async fn a_deleted_job_takes_no_change(store: &impl Store) {
    let job = added(store, "a").await;
    let delete = Write::Delete { job: job.id };
    store.write_jobs(std::slice::from_ref(&delete), "ben", at(1)).await.unwrap();
    for write in [replace(&job, None, definition("b")), pause(&job), Write::Resume { job: job.id }, delete] {
        let refused = store.write_jobs(&[write], "ben", at(2)).await;
        assert_eq!(refused, Err(Error::NoSuchJob { job: job.id.to_string() }), "the job is gone");
    }
}

/// While no job has the name; by id at any time.
pub async fn the_job_that_had_a_name_last_is_remembered(store: &impl Store) {
    let mut gone = Vec::new();
    for second in [1, 2] {
        let job = added(store, "ç/b").await;
        let deleted = store.write_jobs(&[Write::Delete { job: job.id }], "ben", at(second)).await.unwrap();
        gone.extend(deleted);
    }
    let other = added(store, "ç/bc").await;
    let delete_other = Write::Delete { job: other.id };
    store.write_jobs(&[delete_other], "ben", at(9)).await.unwrap();
    assert_eq!(store.job_remembered("ç/b").await.unwrap().as_ref(), gone.last(), "the one deleted last");
    assert_eq!(store.job_meant("ç/b").await.unwrap(), None, "it is meant by nobody who asks for a job");
    assert_eq!(store.job_remembered("Ç/b").await.unwrap(), None, "names are compared letter by letter");
    let living = added(store, "ç/b").await;
    assert_eq!(store.job_remembered("ç/b").await.unwrap(), Some(living), "one that lives stands before it");
    let first = store.job_remembered(&gone[0].id.to_string()).await.unwrap();
    assert_eq!(first.as_ref(), gone.first(), "its id is its own");
}

/// With the job, by id and in the feed, until the watermark has passed them; within one batch too.
pub async fn what_a_job_was_is_kept_while_slots_of_it_have_no_answer(store: &impl Store) {
    let job = added(store, "a").await;
    let claim = claimed(store, &job, at(600)).await;
    let pause = Pause { since: at(1200), until: None, note: String::new(), by: "ben".to_owned() };
    let writes = [Write::Pause { job: job.id, pause: pause.clone() }, Write::Resume { job: job.id }];
    store.write_jobs(&writes, "ben", at(1200)).await.unwrap();
    let hourly = Definition { schedule: Some("0 * * * *".to_owned()), ..definition("a") };
    store.write_jobs(&[replace(&job, None, hourly)], "ben", at(1800)).await.unwrap();
    let expected = [(at(600), at(1200)), (at(1200), at(1800))];
    let spans = |job: &Job| job.former().iter().map(|was| (was.after, was.until)).collect::<Vec<_>>();
    let read = store.job(job.id).await.unwrap().unwrap();
    assert_eq!(spans(&read), expected, "what was due before each change and has no answer");
    let fed = store.job_changes(ChangeSequence::default(), 10).await.unwrap();
    assert_eq!(fed.last().map(|change| &change.job), Some(&read), "it is in the feed");
    let watched: Vec<_> = read.former().iter().map(|was| was.job.definition.schedule.as_deref()).collect();
    assert_eq!(watched, [Some("* * * * *"); 2], "under the rule of then");

    let moved = Creation { advances: vec![Advance { watermark: at(1500), ..claim }], ..Creation::default() };
    store.create(&moved).await.unwrap();
    let deleted = store.write_jobs(&[Write::Delete { job: job.id }], "ben", at(1900)).await.unwrap();
    assert_eq!(spans(&deleted[0]), expected[1..], "the owner has answered for the first");
    assert_eq!(store.job(job.id).await.unwrap().as_ref(), deleted.first(), "a deleted job keeps it, too");
}

/// Owns the job's partition, whose slots were created up to `watermark`.
async fn claimed(store: &impl Store, job: &Job, watermark: Timestamp) -> Advance {
    let claims = store.claim_partitions(&[job.partition()], &node("alpha"), Epoch(1)).await.unwrap();
    let advance = Advance { partition: job.partition(), epoch: claims[0].epoch, watermark };
    store.create(&Creation { advances: vec![advance], ..Creation::default() }).await.unwrap();
    advance
}
