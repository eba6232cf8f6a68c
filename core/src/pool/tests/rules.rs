//! The rules of the pool, one by one.

use super::*;

#[test]
fn the_highest_priority_first_then_in_order_and_within_the_jobs_limit() {
    let mut pool = pool(2, 100);
    let [low, high, single] = [job(1, 1, None), job(2, 8, None), job(3, 8, Some(1))];
    let runs: Vec<_> =
        [&low, &single, &single, &high, &high].iter().zip(1..).map(|(job, number)| assignment(job, number)).collect();
    give(&mut pool, 1, runs.clone());
    assert_eq!(started(&mut pool), [runs[1].run, runs[3].run], "the second of the single ones waits for the first");
    end(&mut pool, runs[1].run, single.id);
    assert_eq!(started(&mut pool), [runs[2].run], "it goes before those that came later");
    end(&mut pool, runs[3].run, high.id);
    assert_eq!(started(&mut pool), [runs[4].run]);
    end(&mut pool, runs[4].run, high.id);
    assert_eq!(started(&mut pool), [runs[0].run]);
}

#[test]
fn runs_set_aside_keep_their_order_however_late_they_start() {
    let mut pool = pool(2, 100);
    let [pair, other] = [job(1, 5, Some(2)), job(2, 9, None)];
    let runs: Vec<_> = (1..=4).map(|number| assignment(&pair, number)).collect();
    give(&mut pool, 1, runs.clone());
    assert_eq!(started(&mut pool), [runs[0].run, runs[1].run]);
    assert!(started(&mut pool).is_empty());
    let urgent: Vec<_> = (5..=6).map(|number| assignment(&other, number)).collect();
    give(&mut pool, 2, urgent.clone());
    for (over, next) in [(&runs[0], &urgent[0]), (&runs[1], &urgent[1]), (&urgent[0], &runs[2]), (&urgent[1], &runs[3])]
    {
        end(&mut pool, over.run, over.job.id);
        assert_eq!(started(&mut pool), [next.run]);
    }
}

#[test]
fn what_was_disowned_is_refused_unless_it_is_handed_over_again() {
    let mut pool = pool(2, 100);
    let late = assignment(&job(1, 5, None), 7);
    let upto = Handover(9);
    assert_eq!(pool.inquired(&[late.run], upto), [Report::Unknown { run: late.run, upto }]);
    assert!(matches!(give(&mut pool, 1, vec![late.clone()])[..], [Report::Refused { expired: false, .. }]));
    let handover = Handover(10);
    let again = Assignment { handover, ..late.clone() };
    assert_eq!(give(&mut pool, 2, vec![again]), [Report::Accepted { run: late.run, handover }]);
    assert_eq!(started(&mut pool), [late.run]);
    end(&mut pool, late.run, late.job.id);
    assert_eq!(pool.acknowledged(&[late.run]), [late.run]);
    assert!(matches!(give(&mut pool, 3, vec![late])[..], [Report::Refused { .. }]), "it does not start twice");
}

#[test]
fn assignments_for_another_life_are_not_taken() {
    let job = job(1, 5, None);
    let [over, lost, never] = [1, 2, 3].map(|number| assignment(&job, number));
    let remembered = |assignment: &Assignment, begun, outcome| Remembered {
        run: assignment.run,
        job: job.id,
        begun,
        started_at: None,
        process: None,
        outcome,
    };
    let outcome = Arc::new(Outcome::bare(Ending::Failed, None, LIFE, ""));
    let mut pool = pool(2, 100);
    let (orphans, never_begun) = pool.recover(vec![
        remembered(&over, true, Some(Arc::clone(&outcome))),
        remembered(&lost, true, None),
        remembered(&never, false, None),
    ]);
    assert_eq!((orphans.len(), orphans[0].run, never_begun), (1, lost.run, vec![never.run]));

    let all = vec![over.clone(), lost.clone(), never.clone()];
    let former = AssignmentBatch { to_life: Timestamp::from_seconds(1), ..batch(1, all.clone()) };
    let offer = pool.offer(former);
    assert!(offer.fresh.is_empty());
    // Nobody may start again what this node may have started.
    assert_eq!(
        offer.reports,
        [Report::Ended { run: over.run, outcome }, never.refused("the node was started again meanwhile", false),]
    );
    let successor = AssignmentBatch { to_life: Timestamp::from_seconds(9_999), ..batch(1, all) };
    let offer = pool.offer(successor);
    assert!(offer.fresh.is_empty() && offer.reports.is_empty(), "it is not this life's to answer");
    assert_eq!(pool.kill(lost.run, "enough", LIFE), Stopped::Nothing);
    assert_eq!(end(&mut pool, lost.run, job.id).run, lost.run);
    assert_eq!((pool.executing(), pool.unacknowledged_count()), (0, 2));
}

#[test]
fn a_pool_that_closes_gives_back_everything_that_waits() {
    let mut pool = pool(1, 100);
    let single = job(1, 5, Some(1));
    let runs: Vec<_> = (1..=4).map(|number| assignment(&single, number)).collect();
    give(&mut pool, 1, runs[..3].to_vec());
    assert_eq!(started(&mut pool), [runs[0].run]);
    let offered = pool.offer(batch(2, vec![runs[3].clone()]));
    let returned: Vec<_> = pool.close().into_iter().map(|(_, report)| report).collect();
    assert_eq!(returned, [&runs[1], &runs[2]].map(|run| run.refused("the node is ending", false)));
    assert!(matches!(pool.accepted(offered.fresh)[..], [Report::Refused { .. }]));
    assert!(matches!(give(&mut pool, 3, vec![assignment(&single, 9)])[..], [Report::Refused { .. }]));
    end(&mut pool, runs[0].run, single.id);
    assert!(started(&mut pool).is_empty() && pool.queued() == 0);
}

#[test]
fn what_waited_too_long_does_not_start() {
    let mut pool = pool(1, 100);
    let late = Assignment { start_by: Some(LIFE), ..assignment(&job(1, 5, None), 1) };
    give(&mut pool, 1, vec![late.clone()]);
    let starts = pool.next(LIFE + std::time::Duration::from_millis(1));
    assert!(starts.start.is_empty() && starts.expired.len() == 1);
    assert!(pool.next(LIFE).start.is_empty());
    assert_eq!(pool.queued(), 0);
}

#[test]
fn timeouts_are_told_once_and_forgotten_with_their_runs() {
    let mut pool = pool(2, 100);
    let job = job(1, 5, None);
    let runs: Vec<_> = (1..=2).map(|number| assignment(&job, number)).collect();
    give(&mut pool, 1, runs.clone());
    for run in started(&mut pool) {
        pool.started(run, LIFE);
    }
    let over = LIFE + std::time::Duration::from_secs(10);
    assert_eq!(pool.next_deadline(), Some(over));
    end(&mut pool, runs[0].run, job.id);
    assert_eq!(pool.timed_out(over), [(runs[1].run, OnTimeout::Kill)]);
    assert!(pool.timed_out(over).is_empty());
    end(&mut pool, runs[1].run, job.id);
    assert_eq!(pool.next_deadline(), None);
}

#[test]
fn what_has_no_effect_ends_at_once() {
    let mut pool = pool(1, 100);
    let name = JobName::new("nothing").unwrap();
    let noop = Arc::new(Job::added(JobId(1), Arc::new(Definition::new(name, Command::Noop)), "ann", LIFE));
    let runs: Vec<_> = (1..=5).map(|number| assignment(&noop, number)).collect();
    assert!(give(&mut pool, 1, runs).is_empty(), "only its end is worth a word");
    let starts = pool.next(LIFE);
    assert_eq!((starts.start.len(), starts.instant.len(), pool.executing()), (0, 5, 0));
}

#[test]
fn what_comes_ahead_of_its_moment_waits_for_it_and_can_be_wanted_back() {
    let mut pool = pool(4, 10);
    let moment = LIFE + std::time::Duration::from_secs(5);
    let ahead = |number| Assignment { not_before: Some(moment), ..assignment(&job(number, 5, None), number) };
    let runs: Vec<_> = (1..=3).map(|number| ahead(number).run).collect();
    give(&mut pool, 1, (1..=3).map(ahead).collect());
    assert_eq!((pool.queued(), pool.next_moment()), (3, Some(moment)));
    assert!(pool.next(LIFE).start.is_empty());
    let revoked = pool.revoked(&runs[..1], Handover(10));
    assert_eq!(revoked.runs, runs[..1]);
    assert!(matches!(&revoked.reports[..], [Report::Refused { run, expired: false, .. }] if *run == runs[0]));
    assert!(matches!(pool.kill(runs[1], "ann", LIFE), Stopped::Waiting(ended) if ended.run == runs[1]));
    assert_eq!(pool.queued(), 1);
    let started: Vec<_> = pool.next(moment).start.iter().map(|assignment| assignment.run).collect();
    assert_eq!((started, pool.next_moment()), (runs[2..].to_vec(), None));
    // What has begun is not given back, and what was given back does not come by the same hand-over again.
    assert!(matches!(&pool.revoked(&runs[2..], Handover(10)).reports[..], [Report::Accepted { .. }]));
    assert!(matches!(&give(&mut pool, 2, vec![ahead(1)])[..], [Report::Refused { .. }]));
}

#[test]
fn what_waits_for_its_moment_is_returned_when_the_node_ends() {
    let mut pool = pool(4, 10);
    let ahead = Assignment { not_before: Some(LIFE), ..assignment(&job(1, 5, None), 1) };
    give(&mut pool, 1, vec![ahead.clone()]);
    let returned = pool.close();
    assert!(matches!(&returned[..], [(_, Report::Refused { run, .. })] if *run == ahead.run));
    assert_eq!(pool.queued(), 0);
}
