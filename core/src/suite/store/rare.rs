//! Runs and jobs that few are like, found among all others.

use std::sync::Arc;

use super::samples::{add, assigned, at, definition, ended, furnished, missed, node, rows, update, waiting};
use crate::id::{Attempt, JobId, RunId};
use crate::job::target::{Nodes, Target};
use crate::job::{Definition, Mark, Pause};
use crate::port::Store;
use crate::port::store::{JobFilter, Page, Recording, Retention, RunFilter, Submission, Write};
use crate::run::{Answer, Ending, Event, Outcome, Run, State, Trigger, Verdict};

/// Writes everything that can make a run rare, in each way in which a row is written.
pub async fn many_ways(store: &impl Store) {
    let [killed, failed] = [10, 11].map(|second| assigned(1, second));
    let rejected = waiting(1, 12);
    let made = [missed(1, 0), missed(2, 1), ended(1, 2, Ending::Succeeded), furnished(4, 3)];
    let moved = [killed.clone(), failed.clone(), rejected.clone(), assigned(2, 13)];
    store.create(&rows(&[&made[..], &moved[..]].concat())).await.unwrap();
    store.create(&rows(&[missed(1, 0), missed(1, 20)])).await.unwrap();
    let end =
        |ending, run: &Run| update(run, Event::End(Box::new(Outcome::bare(ending, Some(run.due_at), at(99), ""))));
    let mut retry = waiting(1, 11);
    retry.id = RunId::derive(retry.due_at, retry.job, retry.shard, Attempt(2));
    (retry.attempt, retry.trigger) = (Attempt(2), Trigger::Retry);
    let mut fails = end(Ending::Failed, &failed);
    fails.next_attempt = Some(Box::new(retry));
    let answer = Answer { verdict: Verdict::Rejected, at: at(99), reason: "nobody".to_owned() };
    let updates = vec![end(Ending::Killed, &killed), fails, update(&rejected, Event::Answer(answer))];
    let recording = Recording { updates, ..Recording::default() };
    store.record(&recording).await.unwrap();
    store.record(&recording).await.unwrap();
    let run = Run { trigger: Trigger::Manual, ..waiting(2, 30) };
    store.submit(&Submission { run, idempotency_key: None, record: None }).await.unwrap();
}

/// Filters for what is rare, for what is not over, and some with more to it.
fn filters() -> Vec<RunFilter> {
    use State::{Assigned, Created, Failed, Killed, Lost, Missed, Rejected};
    let any = RunFilter::default;
    let of = |states: &[State]| RunFilter { states: states.to_vec(), ..any() };
    let made = |trigger| RunFilter { trigger: Some(trigger), ..any() };
    let all_ends: Vec<State> = State::ALL.into_iter().filter(|state| state.is_terminal()).collect();
    let plain = vec![
        of(&[Killed]),
        of(&[Lost]),
        of(&[Missed, Failed, Rejected, Missed]),
        of(&[Created, Assigned]),
        of(&[Missed, Created]),
        of(&all_ends),
        made(Trigger::Manual),
        made(Trigger::Retry),
        RunFilter { trigger: Some(Trigger::Retry), ..of(&[Failed]) },
        RunFilter { trigger: Some(Trigger::Retry), ..of(&[Created]) },
        RunFilter { node: Some(node("alpha")), ..of(&[Assigned]) },
        RunFilter { node: Some(node("alpha")), ..of(&[Killed]) },
    ];
    let within = |filter: &RunFilter| {
        let of_job = RunFilter { job: Some(JobId(1)), ..filter.clone() };
        let spanned = RunFilter { from: Some(at(1)), until: Some(at(13)), ..filter.clone() };
        [filter.clone(), of_job, spanned]
    };
    plain.iter().flat_map(within).collect()
}

async fn listed(store: &impl Store, filter: &RunFilter, limit: usize) -> Vec<Run> {
    let (mut runs, mut after): (Vec<Run>, Option<RunId>) = (Vec::new(), None);
    loop {
        let (page, next) = store.runs(filter, &Page { after, limit }).await.unwrap();
        assert!(page.len() <= limit, "{filter:?}");
        runs.extend(page);
        after = next;
        if next.is_none() {
            return runs;
        }
    }
}

/// Every list of rare runs has those that the list of all runs has.
pub async fn all_rare_runs_are_found(store: &impl Store) {
    let all = listed(store, &RunFilter::default(), 100).await;
    for filter in filters() {
        let fits = |run: &&Run| {
            filter.job.is_none_or(|job| run.job == job)
                && (filter.states.is_empty() || filter.states.contains(&run.state))
                && filter.trigger.is_none_or(|trigger| run.trigger == trigger)
                && filter.node.as_ref().is_none_or(|node| run.node.as_ref() == Some(node))
                && filter.from.is_none_or(|from| from <= run.due_at)
                && filter.until.is_none_or(|until| run.due_at < until)
        };
        let wanted: Vec<Run> = all.iter().filter(fits).cloned().collect();
        for limit in [1, 2, 50] {
            assert_eq!(listed(store, &filter, limit).await, wanted, "{filter:?} by {limit}");
        }
    }
}

/// In whichever way their rows were written, and after the oldest were forgotten.
pub async fn rare_runs_are_found_however_they_were_written(store: &impl Store) {
    many_ways(store).await;
    all_rare_runs_are_found(store).await;
    store.prune(Retention { before: at(11), per_job: 0, limit: 100 }).await.unwrap();
    all_rare_runs_are_found(store).await;
}

/// Writes jobs with every mark, through every change that gives or takes one.
pub async fn many_changes(store: &impl Store) {
    let labelled = |name: &str, team: &str| {
        let labels = [("team".to_owned(), team.to_owned()), ("size".to_owned(), "a = b".to_owned())].into();
        Arc::new(Definition { labels, ..definition(name) })
    };
    let wanted = [("zone".to_owned(), "eu".to_owned())].into();
    let target = Target { nodes: Nodes::Labels(wanted), broadcast: false };
    let group = Target { nodes: Nodes::Group("eu".to_owned()), broadcast: false };
    let writes = [
        Write::Add(labelled("a", "red")),
        Write::Add(labelled("b", "red")),
        Write::Add(labelled("c", "blue")),
        Write::Add(Arc::new(Definition { target, alerts: vec!["ops".to_owned()], ..definition("d") })),
        Write::Add(Arc::new(Definition { target: group, schedule: None, ..definition("e") })),
        Write::Add(Arc::new(Definition { enabled: false, ..definition("f") })),
        Write::Add(labelled("g", "red")),
        add("plain"),
    ];
    let ids: Vec<JobId> = store.write_jobs(&writes, "ann", at(0)).await.unwrap().iter().map(|job| job.id).collect();
    let pause = Pause { since: at(0), until: Some(at(50)), note: String::new(), by: "ann".to_owned() };
    let replace = |job, definition| Write::Replace { job, expected: None, definition };
    let writes = [
        // A name is handed on, together with a mark.
        replace(ids[0], labelled("x", "red")),
        replace(ids[1], labelled("a", "red")),
        replace(ids[2], labelled("c", "green")),
        Write::Pause { job: ids[3], pause },
        Write::Delete { job: ids[6] },
        Write::Add(labelled("g", "grey")),
    ];
    store.write_jobs(&writes, "ben", at(1)).await.unwrap();
}

async fn named(store: &impl Store, filter: &JobFilter, limit: usize) -> Vec<String> {
    let (mut names, mut after): (Vec<String>, Option<String>) = (Vec::new(), None);
    loop {
        let (page, next) = store.jobs(filter, &Page { after, limit }, at(10)).await.unwrap();
        assert!(page.len() <= limit, "{filter:?}");
        names.extend(page.iter().map(|job| job.definition.name.to_string()));
        after = next;
        if after.is_none() {
            return names;
        }
    }
}

/// As they are after all their changes, alone and with the rest of a filter.
pub async fn marked_jobs_are_found_as_they_are_now(store: &impl Store) {
    many_changes(store).await;
    all_marked_jobs_are_found(store).await;
}

/// Every list of jobs with a mark has those that have it after [`many_changes`].
pub async fn all_marked_jobs_are_found(store: &impl Store) {
    let any = JobFilter::default;
    let with = |mark: Mark| JobFilter { mark: Some(mark), ..any() };
    let cases = [
        (with(Mark::label("team=red")), vec!["a", "x"]),
        (with(Mark::label("team = green")), vec!["c"]),
        (with(Mark::label("blue")), vec![]),
        (with(Mark::label("team")), vec!["a", "c", "g", "x"]),
        (with(Mark::label("size=a = b")), vec!["a", "c", "g", "x"]),
        (with(Mark::target("eu").unwrap()), vec!["d", "e"]),
        (with(Mark::target("zone=eu").unwrap()), vec!["d"]),
        (with(Mark::Channel("ops".to_owned())), vec!["d"]),
        (with(Mark::Manual), vec!["e"]),
        (JobFilter { group: Some("eu".to_owned()), ..any() }, vec!["e"]),
        (JobFilter { active: Some(false), ..any() }, vec!["d", "f"]),
        (JobFilter { active: Some(true), ..with(Mark::target("eu").unwrap()) }, vec!["e"]),
        (JobFilter { name: Some("x".to_owned()), ..with(Mark::label("red")) }, vec!["x"]),
    ];
    for (filter, wanted) in cases {
        for limit in [1, 3, 50] {
            assert_eq!(named(store, &filter, limit).await, wanted, "{filter:?} by {limit}");
        }
    }
}
