//! Slots that nobody was there for.

use proptest::prelude::*;

use super::*;
use crate::duration::Period;
use crate::id::{Attempt, Slot};
use crate::job::{Misfire, MisfirePolicy, Pause};
use crate::policy::misfire;
use crate::port::store::Write;
use crate::run::{Run, State};

fn overdue(job: Job, settings: Settings, absent: Duration) -> Vec<Run> {
    let watermark = NOON - absent;
    let mut planner = planner(settings, vec![job], watermark, NOON);
    let mut rows = rows(plan_all(&mut planner, NOON));
    rows.sort_by_key(|run| run.due_at);
    rows
}

fn old_job(schedule: &str, misfire: Misfire) -> Job {
    let definition = Definition { misfire, ..definition("old", schedule) };
    Job::added(JobId(1), Arc::new(definition), "ann", NOON - seconds(10_000_000))
}

proptest! {
    #[test]
    fn every_missed_slot_is_answered_by_the_policy(
        policy in prop::sample::select(vec![MisfirePolicy::Skip, MisfirePolicy::Latest, MisfirePolicy::All]),
        window in 0_u64..400,
        max in 0_u32..20,
        absent in 6_u64..600,
        every in 1_u64..40,
    ) {
        let rule = Misfire { policy, window: Period::from_secs(window), max };
        let job = old_job(&format!("@every {every}s"), rule);
        let slots: Vec<_> = {
            let schedule = crate::planner::entry::compile(&job).unwrap().unwrap();
            let fires = schedule.fires(NOON - seconds(absent)).map(|fire| fire.at);
            fires.take_while(|at| *at <= NOON + Settings::default().lookahead).collect()
        };
        let rows = overdue(job, Settings::default(), seconds(absent));
        prop_assert_eq!(rows.iter().map(|run| run.due_at).collect::<Vec<_>>(), slots.clone());
        let missed: Vec<_> = slots.into_iter().filter(|at| *at <= NOON - Settings::default().misfire_after).collect();
        // A slot exactly as late as may be is only caught up on when an earlier one is.
        let caught_up = if missed.len() == 1 && missed[0] == NOON - Settings::default().misfire_after { 0 } else { missed.len() };
        for (place, run) in rows.iter().enumerate() {
            let newer = caught_up.saturating_sub(place + 1) as u64;
            let answer = if place < caught_up { misfire::answer(&rule, run.due_at, newer, NOON) } else { misfire::Answer::Run };
            match answer {
                misfire::Answer::Run => prop_assert_eq!(run.state, State::Created),
                misfire::Answer::Miss(reason) => {
                    prop_assert_eq!((run.state, run.reason.as_str()), (State::Missed, reason.as_str()));
                }
            }
        }
    }

    #[test]
    fn rows_are_capped_and_one_more_stands_for_the_rest(limit in 1_usize..50, absent in 400_u64..2_000) {
        let rule = Misfire { policy: MisfirePolicy::All, window: Period::from_secs(200), max: 3 };
        let settings = Settings { missed_rows_per_job: limit, batch: 7, ..Settings::default() };
        let rows = overdue(old_job("@every 1s", rule), settings, seconds(absent));
        let (late, waiting): (Vec<_>, Vec<_>) = rows.iter().partition(|run| run.due_at <= NOON - settings.misfire_after);
        prop_assert_eq!(waiting.len(), 7);
        prop_assert_eq!(late.len(), 2 * limit + 1);
        prop_assert_eq!(late.iter().filter(|run| run.state == State::Created).count(), limit.min(3));
        let (first, before) = (NOON - seconds(absent - limit as u64 - 1), NOON - seconds(4 + limit as u64));
        let summary = late.iter().find(|run| run.reason.starts_with("stands for")).unwrap();
        prop_assert_eq!((summary.due_at, summary.state), (first, State::Missed));
        prop_assert!(summary.reason.contains(&format!("from {first} to before {before}")), "{}", summary.reason);
        prop_assert_eq!(late.iter().filter(|run| run.due_at < first).count(), limit);
        prop_assert_eq!(late.iter().filter(|run| run.due_at >= before).count(), limit);
        let slot = |at| Slot::new(JobId(1), at).run_id(Attempt::FIRST);
        prop_assert!(late.iter().all(|run| (run.id == slot(run.due_at)) != (run.id == summary.id)), "its id is its own");
    }
}

#[test]
fn a_day_of_seconds_and_a_window_without_end_are_searched_in_bounds() {
    let rule = Misfire { policy: MisfirePolicy::All, window: Period::MAX, max: 10 };
    let rows = overdue(old_job("@every 1s", rule), Settings::default(), seconds(1_200_000));
    let last = rows.iter().rfind(|run| run.due_at <= NOON - seconds(5)).unwrap();
    assert_eq!((last.due_at, last.state), (NOON - seconds(5), State::Created), "the newest slot is not left out");
    assert_eq!(rows.iter().filter(|run| run.state == State::Created).count(), 10 + 7);
}

#[test]
fn a_clock_set_ahead_is_a_misfire_and_one_set_back_makes_nothing_twice() {
    let rule = Misfire { policy: MisfirePolicy::Latest, ..Misfire::default() };
    let mut planner = planner(Settings::default(), vec![old_job("* * * * *", rule)], NOON, NOON);
    let later = NOON + seconds(3600) + Duration::from_millis(1);
    planner.catalog_seen(later);
    let late = rows(plan_all(&mut planner, later));
    assert_eq!((late.len(), planner.caught_up()), (60, 59));
    assert_eq!(late.iter().filter(|run| run.state == State::Created).count(), 2);
    planner.catalog_seen(NOON);
    assert!(rows(plan_all(&mut planner, NOON)).is_empty());
}

#[test]
fn what_is_overdue_waits_for_the_catalogue() {
    let mut planner = planner(Settings::default(), vec![old_job("* * * * *", Misfire::default())], NOON, NOON);
    let _ = plan_all(&mut planner, NOON);
    let later = NOON + seconds(3600);
    assert!(planner.plan(later).is_none() && planner.next_wake(later).is_none());
    let deleted = Job { deleted: true, ..old_job("* * * * *", Misfire::default()) };
    planner.job_changed(Arc::new(deleted));
    planner.catalog_seen(later);
    assert!(rows(plan_all(&mut planner, later)).is_empty(), "it was deleted meanwhile");
}

/// A job that was due every ten seconds while nobody was there for two minutes, and changed once in the middle.
fn changed_in_the_gap(policy: MisfirePolicy, write: impl FnOnce(&Job) -> Write) -> Vec<Run> {
    let (watermark, changed_at) = (NOON - seconds(120), NOON - seconds(60));
    let rule = Misfire { policy, window: Period::from_secs(3_600), max: 100 };
    let job = old_job("@every 10s", rule);
    let changed = job.changed(&write(&job), "ben", changed_at, watermark);
    let mut planner = planner(Settings::default(), vec![changed], watermark, NOON);
    let mut rows = rows(plan_all(&mut planner, NOON));
    rows.sort_by_key(|run| run.due_at);
    rows
}

#[test]
fn a_change_in_the_gap_leaves_no_slot_before_it_without_an_answer() {
    let definition = |schedule: &str, enabled| {
        let misfire = Misfire { policy: MisfirePolicy::All, window: Period::from_secs(3_600), max: 100 };
        Arc::new(Definition { misfire, enabled, ..definition("old", schedule) })
    };
    let pause = Pause { since: NOON - seconds(60), until: None, note: String::new(), by: "ben".to_owned() };
    let replace = |job: &Job, definition| Write::Replace { job: job.id, expected: None, definition };
    for (rows, reason) in [
        (changed_in_the_gap(MisfirePolicy::All, |job| Write::Delete { job: job.id }), "deleted"),
        (changed_in_the_gap(MisfirePolicy::Latest, |job| Write::Pause { job: job.id, pause }), "paused"),
        (changed_in_the_gap(MisfirePolicy::All, |job| replace(job, definition("@every 10s", false))), "disabled"),
        (changed_in_the_gap(MisfirePolicy::Skip, |job| replace(job, definition("0 5 * * *", true))), "skip"),
    ] {
        let due: Vec<_> = rows.iter().map(|run| NOON.since(run.due_at).as_secs()).collect();
        assert_eq!(due, [110, 100, 90, 80, 70, 60]);
        assert!(rows.iter().all(|run| run.state == State::Missed && run.reason.contains(reason)), "{rows:?}");
    }
    let edited = changed_in_the_gap(MisfirePolicy::All, |job| replace(job, definition("@every 30s", true)));
    let states: Vec<_> = edited.iter().map(|run| (NOON.since(run.due_at).as_secs(), run.revision.0)).collect();
    assert_eq!(states, [(110, 1), (100, 1), (90, 1), (80, 1), (70, 1), (60, 1), (40, 2), (10, 2)]);
    assert!(edited.iter().all(|run| run.state == State::Created));
}

#[test]
fn the_latest_of_all_that_was_missed_runs_however_often_the_job_was_changed() {
    let edited = changed_in_the_gap(MisfirePolicy::Latest, |job| {
        let misfire = Misfire { policy: MisfirePolicy::Latest, ..Misfire::default() };
        let definition = Arc::new(Definition { misfire, ..definition("old", "@every 30s") });
        Write::Replace { job: job.id, expected: None, definition }
    });
    let run: Vec<_> = edited.iter().filter(|run| run.state == State::Created).collect();
    assert_eq!(run.iter().map(|run| NOON.since(run.due_at).as_secs()).collect::<Vec<_>>(), [10]);
}

#[test]
fn what_was_planned_under_the_former_rule_is_not_planned_again() {
    let job = old_job("@every 10s", Misfire::default());
    let mut planner = planner(Settings::default(), vec![job.clone()], NOON - seconds(60), NOON);
    assert_eq!(rows(plan_all(&mut planner, NOON)).len(), 6);
    // The store has not heard of these rows yet.
    let changed = job.changed(&Write::Delete { job: job.id }, "ben", NOON + seconds(10), NOON - seconds(60));
    assert_eq!(changed.former().len(), 1);
    planner.catalog_seen(NOON + seconds(10));
    planner.job_changed(Arc::new(changed.clone()));
    let left: Vec<_> = rows(plan_all(&mut planner, NOON + seconds(10)));
    assert_eq!(left.iter().map(|run| run.due_at).collect::<Vec<_>>(), [NOON + seconds(10)]);
    planner.job_changed(Arc::new(changed));
    assert!(rows(plan_all(&mut planner, NOON + seconds(10))).is_empty(), "it was told of already");
    planner.own(&claims(NOON));
    assert_eq!(rows(plan_all(&mut planner, NOON + seconds(10))).len(), 1, "it may have been lost");
}
