//! Compare and set, and the attempts that follow.

use super::samples::{at, ended, furnished, node, rows, update, waiting};
use crate::id::{Epoch, JobId, Revision};
use crate::port::Store;
use crate::port::store::{Error, Fence, Note, Recording, Update};
use crate::run::{Ending, Event, Outcome, Run, State, Trigger};

/// In another state the row stays, and is reported as it is.
pub async fn an_update_needs_the_state_it_names(store: &impl Store) {
    let [free, taken] = [waiting(1, 0), waiting(2, 0)];
    store.create(&rows(&[free.clone(), taken.clone()])).await.unwrap();
    let assigned = update(&taken, Event::Assign { node: node("alpha") });
    store.record(&Recording { updates: vec![assigned.clone()], ..Recording::default() }).await.unwrap();

    let late = update(&taken, Event::Assign { node: node("beta") });
    let good = update(&free, Event::Assign { node: node("beta") });
    let recording = Recording { updates: vec![late, good.clone()], ..Recording::default() };
    let recorded = store.record(&recording).await.unwrap();
    assert_eq!(recorded.conflicts, vec![assigned.run.clone()], "the row in another state is reported as it is");
    assert_eq!(store.run(taken.id).await.unwrap(), Some(assigned.run.clone()), "and it stayed");
    assert_eq!(store.run(free.id).await.unwrap(), Some(good.run.clone()), "the other update applied");

    let again = store.record(&recording).await.unwrap();
    let mut both = [assigned.run, good.run];
    both.sort_by_key(|run| run.id);
    assert_eq!(again.conflicts, both, "doing it again reports both and changes nothing");
}

/// Several updates of one row in one call build on each other.
pub async fn updates_apply_in_their_order(store: &impl Store) {
    let run = waiting(1, 0);
    store.create(&rows(std::slice::from_ref(&run))).await.unwrap();
    let assigned = update(&run, Event::Assign { node: node("alpha") });
    let started = update(&assigned.run, Event::Start { at: at(1) });
    let outcome = Outcome::bare(Ending::Failed, None, at(2), "no");
    let over = update(&started.run, Event::End(Box::new(outcome)));
    let updates = vec![assigned, started, over.clone()];
    let recorded = store.record(&Recording { updates, ..Recording::default() }).await.unwrap();
    assert_eq!(recorded.conflicts, vec![], "each finds the state that the one before left");
    assert_eq!(store.run(run.id).await.unwrap(), Some(over.run), "the last one stands");
}

/// An update moves a run, it never makes another one of it; what moved reads back.
pub async fn what_says_which_run_it_is_stays(store: &impl Store) {
    let run = waiting(1, 0);
    store.create(&rows(std::slice::from_ref(&run))).await.unwrap();
    let moved = Run { id: run.id, ..furnished(2, 50) };
    let expected = Run {
        job: JobId(1),
        revision: Revision(1),
        due_at: run.due_at,
        trigger: Trigger::Schedule,
        attempt: run.attempt,
        shard: run.shard,
        params: None,
        created_at: run.created_at,
        ..moved.clone()
    };
    let updates = vec![Update { from: State::Created, run: moved, next_attempt: None }];
    store.record(&Recording { updates, ..Recording::default() }).await.unwrap();
    assert_eq!(store.run(run.id).await.unwrap(), Some(expected), "what says which run it is stayed, the rest moved");
}

/// With the update that they follow from, and not without it; one that exists is left as it is.
pub async fn next_attempts_come_with_what_they_follow_from(store: &impl Store) {
    let [first, second] = [waiting(1, 0), waiting(2, 0)];
    store.create(&rows(&[first.clone(), second.clone()])).await.unwrap();
    let assign = |run, next: &Run| Update {
        next_attempt: Some(Box::new(next.clone())),
        ..update(run, Event::Assign { node: node("alpha") })
    };
    let record = |update| async { store.record(&Recording { updates: vec![update], ..Recording::default() }).await };
    let next = furnished(1, 60);
    record(assign(&first, &next)).await.unwrap();
    assert_eq!(store.run(next.id).await.unwrap().as_ref(), Some(&next), "the next attempt is there");
    let other = furnished(1, 120);
    let refused = record(assign(&first, &other)).await.unwrap();
    assert_eq!(refused.conflicts.len(), 1, "the row has moved on");
    assert_eq!(store.run(other.id).await.unwrap(), None, "what follows from it is not made");
    let changed = Run { reason: "another".to_owned(), ..next.clone() };
    record(assign(&second, &changed)).await.unwrap();
    assert_eq!(store.run(next.id).await.unwrap(), Some(next), "it is left as it is");
}

/// Nothing is written, also of partitions whose epoch was right.
pub async fn a_former_owner_records_nothing(store: &impl Store) {
    let [mine, lost] = [waiting(1, 0), waiting(2, 0)];
    store.create(&rows(&[mine.clone(), lost.clone()])).await.unwrap();
    let partitions = [mine.job.partition(), lost.job.partition()];
    let claims = store.claim_partitions(&partitions, &node("alpha"), Epoch(0)).await.unwrap();
    let fences: Vec<Fence> =
        claims.iter().map(|claim| Fence { partition: claim.partition, epoch: claim.epoch }).collect();
    let assign = |run| update(run, Event::Assign { node: node("alpha") });
    let recording = Recording { fences, updates: vec![assign(&mine), assign(&lost)], ..Recording::default() };
    let taken = store.claim_partitions(&partitions[1..], &node("beta"), Epoch(0)).await.unwrap();
    let fenced = Error::Fenced { partition: partitions[1], used: claims[1].epoch, current: taken[0].epoch };
    assert_eq!(store.record(&recording).await, Err(fenced), "the former owner is refused");
    for run in [&mine, &lost] {
        assert_eq!(store.run(run.id).await.unwrap().as_ref(), Some(run), "nothing was written");
    }
    let fences = vec![recording.fences[0], Fence { partition: partitions[1], epoch: taken[0].epoch }];
    let recorded = store.record(&Recording { fences, ..recording }).await.unwrap();
    assert_eq!(recorded.conflicts, vec![], "the owner records");
}

/// It makes no row, and the rest of the call is done.
pub async fn an_update_of_no_row_is_passed_over(store: &impl Store) {
    let [gone, there] = [waiting(1, 0), waiting(2, 0)];
    store.create(&rows(std::slice::from_ref(&there))).await.unwrap();
    let assign = |run| update(run, Event::Assign { node: node("alpha") });
    let next = furnished(3, 0);
    let after_nothing = Update { next_attempt: Some(Box::new(next.clone())), ..assign(&gone) };
    let updates = vec![after_nothing, assign(&there)];
    let recorded = store.record(&Recording { updates, ..Recording::default() }).await.unwrap();
    assert_eq!(recorded.conflicts, vec![], "there is no row to report");
    assert_eq!(store.run(gone.id).await.unwrap(), None, "no row was made");
    assert_eq!(
        store.run(there.id).await.unwrap().map(|run| run.state),
        Some(State::Assigned),
        "the other update applied"
    );
    assert_eq!(store.run(next.id).await.unwrap(), None, "nothing follows from it");
}

/// The first note stands, and nothing else of the row changes.
pub async fn what_is_over_is_noted_once(store: &impl Store) {
    let [over, open, gone] = [ended(1, 0, Ending::Lost), waiting(2, 0), ended(3, 0, Ending::Lost)];
    store.create(&rows(&[over.clone(), open.clone()])).await.unwrap();
    let late = Outcome { exit_code: Some(0), ..Outcome::bare(Ending::Succeeded, Some(at(1)), at(2), "a \0 \u{1F5D2}") };
    let first = Note::late(over.id, &node("alpha"), &late);
    let note = |run: &Run| Note { run: run.id, text: "another".to_owned() };
    store.note(std::slice::from_ref(&first)).await.unwrap();
    store.note(&[note(&over), note(&open), note(&gone)]).await.unwrap();
    store.note(&[]).await.unwrap();
    let noted = Run { note: first.text, ..over };
    assert!(noted.note.starts_with("`alpha` told later: started at ") && noted.note.contains("exit code 0"));
    assert_eq!(store.run(noted.id).await.unwrap(), Some(noted), "the first note stands");
    assert_eq!(store.run(open.id).await.unwrap(), Some(open), "it is not over");
    assert_eq!(store.run(gone.id).await.unwrap(), None, "no row was made");
}
