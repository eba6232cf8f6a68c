//! What every guard promises, and what is written down of it.

use cronbus_core::port::Guard;
use cronbus_core::suite;
use redis::AsyncCommands;

use super::harness::{LONG, bare, claim, clock, ids, node, patient, shared_url};

#[tokio::test]
async fn keeps_the_contract_of_guards() {
    let guard = patient(&shared_url(1)).await;
    suite::guard::keeps_its_contract(&guard, &*clock()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_ask_at_once_exactly_one_gets_each() {
    const IDS: i64 = 5_000;
    let url = shared_url(2);
    let mut asking = Vec::new();
    for number in 0..6 {
        let guard = patient(&url).await;
        asking.push(tokio::spawn(async move { claim(&guard, 0..IDS, &format!("n{number}")).await.unwrap() }));
    }
    let mut times_granted = vec![0; 5_000];
    for answers in asking {
        for (place, granted) in answers.await.unwrap().into_iter().enumerate() {
            times_granted[place] += u32::from(granted);
        }
    }
    assert_eq!(times_granted, vec![1; 5_000]);
}

#[tokio::test]
async fn entries_have_the_documented_form_and_last_longer_once_durable() {
    let url = shared_url(3);
    let (guard, mut bare) = (patient(&url).await, bare(&url).await);
    let id = ids(7..8);
    let key = format!("cronbus:once:{}", id[0]);
    guard.claim(&id, &node("a"), LONG).await.unwrap();
    assert_eq!(bare.get::<_, String>(&key).await.unwrap(), "a");
    let lease: i64 = bare.pttl(&key).await.unwrap();
    assert!((1..=300_000).contains(&lease), "{lease}");
    guard.confirm(&id, &node("a")).await.unwrap();
    let kept: i64 = bare.pttl(&key).await.unwrap();
    assert!((300_001..=600_000).contains(&kept), "{kept}");
    guard.release(&id, &node("a")).await.unwrap();
    assert!(!bare.exists::<_, bool>(&key).await.unwrap());
}
