//! Slots that nobody was there for.

use proptest::prelude::*;

use super::*;
use crate::duration::Period;
use crate::job::{Misfire, MisfirePolicy};
use crate::policy::misfire;
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
    fn rows_are_capped_and_the_last_ones_tell_of_the_rest(limit in 1_usize..50, absent in 400_u64..2_000) {
        let rule = Misfire { policy: MisfirePolicy::All, window: Period::from_secs(200), max: 3 };
        let settings = Settings { missed_rows_per_job: limit, batch: 7, ..Settings::default() };
        let rows = overdue(old_job("@every 1s", rule), settings, seconds(absent));
        let (late, waiting): (Vec<_>, Vec<_>) = rows.iter().partition(|run| run.due_at <= NOON - settings.misfire_after);
        prop_assert_eq!(waiting.len(), 7);
        prop_assert_eq!(late.len(), 2 * limit);
        prop_assert_eq!(late.iter().filter(|run| run.state == State::Created).count(), limit.min(3));
        let summaries: Vec<_> = late.iter().filter(|run| run.reason.contains("have no rows")).collect();
        prop_assert_eq!(summaries.len(), 2);
        prop_assert!(rows.iter().all(|run| !run.reason.starts_with(';')));
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
