//! What becomes of runs whose node goes.

use super::rules::{dispatch, handed, written};
use super::*;
use crate::run::{Ending, Outcome, State};
use crate::wire::{Assignment, Control, Report};

/// A dispatcher among others whose run of a job was handed to a node, and that.
fn handed_over(nodes: &[&str], edit: impl FnOnce(&mut Run)) -> (Dispatch, NodeName, Assignment) {
    let job = job(1, definition(1, Overlap::Skip));
    let mut dispatch = dispatch(Handover::Recorded, &job, nodes);
    let mut run = row(&job, NOON, NOON);
    edit(&mut run);
    dispatch.created(vec![run]);
    dispatch.tick(NOON);
    written(&mut dispatch, NOON);
    let (node, mut batch) = dispatch.take_effects().assign.pop_first().unwrap();
    (dispatch, node, batch.pop().unwrap())
}

fn ready(assignment: &Assignment) -> Vec<Report> {
    vec![Report::Ready { run: assignment.run, handover: assignment.handover }]
}

/// Only `b` is there from now on; time passes until the runs of the others have been looked at.
fn others_gone(dispatch: &mut Dispatch, now: Timestamp) {
    dispatch.members_changed(&[member("b", NOON)], now);
    dispatch.tick(now);
}

#[test]
fn a_run_that_got_no_leave_goes_elsewhere_as_soon_as_its_node_is_gone() {
    let (mut dispatch, first, assignment) = handed_over(&["a"], |_| {});
    assert!(assignment.on_leave);
    let accepted = Report::Accepted { run: assignment.run, handover: assignment.handover };
    dispatch.reported(&first, vec![accepted], NOON);
    others_gone(&mut dispatch, NOON);
    assert_eq!(written(&mut dispatch, NOON)[0].state, State::Created);
    let soon = NOON + Duration::from_millis(200);
    dispatch.tick(soon);
    written(&mut dispatch, soon);
    let again = handed(&mut dispatch).pop().unwrap();
    assert_eq!((again.run, dispatch.counts().rerouted), (assignment.run, 1));
    // The first one was alive all the time, and asks now.
    dispatch.reported(&first, ready(&assignment), soon);
    let said = dispatch.take_effects().control.remove(&first).unwrap();
    assert!(matches!(&said[..], [Control::Revoke { runs, upto, .. }]
        if runs[..] == [assignment.run] && *upto == assignment.handover));
}

#[test]
fn a_run_that_got_leave_is_its_nodes_until_that_is_gone_for_long() {
    let (mut dispatch, first, assignment) = handed_over(&["a"], |_| {});
    dispatch.reported(&first, ready(&assignment), NOON);
    let said = dispatch.take_effects().control.remove(&first);
    assert_eq!(said, Some(vec![Control::Begin { runs: vec![(assignment.run, assignment.handover)] }]));
    others_gone(&mut dispatch, NOON);
    assert!(dispatch.flush(10).is_none(), "nothing is known of it yet");
    dispatch.tick(NOON + seconds(11));
    let lost = written(&mut dispatch, NOON).pop().unwrap();
    assert_eq!(lost.state, State::Lost);
    assert_eq!(lost.reason, "node `a` was gone for more than 10s after its lease had ended");
}

#[test]
fn how_long_a_node_is_waited_for_is_a_setting() {
    for (lost_after, is_lost) in [(1, true), (10, true), (11, false), (60, false)] {
        let (mut dispatch, first, assignment) = handed_over(&["a"], |_| {});
        dispatch.settings.lost_after = seconds(lost_after);
        dispatch.reported(&first, ready(&assignment), NOON);
        others_gone(&mut dispatch, NOON);
        dispatch.tick(NOON + seconds(10));
        assert_eq!(dispatch.flush(10).is_some(), is_lost, "{lost_after} s");
    }
}

#[test]
fn a_run_that_was_found_may_have_begun() {
    let job = job(1, definition(1, Overlap::Skip));
    let mut dispatch = dispatch(Handover::Recorded, &job, &["a", "b"]);
    let mut run = row(&job, NOON, NOON);
    run.apply(crate::run::Event::Assign { node: node("a") }).unwrap();
    dispatch.adopt(vec![run], NOON);
    others_gone(&mut dispatch, NOON);
    assert!(dispatch.flush(10).is_none());
    dispatch.tick(NOON + seconds(11));
    assert_eq!(written(&mut dispatch, NOON)[0].state, State::Lost);
}

#[test]
fn an_outcome_of_a_lost_run_is_noted_and_acknowledged_then() {
    let (mut dispatch, first, assignment) = handed_over(&["a"], |_| {});
    dispatch.reported(&first, ready(&assignment), NOON);
    dispatch.take_effects();
    others_gone(&mut dispatch, NOON);
    dispatch.tick(NOON + seconds(11));
    let outcome = Arc::new(Outcome::bare(Ending::Succeeded, Some(NOON), NOON, ""));
    let ended = || vec![Report::Ended { run: assignment.run, outcome: Arc::clone(&outcome) }];
    dispatch.reported(&first, ended(), NOON);
    let lost = written(&mut dispatch, NOON).pop().unwrap();
    assert_eq!(lost.state, State::Lost);
    assert_eq!(dispatch.take_effects().control.get(&first), None, "it comes again, and is noted then");
    dispatch.reported(&first, ended(), NOON);
    let asked = dispatch.take_effects().look_up;
    dispatch.looked_up(&asked, vec![lost.clone()], NOON);
    let mut effects = dispatch.take_effects();
    assert!(effects.control.is_empty(), "the note is not durable yet");
    let (node, note) = &effects.note[0];
    assert_eq!((node, note.run), (&first, assignment.run));
    dispatch.noted(&effects.note);
    let acknowledge = Control::Acknowledge { runs: vec![assignment.run] };
    assert_eq!(dispatch.take_effects().control.remove(&first), Some(vec![acknowledge.clone()]));
    // The acknowledgement got lost: it is told once more, and there is nothing new in it.
    dispatch.reported(&first, ended(), NOON);
    let noted = Run { note: note.text.clone(), ..lost };
    dispatch.looked_up(&asked, vec![noted], NOON);
    effects = dispatch.take_effects();
    assert_eq!((effects.note.len(), effects.control.remove(&first)), (0, Some(vec![acknowledge])));
}

#[test]
fn a_broadcast_for_nobody_is_rejected_with_the_reasons() {
    let mut definition = definition(1, Overlap::Allow);
    definition.target.broadcast = true;
    definition.target.nodes = crate::job::target::Nodes::Group("php".to_owned());
    let job = job(1, definition);
    let mut dispatch = dispatch(Handover::Recorded, &job, &["a"]);
    dispatch.created(vec![row(&job, NOON, NOON)]);
    dispatch.tick(NOON);
    let rejected = written(&mut dispatch, NOON).pop().unwrap();
    assert_eq!(rejected.state, State::Rejected);
    assert!(rejected.reason.ends_with(": a: it is not among the job's target"), "{}", rejected.reason);
}

#[test]
fn nobody_waits_for_leave_who_does_not_know_of_it() {
    let (mut dispatch, first, assignment) = handed_over(&["c"], |_| {});
    assert!(!assignment.on_leave);
    others_gone(&mut dispatch, NOON);
    assert!(dispatch.flush(10).is_none(), "{first} may have begun it");
}

#[test]
fn a_run_for_one_node_only_is_rejected_when_that_is_gone_for_good() {
    let (mut dispatch, _, _) = handed_over(&["a", "b"], |run| {
        (run.shard, run.shards, run.node) = (crate::id::Shard(1), 1, Some(node("a")));
    });
    others_gone(&mut dispatch, NOON);
    assert_eq!(written(&mut dispatch, NOON)[0].state, State::Created);
    dispatch.tick(NOON + seconds(5));
    assert!(dispatch.flush(10).is_none(), "it may come back");
    dispatch.tick(NOON + seconds(12));
    let rejected = written(&mut dispatch, NOON).pop().unwrap();
    assert_eq!(rejected.state, State::Rejected);
    assert!(rejected.reason.contains("`a`, which this run is for, is not there"), "{}", rejected.reason);
}
