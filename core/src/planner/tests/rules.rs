//! One rule each.

use std::collections::BTreeMap;

use super::*;
use crate::job::Pause;
use crate::job::target::Nodes;
use crate::port::store::Write;
use crate::run::State;

#[test]
fn batches_are_bounded_and_only_a_few_are_out() {
    let jobs = (1..=100).map(|id| job(id, "* * * * *", NOON)).collect();
    let mut planner = planner(Settings { batch: 30, ..Settings::default() }, jobs, NOON, NOON);
    let due = NOON + seconds(60);
    planner.catalog_seen(due);
    let out: Vec<_> = std::iter::from_fn(|| planner.plan(due)).collect();
    assert_eq!(out.len(), 3);
    assert_eq!(planner.next_wake(due), None, "nothing to do before one of them is durable");
    for batch in &out {
        assert_eq!(batch.creation.runs.len(), 30);
        assert!(batch.creation.advances.iter().all(|advance| advance.watermark < due));
        planner.durable(batch.id);
    }
    let rest = plan_all(&mut planner, due);
    assert_eq!(rest.len(), 1);
    assert!(rest[0].creation.advances.iter().all(|advance| advance.watermark > due));
}

#[test]
fn a_broadcast_has_a_row_for_each_member_and_keeps_to_the_batch() {
    let mut broadcast = definition("all", "* * * * *");
    broadcast.target.broadcast = true;
    let job = Job::added(JobId(1), Arc::new(broadcast), "ann", NOON);
    let mut planner = planner(Settings { batch: 2, ..Settings::default() }, vec![job], NOON, NOON);
    planner.members_changed(&["a", "b", "c"].map(|name| member(name, NOON)));
    let due = NOON + seconds(60);
    planner.catalog_seen(due);
    let batches = plan_all(&mut planner, due);
    assert_eq!(batches.iter().map(|batch| batch.creation.runs.len()).collect::<Vec<_>>(), [2, 1]);
    assert!(batches[0].creation.advances.iter().all(|advance| advance.watermark < due));
    let made = rows(batches);
    let nodes: Vec<_> = made.iter().map(|run| run.node.clone().unwrap().to_string()).collect();
    assert_eq!(nodes, ["a", "b", "c"]);
    assert!(made.iter().enumerate().all(|(place, run)| run.shard.index() as usize == place && run.shards == 3));

    planner.members_changed(&[member("a", NOON)]);
    planner.catalog_seen(due + seconds(60));
    let alone = rows(plan_all(&mut planner, due + seconds(60)));
    assert!(alone.len() == 1 && alone[0].shards == 1 && alone[0].is_pinned());
}

#[test]
fn owners_who_see_different_members_give_no_node_two_rows_of_a_slot() {
    let due = NOON + seconds(60);
    let made_by = |names: &[&str]| {
        let mut broadcast = definition("all", "* * * * *");
        broadcast.target.broadcast = true;
        let job = Job::added(JobId(1), Arc::new(broadcast), "ann", NOON);
        let mut planner = planner(Settings::default(), vec![job], NOON, NOON);
        planner.members_changed(&names.iter().map(|name| member(name, NOON)).collect::<Vec<_>>());
        planner.catalog_seen(due);
        let rows = rows(plan_all(&mut planner, due));
        rows.into_iter().map(|run| (run.node.clone().unwrap(), run.id)).collect::<BTreeMap<_, _>>()
    };
    let (one, other) = (made_by(&["a", "b", "c"]), made_by(&["b", "d"]));
    let name = |text| NodeName::new(text).unwrap();
    assert_eq!(one[&name("b")], other[&name("b")]);
    assert_ne!(one[&name("a")], one[&name("b")]);
}

#[test]
fn a_plan_does_not_run_ahead_of_the_catalogue() {
    let settings = Settings::default();
    let mut planner = planner(settings, vec![job(1, "@every 1s", NOON)], NOON, NOON);
    let made = rows(plan_all(&mut planner, NOON + seconds(14)));
    let last = made.iter().map(|run| run.due_at).max();
    assert_eq!(last, Some(NOON + settings.catalog_patience + settings.lookahead));
}

#[test]
fn a_node_start_is_a_slot_once_and_again_after_what_was_planned_is_gone() {
    for expression in ["@reboot", "CRON_TZ=Asia/Tokyo @Reboot"] {
        let mut once = definition("boot", expression);
        once.target.nodes = Nodes::Named(NodeName::new("b").unwrap());
        let boot = Job::added(JobId(1), Arc::new(once), "ann", NOON - seconds(99));
        let mut planner = planner(Settings::default(), vec![boot], NOON, NOON);
        let nodes = ["a", "b"].map(|name| member(name, NOON + seconds(1)));
        planner.members_changed(&nodes);
        let now = NOON + seconds(2);
        let made = rows(plan_all(&mut planner, now));
        assert_eq!(made.len(), 1, "{expression}");
        assert_eq!(made[0].node, Some(nodes[1].name.clone()));
        planner.members_changed(&nodes);
        assert!(rows(plan_all(&mut planner, now)).is_empty(), "it was told of already");

        planner.disown(&Partition::all().collect::<Vec<_>>());
        planner.own(&claims(now + seconds(2)));
        assert_eq!(rows(plan_all(&mut planner, now)), made, "the watermark passed it, its row may be lost");

        planner.members_changed(&[member("b", NOON + seconds(9))]);
        assert_eq!(rows(plan_all(&mut planner, now + seconds(9))).len(), 1, "a new life");
    }
}

#[test]
fn two_edits_in_one_millisecond_both_count() {
    let first = job(1, "@every 7s", NOON);
    let mut planner = planner(Settings::default(), vec![first.clone()], NOON, NOON);
    let replace = |schedule| Write::Replace {
        job: first.id,
        expected: None,
        definition: Arc::new(definition("job-1", schedule)),
    };
    let second = first.changed(&replace("@every 3s"), "ann", NOON, NOON);
    planner.job_changed(Arc::new(second));
    assert_eq!(planner.due_of(first.id), Some(NOON + seconds(3)));
    planner.job_changed(Arc::new(first));
    assert_eq!(planner.due_of(JobId(1)), Some(NOON + seconds(3)), "an older revision changes nothing");
}

#[test]
fn every_is_counted_from_each_jobs_own_anchor() {
    let now = NOON + Duration::from_millis(500);
    let jobs = vec![job(1, "@EVERY 1m", NOON), job(2, "@EVERY 1m", now), job(3, "TZ=UTC @every 1m", now)];
    let planner = planner(Settings::default(), jobs, NOON, now);
    let due = [1, 2, 3].map(|id| planner.due_of(JobId(id)));
    assert_eq!(due, [Some(NOON + seconds(60)), Some(now + seconds(60)), Some(now + seconds(60))]);
}

#[test]
fn watermarks_of_idle_partitions_move_now_and_then() {
    let mut planner = planner(Settings::default(), vec![], NOON, NOON);
    let wake = planner.next_wake(NOON).unwrap();
    assert!(planner.plan(wake - Duration::from_millis(1)).is_none());
    let batch = planner.plan(wake).unwrap();
    assert!(batch.creation.runs.is_empty());
    assert_eq!(batch.creation.advances.len(), Partition::COUNT);
    assert!(batch.creation.advances.iter().all(|advance| advance.watermark > NOON));
}

#[test]
fn rows_wait_for_their_moment() {
    let mut planner = planner(Settings::default(), vec![job(1, "@every 1s", NOON)], NOON, NOON);
    let made = rows(plan_all(&mut planner, NOON));
    assert_eq!(made.len(), 2);
    assert!(made.iter().all(|run| run.state == State::Created && run.not_before == run.due_at));
}

#[test]
fn slots_after_a_pause_that_was_cut_short_count_for_the_next_owner_too() {
    let paused = |until| {
        let pause = Pause { since: NOON - seconds(1), until, note: String::new(), by: "ann".to_owned() };
        let job = job(1, "@every 1s", NOON - seconds(600));
        job.changed(&Write::Pause { job: job.id, pause }, "ann", NOON - seconds(1), NOON)
    };
    // The watermark passed the end of the pause while the pause had none yet.
    let mut planner = planner(Settings::default(), vec![paused(Some(NOON))], NOON + seconds(2), NOON + seconds(2));
    let made: Vec<_> = rows(plan_all(&mut planner, NOON + seconds(2))).iter().map(|run| run.due_at).collect();
    assert_eq!(made, [0, 1, 2, 3, 4].map(|after| NOON + seconds(after)));
    planner.job_changed(Arc::new(paused(None)));
    assert!(planner.is_empty());
}
