//! Rows, watermarks and epochs, in one transaction.

use super::samples::{advancing, assigned, at, ended, furnished, missed, node, rows, waiting};
use crate::id::{Epoch, JobId, Partition};
use crate::port::Store;
use crate::port::store::{Advance, Claim, Error};
use crate::run::Ending;
use crate::time::Timestamp;

async fn claim(store: &impl Store, job: i64, at_least: i64) -> Claim {
    let partition = JobId(job).partition();
    let claims = store.claim_partitions(&[partition], &node("alpha"), Epoch(at_least)).await.unwrap();
    claims[0]
}

/// Both are there after the call.
pub async fn rows_and_watermarks_come_together(store: &impl Store) {
    let epoch = claim(store, 1, 0).await.epoch;
    let run = waiting(1, 60);
    let created = store.create(&advancing(std::slice::from_ref(&run), 1, epoch, 60)).await.unwrap();
    assert_eq!(created.existing, vec![], "a new row is not reported as existing");
    assert_eq!(store.run(run.id).await.unwrap(), Some(run), "the row is there");
    assert_eq!(claim(store, 1, 0).await.watermark, at(60), "so is the watermark");
}

/// As they are now, not as the creator would have them; those that are new are made.
pub async fn existing_rows_stay_and_are_reported(store: &impl Store) {
    let done = ended(1, 60, Ending::Succeeded);
    store.create(&rows(std::slice::from_ref(&done))).await.unwrap();
    let again = [waiting(1, 0), waiting(1, 60), waiting(1, 120)];
    let created = store.create(&rows(&again)).await.unwrap();
    assert_eq!(created.existing, vec![done.clone()], "the existing row is reported as it is");
    for run in [&again[0], &done, &again[2]] {
        assert_eq!(
            store.run(run.id).await.unwrap().as_ref(),
            Some(run),
            "the rows are there, the existing one unchanged"
        );
    }
    let all = store.create(&rows(&again)).await.unwrap().existing;
    assert_eq!(all, vec![again[0].clone(), done, again[2].clone()], "doing it again reports all and changes nothing");
}

/// Neither rows nor watermarks, also of partitions whose epoch was right.
pub async fn a_stale_epoch_writes_nothing(store: &impl Store) {
    let [mine, lost] = [1, 2].map(|job| JobId(job).partition());
    let epoch = claim(store, 1, 0).await.epoch;
    let old = claim(store, 2, 0).await.epoch;
    let current = claim(store, 2, 0).await.epoch;
    let mut creation = advancing(&[waiting(1, 60), waiting(2, 60)], 1, epoch, 60);
    creation.advances.push(Advance { partition: lost, epoch: old, watermark: at(60) });
    let refused = store.create(&creation).await;
    assert_eq!(refused, Err(Error::Fenced { partition: lost, used: old, current }), "the stale epoch is refused");
    for run in &creation.runs {
        assert_eq!(store.run(run.id).await.unwrap(), None, "no row was written");
    }
    let claims = store.claim_partitions(&[mine, lost], &node("beta"), Epoch(0)).await.unwrap();
    let watermarks: Vec<Timestamp> = claims.iter().map(|claim| claim.watermark).collect();
    assert_eq!(watermarks, vec![Timestamp::EPOCH; 2], "no watermark moved");
}

/// No epoch is in force there, not even 0.
pub async fn nobody_creates_for_a_partition_never_claimed(store: &impl Store) {
    let run = waiting(1, 60);
    let refused = store.create(&advancing(std::slice::from_ref(&run), 1, Epoch(0), 60)).await;
    let fenced = Error::Fenced { partition: JobId(1).partition(), used: Epoch(0), current: Epoch(0) };
    assert_eq!(refused, Err(fenced), "nobody has the partition");
    assert_eq!(store.run(run.id).await.unwrap(), None, "no row was written");
}

/// An older one leaves it, and the rows that come with it are written.
pub async fn a_watermark_never_moves_back(store: &impl Store) {
    let epoch = claim(store, 1, 0).await.epoch;
    store.create(&advancing(&[], 1, epoch, 60)).await.unwrap();
    let late = waiting(1, 30);
    store.create(&advancing(std::slice::from_ref(&late), 1, epoch, 30)).await.unwrap();
    assert_eq!(store.run(late.id).await.unwrap(), Some(late), "the late row is there");
    assert_eq!(claim(store, 1, 0).await.watermark, at(60), "the watermark stayed");
}

/// Larger than the last, no smaller than asked for, one for each partition named.
pub async fn every_claim_has_a_larger_epoch(store: &impl Store) {
    let all: Vec<Partition> = Partition::all().collect();
    let first = store.claim_partitions(&all, &node("alpha"), Epoch(0)).await.unwrap();
    let named: Vec<Partition> = first.iter().map(|claim| claim.partition).collect();
    assert_eq!(named, all, "a claim for each partition, in order");
    let fresh = first.iter().all(|claim| claim.epoch > Epoch(0) && claim.watermark == Timestamp::EPOCH);
    assert!(fresh, "nobody ever owned them");
    let mut last = claim(store, 1, 0).await.epoch;
    for at_least in [0, 0, 50, 7, 51] {
        let next = claim(store, 1, at_least).await.epoch;
        assert_eq!((next > last, next >= Epoch(at_least)), (true, true), "{next:?} after {last:?}, {at_least} asked");
        last = next;
    }
}

/// Of rows that wait, and of rows with something in every field.
pub async fn every_field_reads_back(store: &impl Store) {
    let runs = [waiting(1, 0), assigned(5, 0), furnished(2, 0), missed(3, 0), ended(4, 0, Ending::Lost)];
    store.create(&rows(&runs)).await.unwrap();
    for run in runs {
        assert_eq!(store.run(run.id).await.unwrap(), Some(run), "the row reads back");
    }
}
