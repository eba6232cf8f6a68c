//! Entries with what they tell of, lists of them, and what is forgotten.

use std::sync::Arc;

use super::samples::{add, added, at, definition, node, waiting};
use crate::alert::{Acknowledgement, EventId, Matcher, Silence};
use crate::audit::{Action, Actor, Entry, EntryId, Kind, Object, ObjectKind, Trail};
use crate::port::Store;
use crate::port::store::{AuditFilter, Page, Submission, Write};

/// Somebody with a name that is hard on a database.
pub(super) fn trail(name: &str, second: i64) -> Trail {
    Trail { actor: Actor { kind: Kind::User, ..Actor::node(name) }, at: at(second), nonce: 77 }
}

/// An entry made at that second.
pub fn entry(name: &str, second: i64) -> Entry {
    trail(name, second).entry(0, Action::NodeDrain, Object::named(ObjectKind::Node, "alpha"))
}

fn all() -> Page<EntryId> {
    Page { after: None, limit: 100 }
}

async fn listed(store: &impl Store, filter: AuditFilter) -> Vec<Entry> {
    store.entries(&filter, &all()).await.unwrap().0
}

/// Each change of a job has its entry, with what it was and became.
pub async fn changes_of_jobs_come_with_their_entries(store: &impl Store) {
    let trail = trail("anna \"é\"", 1);
    let jobs = store.write_jobs_on_record(&[add("a"), add("b/报")], &trail).await.unwrap();
    let other = crate::job::Definition { priority: 9, ..definition("a") };
    let replace = Write::Replace { job: jobs[0].id, expected: None, definition: Arc::new(other) };
    let trail = Trail { at: at(2), ..trail };
    store.write_jobs_on_record(&[replace, Write::Delete { job: jobs[1].id }], &trail).await.unwrap();
    let found = listed(store, AuditFilter::default()).await;
    let told: Vec<_> = found.iter().map(|entry| (entry.action.as_str(), entry.object.name.as_str())).collect();
    let expected = [("job.delete", "b/报"), ("job.update", "a"), ("job.create", "b/报"), ("job.create", "a")];
    assert_eq!(told, expected, "the newest first");
    let update = &found[1];
    assert_eq!((&update.actor, update.at), (&trail.actor, at(2)));
    assert_eq!(update.before.as_ref().unwrap()["revision"], 1);
    assert_eq!(update.after.as_ref().unwrap()["definition"]["priority"], 9);
    assert_eq!(store.job(jobs[0].id).await.unwrap().unwrap().updated_by, "anna \"é\"");
    assert_eq!(store.entry(update.id).await.unwrap().as_ref(), Some(update));
}

/// What is refused leaves no entry, not even of the changes before it.
pub async fn a_change_that_is_refused_leaves_no_entry(store: &impl Store) {
    added(store, "a").await;
    assert!(store.write_jobs_on_record(&[add("b"), add("a")], &trail("ann", 1)).await.is_err());
    assert_eq!(listed(store, AuditFilter::default()).await, vec![]);
}

/// A run that is asked for has an entry once, however often it is asked for.
pub async fn a_run_that_is_asked_for_has_one_entry(store: &impl Store) {
    let job = added(store, "a").await;
    for second in [3, 4] {
        let (record, key) = (Some(entry("ann", second)), Some("key".to_owned()));
        let submission = Submission { run: waiting(job.id.0, second), idempotency_key: key, record };
        store.submit(&submission).await.unwrap();
    }
    assert_eq!(listed(store, AuditFilter::default()).await, vec![entry("ann", 3)]);
}

/// Silences come with their entries; so do acknowledgements of what there is.
pub async fn silences_and_acknowledgements_come_with_their_entries(store: &impl Store) {
    let silence = Silence::new(Matcher::default(), at(0), at(9), "ann", "", "");
    store.put_silence(&silence, &entry("ann", 1)).await.unwrap();
    let acknowledgement = Acknowledgement { by: "ben".to_owned(), at: at(2), note: String::new() };
    let nothing = EventId::from_bytes([7; 16]);
    assert!(!store.acknowledge(nothing, &acknowledgement, &entry("ben", 2)).await.unwrap());
    assert_eq!(listed(store, AuditFilter::default()).await, vec![entry("ann", 1)]);
}

/// Every filter restricts, and pages follow one another without a gap.
pub async fn entries_are_listed_newest_first_page_by_page(store: &impl Store) {
    let of = |name: &str, second, action, object| trail(name, second).entry(0, action, object);
    let job = || Object::with_id(ObjectKind::Job, "a", 7);
    let entries = [
        of("ann", 1, Action::JobCreate, job()),
        of("ben", 2, Action::JobUpdate, job()).changing(Some(1.into()), Some("é".into())),
        of("ann", 3, Action::NodeDrain, Object::named(ObjectKind::Node, "a")),
    ];
    store.keep_entries(&entries).await.unwrap();
    store.keep_entries(&entries[..1]).await.unwrap();
    let any = AuditFilter::default;
    for (filter, expected) in [
        (any(), vec![2, 1, 0]),
        (AuditFilter { actor: Some("ann".to_owned()), ..any() }, vec![2, 0]),
        (AuditFilter { action: Some(Action::JobUpdate), ..any() }, vec![1]),
        (AuditFilter { kind: Some(ObjectKind::Node), ..any() }, vec![2]),
        (AuditFilter { object: Some("a".to_owned()), ..any() }, vec![2, 1, 0]),
        (AuditFilter { object: Some("A".to_owned()), ..any() }, vec![]),
        (AuditFilter { from: Some(at(2)), ..any() }, vec![2, 1]),
        (AuditFilter { until: Some(at(2)), ..any() }, vec![0]),
    ] {
        let expected: Vec<Entry> = expected.into_iter().map(|place: usize| entries[place].clone()).collect();
        assert_eq!(listed(store, filter.clone()).await, expected, "{filter:?}");
    }
    let (first, next) = store.entries(&any(), &Page { after: None, limit: 2 }).await.unwrap();
    assert_eq!((first.len(), next), (2, Some(entries[1].id)));
    let (second, next) = store.entries(&any(), &Page { after: next, limit: 2 }).await.unwrap();
    assert_eq!((second, next), (vec![entries[0].clone()], None));
}

/// What is old is forgotten, the oldest first, and nothing else.
pub async fn old_entries_are_forgotten(store: &impl Store) {
    let entries: Vec<Entry> = (1..=4).map(|second| entry(node("n").as_str(), second)).collect();
    store.keep_entries(&entries).await.unwrap();
    assert_eq!(store.prune_entries(at(4), 2).await.unwrap(), 2);
    assert_eq!(store.prune_entries(at(4), 2).await.unwrap(), 1);
    assert_eq!(store.prune_entries(at(4), 2).await.unwrap(), 0);
    assert_eq!(listed(store, AuditFilter::default()).await, entries[3..]);
}
