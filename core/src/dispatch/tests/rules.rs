//! One rule each.

use super::*;
use crate::dispatch::Effects;
use crate::job::Pause;
use crate::port::store::{Recorded, Write};
use crate::run::{Ending, Event, Outcome, State};
use crate::wire::{Assignment, Control, Report};

/// A dispatcher that knows the job and these nodes.
pub(super) fn dispatch(handover: Handover, job: &Arc<Job>, nodes: &[&str]) -> Dispatch {
    let mut dispatch = Dispatch::new(settings(handover));
    lend_all(&mut dispatch, 1);
    dispatch.job_changed(Arc::clone(job));
    dispatch.catalog_complete(NOON);
    let members: Vec<_> = nodes.iter().map(|name| member(name, NOON)).collect();
    dispatch.members_changed(&members, NOON);
    dispatch
}

/// What was handed over since the last call.
pub(super) fn handed(dispatch: &mut Dispatch) -> Vec<Assignment> {
    dispatch.take_effects().assign.into_values().flatten().collect()
}

/// Everything is written; the rows, as they are now.
pub(super) fn written(dispatch: &mut Dispatch, now: Timestamp) -> Vec<Run> {
    let Some(recording) = dispatch.flush(100) else { return Vec::new() };
    dispatch.flushed(Recorded::default(), now);
    recording.updates.into_iter().map(|update| update.run).collect()
}

fn start(dispatch: &mut Dispatch, row: Run, now: Timestamp) -> Assignment {
    dispatch.created(vec![row]);
    dispatch.tick(now);
    handed(dispatch).pop().unwrap()
}

fn ended(run: RunId, ending: Ending, at: Timestamp) -> Report {
    Report::Ended { run, outcome: Arc::new(Outcome::bare(ending, None, at, "")) }
}

fn kills(effects: &Effects) -> Vec<RunId> {
    let killed = |control: &Control| if let Control::Kill { run, .. } = control { Some(*run) } else { None };
    effects.control.values().flatten().filter_map(killed).collect()
}

#[test]
fn a_short_run_is_written_once_and_acknowledged_then() {
    let job = job(1, definition(1, Overlap::Skip));
    let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
    let run = start(&mut dispatch, row(&job, NOON, NOON), NOON).run;
    dispatch.reported(&node("a"), vec![ended(run, Ending::Succeeded, NOON)], NOON);
    assert!(dispatch.take_effects().is_empty(), "nothing is acknowledged before it is durable");
    let rows = written(&mut dispatch, NOON);
    assert_eq!((rows.len(), rows[0].state, rows[0].node.clone()), (1, State::Succeeded, Some(node("a"))));
    let told = dispatch.take_effects().control.remove(&node("a"));
    assert_eq!(told, Some(vec![Control::Acknowledge { runs: vec![run] }]));
    assert!(dispatch.is_empty());
}

#[test]
fn a_refused_run_goes_back_through_the_store_before_another_node_gets_it() {
    let job = job(1, definition(1, Overlap::Skip));
    let mut dispatch = dispatch(Handover::Recorded, &job, &["a", "b"]);
    dispatch.created(vec![row(&job, NOON, NOON)]);
    dispatch.tick(NOON);
    assert!(handed(&mut dispatch).is_empty(), "the store has to know first");
    assert_eq!(written(&mut dispatch, NOON)[0].state, State::Assigned);
    let mut effects = dispatch.take_effects();
    let (first, batch) = effects.assign.pop_first().unwrap();
    dispatch.reported(&first, vec![batch[0].refused("full", false)], NOON);
    let later = NOON + seconds(1);
    dispatch.tick(later);
    let back = dispatch.flush(100).unwrap();
    assert_eq!((back.updates[0].from, back.updates[0].run.state), (State::Assigned, State::Created));
    dispatch.tick(later + seconds(1));
    assert!(handed(&mut dispatch).is_empty(), "its return is not durable yet");
    dispatch.flushed(Recorded::default(), later);
    dispatch.tick(later + seconds(2));
    assert_eq!(written(&mut dispatch, later)[0].state, State::Assigned);
    assert_eq!(handed(&mut dispatch).len(), 1);
}

#[test]
fn answers_to_an_earlier_hand_over_change_nothing() {
    let job = job(1, definition(1, Overlap::Skip));
    let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
    let first = start(&mut dispatch, row(&job, NOON, NOON), NOON);
    let refusal = first.refused("full", false);
    dispatch.reported(&node("a"), vec![refusal.clone()], NOON);
    dispatch.tick(NOON + seconds(1));
    let second = handed(&mut dispatch).pop().unwrap();
    assert!(second.handover > first.handover);
    let late = [refusal, Report::Unknown { run: first.run, upto: first.handover }];
    dispatch.reported(&node("a"), late.to_vec(), NOON + seconds(1));
    dispatch.tick(NOON + seconds(2));
    let effects = dispatch.take_effects();
    assert!(effects.assign.is_empty() && effects.look_up.is_empty() && dispatch.out() == 1);
}

#[test]
fn a_run_nobody_knows_is_handed_over_again_to_the_only_node() {
    let job = job(1, definition(1, Overlap::Skip));
    let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
    let due = row(&job, NOON, NOON);
    let first = start(&mut dispatch, due.clone(), NOON);
    let asked = NOON + seconds(5);
    dispatch.tick(asked);
    let told = dispatch.take_effects().control.remove(&node("a")).unwrap();
    let Some(Control::Inquire { runs, upto, .. }) = told.first() else { panic!("{told:?}") };
    assert!(*runs == [first.run] && *upto > first.handover);
    dispatch.reported(&node("a"), vec![Report::Unknown { run: first.run, upto: *upto }], asked);
    assert_eq!(dispatch.take_effects().look_up, [first.run]);
    dispatch.looked_up(&[first.run], vec![due], asked);
    assert!(handed(&mut dispatch)[0].handover > *upto);
}

#[test]
fn waiting_runs_that_are_found_wait_on_and_keep_to_their_order() {
    let job = job(1, Definition { queue_limit: 9, ..definition(1, Overlap::Queue) });
    let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
    let now = NOON + seconds(60);
    let due: Vec<_> = [0, 10, 20, 600].map(|after| row(&job, NOON + seconds(after), NOON)).to_vec();
    let ids: Vec<_> = due.iter().map(|run| run.id).collect();
    dispatch.adopt(due.clone(), now);
    assert_eq!(dispatch.out(), 4, "the clock may have been set back since one that is not due yet was handed over");
    let upto = crate::wire::Handover(i64::MAX);
    let unknown = |run: &RunId| Report::Unknown { run: *run, upto };
    dispatch.reported(&node("a"), ids.iter().rev().map(unknown).collect(), now);
    dispatch.looked_up(&ids, due, now);
    let mut order = Vec::new();
    for after in 0..600 {
        let now = now + seconds(after);
        dispatch.tick(now);
        let handed = handed(&mut dispatch);
        assert!(handed.len() <= 1, "one at a time");
        for assignment in handed {
            order.push(assignment.run);
            dispatch.reported(&node("a"), vec![ended(assignment.run, Ending::Succeeded, now)], now);
        }
        written(&mut dispatch, now);
    }
    assert_eq!(order, ids);
}

#[test]
fn the_runs_of_a_broadcast_execute_side_by_side_and_overlap_node_by_node() {
    let job = job(1, definition(1, Overlap::Skip));
    let mut dispatch = dispatch(Handover::Sole, &job, &["a", "b"]);
    let shard = |place: u32, name: &str, due: Timestamp| {
        let shard = crate::id::Shard(place);
        let id = RunId::on_node(due, job.id, &node(name), Attempt::FIRST);
        Run { id, shard, shards: 2, node: Some(node(name)), ..row(&job, due, due) }
    };
    dispatch.created(vec![shard(1, "a", NOON), shard(2, "b", NOON)]);
    dispatch.tick(NOON);
    let first = handed(&mut dispatch);
    assert_eq!(first.len(), 2);
    dispatch.reported(&node("b"), vec![ended(first[1].run, Ending::Succeeded, NOON)], NOON);
    let later = NOON + seconds(60);
    dispatch.created(vec![shard(1, "a", later), shard(2, "b", later)]);
    dispatch.tick(later);
    let second = dispatch.take_effects().assign;
    assert_eq!(second.into_keys().collect::<Vec<_>>(), [node("b")], "the earlier one is not over on a");
}

#[test]
fn replacing_ends_all_that_execute_before_the_new_one_starts() {
    let first = job(1, definition(1, Overlap::Allow));
    let mut dispatch = dispatch(Handover::Sole, &first, &["a"]);
    let old =
        [0, 1].map(|after| start(&mut dispatch, row(&first, NOON + seconds(after), NOON), NOON + seconds(after)).run);
    let replace = Arc::new(definition(1, Overlap::Replace));
    let job = Arc::new(first.changed(
        &Write::Replace { job: first.id, expected: None, definition: replace },
        "ann",
        NOON,
        NOON,
    ));
    dispatch.job_changed(Arc::clone(&job));
    let now = NOON + seconds(60);
    let new = row(&job, now, now);
    dispatch.created(vec![new.clone()]);
    dispatch.tick(now);
    let effects = dispatch.take_effects();
    assert!(effects.assign.is_empty() && kills(&effects) == old);
    dispatch.reported(&node("a"), vec![ended(old[0], Ending::Killed, now)], now);
    assert!(handed(&mut dispatch).is_empty());
    dispatch.reported(&node("a"), vec![ended(old[1], Ending::Killed, now)], now);
    let handed = handed(&mut dispatch);
    assert_eq!((handed[0].run, handed[0].job.revision), (new.id, job.revision));
}

#[test]
fn a_kill_finds_the_run_in_every_phase() {
    let job = job(1, definition(1, Overlap::Queue));
    let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
    let later = NOON + seconds(1);
    let first = start(&mut dispatch, row(&job, NOON, NOON), NOON);
    let [blocked, waiting] = [later, NOON + seconds(99)].map(|due| row(&job, due, NOON));
    dispatch.created(vec![blocked.clone(), waiting.clone()]);
    dispatch.tick(later);
    for id in [first.run, blocked.id, waiting.id] {
        assert!(dispatch.kill(id, "enough", later));
    }
    assert_eq!(kills(&dispatch.take_effects()), [first.run]);
    assert!(!dispatch.kill(blocked.id, "enough", later), "it is over");
    // The kill came before the assignment: it is said again when the node has the run.
    dispatch.reported(&node("a"), vec![Report::Accepted { run: first.run, handover: first.handover }], later);
    assert_eq!(kills(&dispatch.take_effects()), [first.run]);
    dispatch.reported(&node("a"), vec![ended(first.run, Ending::Killed, later)], later);
    let rows = written(&mut dispatch, later);
    assert!(rows.len() == 3 && rows.iter().all(|run| run.state == State::Killed && run.reason == "enough"));
    assert!(dispatch.is_empty());
}

#[test]
fn nothing_is_handed_over_once_closed() {
    let job = job(1, definition(1, Overlap::Queue));
    let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
    let first = start(&mut dispatch, row(&job, NOON, NOON), NOON);
    dispatch.created(vec![row(&job, NOON + seconds(1), NOON)]);
    dispatch.tick(NOON + seconds(1));
    dispatch.close();
    dispatch.reported(&node("a"), vec![first.refused("the node is ending", false)], NOON + seconds(1));
    dispatch.tick(NOON + seconds(9));
    assert!(handed(&mut dispatch).is_empty());
    assert_eq!((dispatch.out(), dispatch.next_wake()), (0, None));
}

#[test]
fn a_job_nobody_heard_of_yet_is_waited_for() {
    let known = job(1, definition(1, Overlap::Skip));
    let mut dispatch = dispatch(Handover::Sole, &known, &["a"]);
    let new = job(2, definition(2, Overlap::Skip));
    dispatch.created(vec![row(&new, NOON, NOON)]);
    dispatch.tick(NOON);
    dispatch.job_changed(Arc::clone(&new));
    dispatch.tick(NOON + seconds(2));
    assert_eq!(handed(&mut dispatch).len(), 1);

    let never = job(3, definition(3, Overlap::Skip));
    dispatch.created(vec![row(&never, NOON, NOON)]);
    for after in [0, 30, 61] {
        dispatch.tick(NOON + seconds(after));
    }
    let rows = written(&mut dispatch, NOON + seconds(61));
    assert!(rows.iter().any(|run| run.job == never.id && run.state == State::Skipped), "{rows:?}");
}

#[test]
fn an_end_told_before_its_job_is_known_is_not_the_end_of_trying() {
    let job = job(1, Definition { retry: twice_more(), ..definition(1, Overlap::Skip) });
    for unfinished in [State::Running, State::Assigned] {
        let mut dispatch = Dispatch::new(settings(Handover::Sole));
        lend_all(&mut dispatch, 1);
        dispatch.members_changed(&[member("a", NOON)], NOON);
        let found = Run { state: unfinished, node: Some(node("a")), ..row(&job, NOON, NOON) };
        let lost = || vec![ended(found.id, Ending::Lost, NOON)];
        dispatch.adopt(vec![found.clone()], NOON);
        dispatch.reported(&node("a"), lost(), NOON);
        dispatch.reported(
            &node("a"),
            vec![Report::Unknown { run: found.id, upto: crate::wire::Handover(i64::MAX) }],
            NOON,
        );
        dispatch.members_changed(&[], NOON);
        dispatch.tick(NOON + seconds(60));
        assert!(dispatch.flush(100).is_none() && dispatch.take_effects().is_empty(), "nothing can be said yet");

        dispatch.members_changed(&[member("a", NOON)], NOON + seconds(60));
        dispatch.job_changed(Arc::clone(&job));
        dispatch.catalog_complete(NOON + seconds(60));
        let asked = dispatch.take_effects().control.remove(&node("a")).unwrap_or_default();
        assert!(matches!(&asked[..], [Control::Inquire { runs, .. }, ..] if runs.contains(&found.id)), "{asked:?}");
        dispatch.reported(&node("a"), lost(), NOON + seconds(60));
        let recording = dispatch.flush(100).unwrap();
        assert_eq!(recording.updates[0].run.state, State::Lost);
        assert_eq!(recording.updates[0].next_attempt.as_ref().unwrap().attempt, Attempt(2));
    }
}

#[test]
fn rows_made_ahead_fall_with_their_job() {
    let job = job(1, definition(1, Overlap::Skip));
    let due = NOON + seconds(60);
    let at = NOON + seconds(59);
    let replace = |definition| Write::Replace { job: job.id, expected: None, definition: Arc::new(definition) };
    let pause = |until| Pause { since: at, until, note: String::new(), by: "ann".to_owned() };
    let other = |change: fn(&mut Definition)| {
        let mut definition = definition(1, Overlap::Skip);
        change(&mut definition);
        replace(definition)
    };
    for (write, stands) in [
        (Write::Delete { job: job.id }, false),
        (Write::Pause { job: job.id, pause: pause(None) }, false),
        (Write::Pause { job: job.id, pause: pause(Some(due + seconds(1))) }, false),
        (Write::Pause { job: job.id, pause: pause(Some(due)) }, true),
        (other(|definition| definition.enabled = false), false),
        (other(|definition| definition.schedule = Some("30 * * * *".to_owned())), false),
        (other(|definition| definition.valid_from = Some(NOON + seconds(61))), false),
        (other(|definition| definition.valid_until = Some(NOON + seconds(60))), false),
        (other(|definition| definition.priority = 9), true),
    ] {
        let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
        dispatch.created(vec![row(&job, due, NOON)]);
        dispatch.job_changed(Arc::new(job.changed(&write, "ann", at, at)));
        dispatch.tick(due);
        assert_eq!(handed(&mut dispatch).len(), usize::from(stands), "{write:?}");
    }
}

#[test]
fn runs_that_were_due_before_their_job_was_heard_of_start_with_the_news() {
    let job = job(1, definition(1, Overlap::Allow));
    let mut dispatch = Dispatch::new(settings(Handover::Sole));
    lend_all(&mut dispatch, 1);
    dispatch.members_changed(&[member("a", NOON)], NOON);
    let rows: Vec<Run> = (0..3).map(|second| row(&job, NOON + seconds(second), NOON)).collect();
    dispatch.created(rows.clone());
    dispatch.tick(NOON + seconds(2));
    assert_eq!(handed(&mut dispatch), vec![], "nobody knows what to do");

    dispatch.job_changed(Arc::clone(&job));
    let wake = dispatch.next_wake().unwrap();
    assert!(wake <= NOON + seconds(2), "{wake}");
    dispatch.tick(NOON + seconds(2));
    let ids = |rows: Vec<Assignment>| -> Vec<_> { rows.iter().map(|assignment| assignment.run).collect() };
    assert_eq!(ids(handed(&mut dispatch)), rows.iter().map(|run| run.id).collect::<Vec<_>>(), "in their order");
    dispatch.tick(NOON + seconds(9));
    assert_eq!(handed(&mut dispatch), vec![], "once");
}

#[test]
fn a_clock_set_back_does_not_stop_the_rounds() {
    let job = job(1, definition(1, Overlap::Skip));
    let mut dispatch = dispatch(Handover::Sole, &job, &[]);
    dispatch.created(vec![row(&job, NOON - seconds(7200), NOON)]);
    dispatch.tick(NOON);
    let earlier = NOON - seconds(3600);
    dispatch.members_changed(&[member("a", NOON)], NOON);
    dispatch.tick(NOON);
    let first = handed(&mut dispatch).pop().unwrap();
    dispatch.reported(&node("a"), vec![first.refused("full", false)], earlier);
    dispatch.tick(earlier);
    assert_eq!(handed(&mut dispatch).len(), 1);
}

#[test]
fn an_end_whose_recording_was_refused_is_not_acknowledged() {
    let job = job(1, definition(1, Overlap::Allow));
    let mut dispatch = Dispatch::new(settings(Handover::Recorded));
    lend_all(&mut dispatch, 1);
    dispatch.job_changed(Arc::clone(&job));
    dispatch.catalog_complete(NOON);
    dispatch.members_changed(&[member("a", NOON)], NOON);
    let mut running = row(&job, NOON, NOON);
    running.apply(Event::Assign { node: node("a") }).unwrap();
    running.apply(Event::Start { at: NOON }).unwrap();
    let outcome = Arc::new(Outcome::bare(Ending::Succeeded, Some(NOON), NOON, ""));
    let ended = || vec![Report::Ended { run: running.id, outcome: Arc::clone(&outcome) }];

    dispatch.adopt(vec![running.clone()], NOON);
    dispatch.reported(&node("a"), ended(), NOON);
    assert!(dispatch.flush(10).is_some());
    // While that is on its way the partitions are lent anew: the store refuses it, and the run is found again.
    lend_all(&mut dispatch, 2);
    dispatch.adopt(vec![running.clone()], NOON);
    dispatch.reported(&node("a"), ended(), NOON);
    dispatch.take_effects();
    dispatch.flushed(Recorded::default(), NOON);
    let said = dispatch.take_effects().control.remove(&node("a")).unwrap_or_default();
    assert!(!said.iter().any(|control| matches!(control, Control::Acknowledge { .. })), "{said:?}");
    assert!(dispatch.flush(10).is_some_and(|again| again.updates.iter().any(|update| update.run.id == running.id)));
}

#[test]
fn a_next_attempt_outlives_a_write_that_came_too_late() {
    let job = job(1, Definition { retry: Retry { max: 1, ..Retry::default() }, ..definition(1, Overlap::Skip) });
    let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
    let due = row(&job, NOON, NOON);
    let run = start(&mut dispatch, due.clone(), NOON).run;
    dispatch.reported(&node("a"), vec![ended(run, Ending::Failed, NOON)], NOON);
    let refused = dispatch.flush(100).unwrap();
    let next_attempt = refused.updates[0].next_attempt.clone().unwrap();
    let started = Run { state: State::Running, node: Some(node("a")), started_at: Some(NOON), ..due };
    dispatch.flushed(Recorded { conflicts: vec![started] }, NOON);
    let repeated = dispatch.flush(100).unwrap();
    assert_eq!((repeated.updates[0].from, repeated.updates[0].run.state), (State::Running, State::Failed));
    assert_eq!(repeated.updates[0].next_attempt.as_deref(), Some(&*next_attempt));
}

#[test]
fn a_next_attempt_outlives_the_refusal_of_what_was_written_before_it() {
    let job = job(1, Definition { retry: Retry { max: 1, ..Retry::default() }, ..definition(1, Overlap::Skip) });
    let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
    let due = row(&job, NOON, NOON);
    let run = start(&mut dispatch, due.clone(), NOON).run;
    dispatch.reported(&node("a"), vec![Report::Started { run, at: NOON }], NOON);
    assert_eq!(dispatch.flush(100).unwrap().updates[0].run.state, State::Running);
    dispatch.reported(&node("a"), vec![ended(run, Ending::Failed, NOON)], NOON);
    let assigned = Run { state: State::Assigned, node: Some(node("a")), ..due };
    dispatch.flushed(Recorded { conflicts: vec![assigned] }, NOON);
    let end = dispatch.flush(100).unwrap().updates.remove(0);
    assert_eq!((end.from, end.run.state, end.next_attempt.is_some()), (State::Assigned, State::Failed, true));
}

#[test]
fn a_run_that_ends_by_itself_before_it_is_killed_says_why_it_is_not_tried_again() {
    let retry = Retry { max: 1, ..Retry::default() };
    let job = job(1, Definition { retry, ..definition(1, Overlap::Skip) });
    for (ending, expected) in
        [(Ending::Failed, "not tried again: asked for"), (Ending::Succeeded, ""), (Ending::Killed, "asked for")]
    {
        let mut dispatch = dispatch(Handover::Sole, &job, &["a"]);
        let run = start(&mut dispatch, row(&job, NOON, NOON), NOON).run;
        assert!(dispatch.kill(run, "asked for", NOON));
        dispatch.reported(&node("a"), vec![ended(run, ending, NOON)], NOON);
        let update = dispatch.flush(100).unwrap().updates.remove(0);
        assert_eq!((update.run.reason.as_str(), update.next_attempt), (expected, None));
    }
}

/// A run that is made with its node chosen, a second ahead of its moment.
fn placed(dispatch: &mut Dispatch, job: &Arc<Job>) -> Run {
    let mut rows = vec![row(job, NOON + seconds(1), NOON)];
    dispatch.place(&mut rows, NOON);
    rows.remove(0)
}

#[test]
fn among_others_the_row_says_from_the_beginning_where_it_is_handed_ahead() {
    let job = job(1, definition(1, Overlap::Allow));
    let mut dispatch = dispatch(Handover::Recorded, &job, &["a"]);
    let run = placed(&mut dispatch, &job);
    assert_eq!((run.state, run.node.clone()), (State::Assigned, Some(node("a"))));
    assert!(handed(&mut dispatch).is_empty(), "the row is not there yet");
    dispatch.created_ahead(vec![run.clone()], NOON);
    let assignments = handed(&mut dispatch);
    assert_eq!((assignments.len(), assignments[0].not_before), (1, Some(run.due_at)));
    let over = run.due_at;
    dispatch.reported(&node("a"), vec![ended(run.id, Ending::Succeeded, over)], over);
    let update = dispatch.flush(100).unwrap().updates.remove(0);
    assert_eq!((update.from, update.run.state), (State::Assigned, State::Succeeded));
    dispatch.flushed(Recorded::default(), over);
    assert!(dispatch.is_empty() && dispatch.out() == 0);
}

#[test]
fn what_was_placed_and_never_made_leaves_nothing_behind() {
    let job = job(1, definition(1, Overlap::Allow));
    let mut dispatch = dispatch(Handover::Recorded, &job, &["a"]);
    placed(&mut dispatch, &job);
    assert_eq!(dispatch.out(), 1);
    dispatch.created_ahead(Vec::new(), NOON);
    assert!(dispatch.is_empty() && dispatch.out() == 0 && handed(&mut dispatch).is_empty());
}

#[test]
fn a_job_changed_while_its_row_is_made_is_decided_again_at_the_moment() {
    let job = job(1, definition(1, Overlap::Allow));
    let mut dispatch = dispatch(Handover::Recorded, &job, &["a"]);
    let run = placed(&mut dispatch, &job);
    let paused = Job {
        pause: Some(Pause { since: NOON, until: None, note: String::new(), by: "ann".to_owned() }),
        ..Job::clone(&job)
    };
    dispatch.job_changed(Arc::new(paused));
    dispatch.created_ahead(vec![run.clone()], NOON);
    assert!(handed(&mut dispatch).is_empty() && dispatch.out() == 0);
    assert_eq!(written(&mut dispatch, NOON)[0].state, State::Created);
    dispatch.tick(run.due_at);
    assert_eq!(written(&mut dispatch, run.due_at)[0].state, State::Skipped);
}

#[test]
fn whoever_takes_over_asks_for_what_waits_at_a_node_and_wants_back_what_does_not_stand() {
    let job = job(1, definition(1, Overlap::Allow));
    let changed = Arc::new(Job { revision: crate::id::Revision(2), ..Job::clone(&job) });
    for (known, wanted_back) in [(&job, false), (&changed, true)] {
        let mut dispatch = dispatch(Handover::Recorded, known, &["a"]);
        let mut run = row(&job, NOON + seconds(1), NOON);
        run.apply(Event::Assign { node: node("a") }).unwrap();
        dispatch.adopt(vec![run.clone()], NOON);
        let told = dispatch.take_effects().control.remove(&node("a")).unwrap();
        assert!(matches!(&told[0], Control::Inquire { runs, .. } if *runs == [run.id]), "{told:?}");
        assert_eq!(told.iter().any(|control| matches!(control, Control::Revoke { .. })), wanted_back);
        assert_eq!((dispatch.out(), dispatch.busy(job.id)), (1, 0));
    }
}
