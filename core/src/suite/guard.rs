//! What [`Guard`] promises.

use std::time::Duration;

use crate::id::{Attempt, JobId, NodeName, RunId, Slot};
use crate::port::{Clock, Guard};
use crate::time::Timestamp;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);

/// All of it. `clock` is the one that leases end by. Uses ids that no slot of a real job has.
pub async fn keeps_its_contract(guard: &dyn Guard, clock: &dyn Clock) {
    one_of_several_gets_it(guard).await;
    each_place_has_its_own_answer(guard).await;
    what_is_given_back_is_free(guard).await;
    nobody_gives_back_what_another_has(guard).await;
    a_lease_ends_by_itself(guard, clock).await;
}

fn ids(of: i64, how_many: u32) -> Vec<RunId> {
    let slot = Slot::new(JobId(i64::MIN + of), Timestamp::from_seconds(1));
    (1..=how_many).map(|attempt| slot.run_id(Attempt(attempt))).collect()
}

fn node(name: &str) -> NodeName {
    NodeName::new(name).unwrap()
}

async fn one_of_several_gets_it(guard: &dyn Guard) {
    let ids = ids(1, 100);
    assert_eq!(guard.claim(&ids, &node("a"), LONG).await.unwrap(), [true; 100]);
    assert_eq!(guard.claim(&ids, &node("b"), LONG).await.unwrap(), [false; 100]);
    assert_eq!(guard.claim(&ids, &node("a"), LONG).await.unwrap(), [true; 100], "who has it is granted it again");
    assert!(guard.claim(&[], &node("a"), LONG).await.unwrap().is_empty());
}

async fn each_place_has_its_own_answer(guard: &dyn Guard) {
    let ids = ids(2, 4);
    assert_eq!(guard.claim(&[ids[1], ids[3]], &node("a"), LONG).await.unwrap(), [true, true]);
    assert_eq!(guard.claim(&ids, &node("b"), LONG).await.unwrap(), [true, false, true, false]);
    assert_eq!(guard.claim(&[ids[0], ids[0]], &node("b"), LONG).await.unwrap(), [true, true]);
}

async fn what_is_given_back_is_free(guard: &dyn Guard) {
    let ids = ids(3, 3);
    guard.claim(&ids, &node("a"), LONG).await.unwrap();
    guard.release(&ids[..2], &node("a")).await.unwrap();
    assert_eq!(guard.claim(&ids, &node("b"), LONG).await.unwrap(), [true, true, false]);
}

async fn nobody_gives_back_what_another_has(guard: &dyn Guard) {
    let ids = ids(4, 2);
    guard.claim(&ids, &node("a"), LONG).await.unwrap();
    guard.release(&ids, &node("b")).await.unwrap();
    guard.confirm(&ids, &node("b")).await.unwrap();
    assert_eq!(guard.claim(&ids, &node("c"), LONG).await.unwrap(), [false, false]);
    guard.confirm(&ids, &node("a")).await.unwrap();
    guard.confirm(&ids, &node("a")).await.unwrap();
}

async fn a_lease_ends_by_itself(guard: &dyn Guard, clock: &dyn Clock) {
    let ids = ids(5, 2);
    guard.claim(&ids, &node("a"), SHORT).await.unwrap();
    // A guard may end a lease a little later than asked, never for ever.
    for _ in 0..100 {
        clock.sleep(SHORT).await;
        if guard.claim(&ids, &node("b"), LONG).await.unwrap() == [true, true] {
            return;
        }
    }
    panic!("the lease did not end");
}
