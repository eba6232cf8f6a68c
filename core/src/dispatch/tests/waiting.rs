//! What a run is said to wait for while it does, and that this is what its rejection says in the end.

use super::rules::{dispatch, written};
use super::*;
use crate::dispatch::{Awaited, waiting_for};
use crate::job::target::Nodes;
use crate::run::{Event, State};

fn for_group(group: &str) -> Arc<Job> {
    let mut definition = definition(1, Overlap::Skip);
    definition.target.nodes = Nodes::Group(group.to_owned());
    definition.start_deadline = Some(Period::from_secs(30));
    job(1, definition)
}

#[test]
fn a_run_that_no_node_fits_says_why_and_is_rejected_for_the_same_reason() {
    let job = for_group("php");
    let members = [member("a", NOON)];
    let run = row(&job, NOON, NOON);
    let waits = waiting_for(&run, &job, &members, NOON).unwrap();
    assert_eq!(waits.what, Awaited::Node);
    let why = "no node fits the job's target, group `php`: a: it is not among the job's target";
    assert!(waits.detail.contains(why), "{}", waits.detail);
    assert!(waits.detail.contains(&(NOON + seconds(30)).to_string()), "{}", waits.detail);

    let mut dispatch = dispatch(crate::dispatch::Handover::Recorded, &job, &["a"]);
    dispatch.created(vec![run]);
    dispatch.tick(NOON);
    dispatch.tick(NOON + seconds(31));
    let rejected = written(&mut dispatch, NOON + seconds(31)).pop().unwrap();
    assert_eq!(rejected.state, State::Rejected);
    assert_eq!(rejected.reason, format!("not started within start_deadline: {why}"));
}

#[test]
fn what_a_run_waits_for_follows_from_its_row_and_the_members() {
    let job = job(1, definition(1, Overlap::Skip));
    let members = [member("a", NOON)];
    let run = row(&job, NOON, NOON);
    let assigned = |name| {
        let mut run = run.clone();
        run.apply(Event::Assign { node: node(name) }).unwrap();
        run
    };
    let running = Run { state: State::Running, ..assigned("a") };
    let pinned = |name| Run { shard: crate::id::Shard(1), node: Some(node(name)), ..run.clone() };
    let draining = [Member { state: Availability::Draining, ..member("a", NOON) }];
    for (what, run, members, expected) in [
        ("about to be handed over", run.clone(), &members[..], None),
        ("due later", Run { not_before: NOON + seconds(9), ..run.clone() }, &members, Some(Awaited::Moment)),
        ("nobody there", run.clone(), &[], Some(Awaited::Node)),
        ("all leaving", run.clone(), &draining, Some(Awaited::Node)),
        ("at a node", assigned("a"), &members, Some(Awaited::Turn)),
        ("at a node that is gone", assigned("b"), &members, Some(Awaited::Node)),
        ("for a node that is there", pinned("a"), &members, None),
        ("for a node that is not", pinned("b"), &members, Some(Awaited::Node)),
        ("executing", running, &members, None),
    ] {
        let waits = waiting_for(&run, &job, members, NOON);
        assert_eq!(waits.map(|waits| waits.what), expected, "{what}");
    }
}
