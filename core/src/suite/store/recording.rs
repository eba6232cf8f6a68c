//! Compare and set, and the attempts that follow.

use super::samples::{at, ended, furnished, node, rows, update, waiting};
use crate::id::{JobId, Revision};
use crate::port::Store;
use crate::port::store::{Recording, Update};
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
    let updates = vec![Update { from: State::Created, run: moved }];
    store.record(&Recording { updates, ..Recording::default() }).await.unwrap();
    assert_eq!(store.run(run.id).await.unwrap(), Some(expected), "what says which run it is stayed, the rest moved");
}

/// With the outcome that they follow from; one that exists is left as it is.
pub async fn next_attempts_come_once(store: &impl Store) {
    let run = waiting(1, 0);
    store.create(&rows(std::slice::from_ref(&run))).await.unwrap();
    let next = furnished(1, 60);
    let recording = Recording { updates: Vec::new(), follow_ups: vec![next.clone()] };
    store.record(&recording).await.unwrap();
    assert_eq!(store.run(next.id).await.unwrap().as_ref(), Some(&next), "the next attempt is there");
    let other = Run { reason: "another".to_owned(), ..next.clone() };
    store.record(&Recording { updates: Vec::new(), follow_ups: vec![other] }).await.unwrap();
    assert_eq!(store.run(next.id).await.unwrap(), Some(next), "it is left as it is");
}

/// It makes no row, and the rest of the call is done.
pub async fn an_update_of_no_row_is_passed_over(store: &impl Store) {
    let [gone, there] = [waiting(1, 0), waiting(2, 0)];
    store.create(&rows(std::slice::from_ref(&there))).await.unwrap();
    let assign = |run| update(run, Event::Assign { node: node("alpha") });
    let updates = vec![assign(&gone), assign(&there)];
    let next = ended(3, 0, Ending::Killed);
    let recorded = store.record(&Recording { updates, follow_ups: vec![next.clone()] }).await.unwrap();
    assert_eq!(recorded.conflicts, vec![], "there is no row to report");
    assert_eq!(store.run(gone.id).await.unwrap(), None, "no row was made");
    assert_eq!(
        store.run(there.id).await.unwrap().map(|run| run.state),
        Some(State::Assigned),
        "the other update applied"
    );
    assert_eq!(store.run(next.id).await.unwrap(), Some(next), "the next attempt is there");
}
