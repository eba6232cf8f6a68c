//! Rows that were made ahead of a moment at which nobody was there.

use super::rules::{dispatch, handed};
use super::*;
use crate::job::{Misfire, MisfirePolicy};
use crate::run::{Event, State};
use crate::wire::{Control, Report};

#[test]
fn a_row_made_ahead_and_found_after_an_absence_is_answered_by_the_misfire_policy() {
    let found_at = NOON + seconds(600);
    let (skip, latest, all) = (MisfirePolicy::Skip, MisfirePolicy::Latest, MisfirePolicy::All);
    for (policy, schedule, window, reached, due_after, reason) in [
        (skip, "* * * * *", 3_600, 2, 1, Some("misfire.policy is \"skip\"")),
        (latest, "0 12 * * *", 3_600, 2, 1, None),
        (latest, "0 12 * * *", 60, 2, 1, Some("older than misfire.window")),
        (latest, "* * * * *", 3_600, 2, 1, Some("a newer slot runs in its place")),
        (all, "* * * * *", 3_600, 2, 1, Some("more slots were missed than misfire.max")),
        (all, "*/5 * * * *", 3_600, 2, 1, None),
        // Somebody was there when it came due, and it has been waiting since.
        (skip, "* * * * *", 3_600, 62, 1, None),
        // Somebody was there until just now.
        (skip, "* * * * *", 3_600, 598, 597, None),
    ] {
        let misfire = Misfire { policy, window: Period::from_secs(window), max: 5 };
        let rule = Definition { misfire, schedule: Some(schedule.to_owned()), ..definition(1, Overlap::Skip) };
        for (handover, is_assigned) in
            [(Handover::Sole, false), (Handover::Recorded, false), (Handover::Recorded, true)]
        {
            let job = job(1, rule.clone());
            let mut dispatch = dispatch(handover, &job, &["a"]);
            let mut made = row(&job, NOON + seconds(due_after), NOON);
            if is_assigned {
                made.apply(Event::Assign { node: node("a") }).unwrap();
            }
            lend_after(&mut dispatch, 2, NOON + seconds(reached), found_at);
            dispatch.adopt(vec![made.clone()], found_at);
            give_back(&mut dispatch, &made, found_at);
            dispatch.tick(found_at);
            let said = dispatch.flush(10).and_then(|recording| Some(recording.updates.first()?.run.clone()));
            let missed = said.filter(|run| run.state == State::Missed).map(|run| run.reason);
            let what = format!("{handover:?}, {policy:?}, {schedule}, {reached}: {missed:?}");
            assert_eq!(missed.is_some(), reason.is_some(), "{what}");
            assert!(missed.is_none_or(|said| reason.is_some_and(|reason| said.contains(reason))), "{what}");
        }
    }
}

#[test]
fn what_was_decided_on_after_an_absence_is_not_asked_about_again() {
    let misfire = Misfire { policy: MisfirePolicy::Skip, ..Misfire::default() };
    let job = job(1, Definition { misfire, ..definition(1, Overlap::Skip) });
    let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
    let found_at = NOON + seconds(600);
    lend_after(&mut dispatch, 2, NOON, found_at);
    dispatch.created(vec![row(&job, NOON + seconds(60), found_at)]);
    dispatch.tick(found_at);
    assert_eq!(handed(&mut dispatch).len(), 1, "the planner made it now, late as it is");
}

/// The node that may have the run says that it does not, and the store that it is not over.
fn give_back(dispatch: &mut Dispatch, run: &Run, now: Timestamp) {
    let asked = dispatch.take_effects().control.into_values().flatten().find_map(|control| match control {
        Control::Inquire { upto, .. } => Some(upto),
        _ => None,
    });
    let Some(upto) = asked else { return };
    dispatch.reported(&node("a"), vec![Report::Unknown { run: run.id, upto }], now);
    let asked = dispatch.take_effects().look_up;
    dispatch.looked_up(&asked, vec![run.clone()], now);
}
