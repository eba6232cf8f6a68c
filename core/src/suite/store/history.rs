//! Lists by key, under every filter.

use std::sync::Arc;
use std::time::Duration;

use super::samples::{add, at, definition, ended, furnished, missed, node, rows, waiting};
use crate::id::{JobId, RunId};
use crate::job::target::{Nodes, Target};
use crate::job::{Definition, Job, Pause};
use crate::port::Store;
use crate::port::store::{JobFilter, Page, RunFilter, Tally, Write};
use crate::run::{Ending, Run, State, Trigger};

async fn some_runs(store: &impl Store) -> Vec<Run> {
    let mut runs = Vec::new();
    for second in [0, 60, 120] {
        runs.extend([waiting(1, second), ended(2, second, Ending::Succeeded), missed(3, second)]);
    }
    runs.push(furnished(4, 90));
    store.create(&rows(&runs)).await.unwrap();
    runs.sort_by_key(|run| std::cmp::Reverse(run.id));
    runs
}

/// Each run once; the last page has no next one.
pub async fn runs_are_listed_newest_first_page_by_page(store: &impl Store) {
    let runs = some_runs(store).await;
    for limit in [1, 3, 5, 10, 11] {
        let (mut listed, mut after): (Vec<Run>, Option<RunId>) = (Vec::new(), None);
        loop {
            let (page, next) = store.runs(&RunFilter::default(), &Page { after, limit }).await.unwrap();
            listed.extend(page);
            after = next;
            if next.is_none() {
                break;
            }
            assert_eq!(listed.len() % limit, 0, "a page with a next one is full");
        }
        assert_eq!(listed, runs, "all runs, newest first, by {limit}");
    }
}

/// Alone and together with the others.
pub async fn every_filter_of_runs_restricts(store: &impl Store) {
    let runs = some_runs(store).await;
    let alpha = node("alpha");
    let any = RunFilter::default;
    type Expected = Box<dyn Fn(&Run) -> bool + Send>;
    let cases: Vec<(RunFilter, Expected)> = vec![
        (RunFilter { job: Some(JobId(2)), ..any() }, Box::new(|run| run.job == JobId(2))),
        (RunFilter { states: vec![State::Created], ..any() }, Box::new(|run| run.state == State::Created)),
        (
            RunFilter { states: vec![State::Missed, State::Failed], ..any() },
            Box::new(|run| matches!(run.state, State::Missed | State::Failed)),
        ),
        (RunFilter { node: Some(alpha.clone()), ..any() }, Box::new(move |run| run.node.as_ref() == Some(&alpha))),
        (RunFilter { trigger: Some(Trigger::Retry), ..any() }, Box::new(|run| run.trigger == Trigger::Retry)),
        (RunFilter { from: Some(at(60)), ..any() }, Box::new(|run| run.due_at >= at(60))),
        (RunFilter { until: Some(at(60)), ..any() }, Box::new(|run| run.due_at < at(60))),
        (
            RunFilter { job: Some(JobId(1)), from: Some(at(60)), until: Some(at(61)), ..any() },
            Box::new(|run| run.job == JobId(1) && run.due_at == at(60)),
        ),
        (RunFilter { job: Some(JobId(9)), ..any() }, Box::new(|_| false)),
    ];
    for (filter, expected) in cases {
        let wanted: Vec<Run> = runs.iter().filter(|run| expected(run)).cloned().collect();
        let (listed, next) = store.runs(&filter, &Page { after: None, limit: 20 }).await.unwrap();
        assert_eq!((listed, next), (wanted, None), "{filter:?}");
    }
}

async fn some_jobs(store: &impl Store) -> Vec<Arc<Job>> {
    let group = Target { nodes: Nodes::Group("php".to_owned()), broadcast: false };
    let off = Definition { enabled: false, ..definition("off") };
    let grouped = Definition { target: group, ..definition("grouped") };
    let writes = [
        add("b"),
        add("a_c"),
        add("A"),
        Write::Add(Arc::new(off)),
        Write::Add(Arc::new(grouped)),
        add("paused"),
        add("gone"),
    ];
    let mut jobs = store.write_jobs(&writes, "ann", at(0)).await.unwrap();
    let gone = jobs.pop().unwrap();
    let paused = jobs.pop().unwrap();
    let pause = Pause { since: at(0), until: Some(at(50)), note: String::new(), by: "ann".to_owned() };
    let writes = [Write::Delete { job: gone.id }, Write::Pause { job: paused.id, pause }];
    jobs.extend(store.write_jobs(&writes, "ann", at(0)).await.unwrap().pop());
    jobs.sort_by(|a, b| a.definition.name.cmp(&b.definition.name));
    jobs
}

/// Ascending, by the bytes of the name; deleted ones are left out.
pub async fn jobs_are_listed_by_name_page_by_page(store: &impl Store) {
    let jobs = some_jobs(store).await;
    for limit in [1, 4, 6, 7] {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = store.jobs(&JobFilter::default(), &Page { after, limit }, at(10)).await.unwrap();
            listed.extend(page);
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(listed, jobs, "all jobs, by {limit}");
    }
}

/// What is in a text means itself; a pause counts while it holds.
pub async fn every_filter_of_jobs_restricts(store: &impl Store) {
    some_jobs(store).await;
    let any = JobFilter::default;
    let cases = [
        (any(), 10, vec!["A", "a_c", "b", "grouped", "off", "paused"]),
        (JobFilter { name: Some("_".to_owned()), ..any() }, 10, vec!["a_c"]),
        (JobFilter { name: Some("a".to_owned()), ..any() }, 10, vec!["a_c", "paused"]),
        (JobFilter { name: Some(String::new()), ..any() }, 10, vec!["A", "a_c", "b", "grouped", "off", "paused"]),
        (JobFilter { active: Some(true), ..any() }, 10, vec!["A", "a_c", "b", "grouped"]),
        (JobFilter { active: Some(true), ..any() }, 50, vec!["A", "a_c", "b", "grouped", "paused"]),
        (JobFilter { active: Some(false), ..any() }, 49, vec!["off", "paused"]),
        (JobFilter { active: Some(false), ..any() }, 50, vec!["off"]),
        (JobFilter { group: Some("php".to_owned()), ..any() }, 10, vec!["grouped"]),
        (JobFilter { group: Some("web".to_owned()), ..any() }, 10, vec![]),
        (JobFilter { name: Some("p".to_owned()), active: Some(false), ..any() }, 10, vec!["paused"]),
    ];
    for (filter, second, expected) in cases {
        let (jobs, next) = store.jobs(&filter, &Page { after: None, limit: 20 }, at(second)).await.unwrap();
        let names: Vec<&str> = jobs.iter().map(|job| job.definition.name.as_str()).collect();
        assert_eq!((names, next), (expected, None), "{filter:?} at {second}");
    }
}

/// Of one job or of all, from an instant on; states with none are left out.
pub async fn runs_are_counted_by_state(store: &impl Store) {
    some_runs(store).await;
    let all = store.count_runs(None, at(60)).await.unwrap();
    let expected = vec![(State::Created, 2), (State::Succeeded, 2), (State::Failed, 1), (State::Missed, 2)];
    assert_eq!(all, expected, "of all jobs");
    assert_eq!(store.count_runs(Some(JobId(2)), at(0)).await.unwrap(), vec![(State::Succeeded, 3)], "of one job");
    assert_eq!(store.count_runs(None, at(121)).await.unwrap(), vec![], "none");
}

/// The end of the span is not within it; a run that was put off is late only behind the moment it was put off to.
pub async fn runs_of_a_span_are_tallied(store: &impl Store) {
    let started = |job, due: i64, not_before: i64, late_ms: u64| {
        let run = ended(job, due, Ending::Succeeded);
        let started_at = at(not_before) + Duration::from_millis(late_ms);
        Run { not_before: at(not_before), started_at: Some(started_at), ..run }
    };
    let runs = [
        waiting(1, 10),
        missed(2, 11),
        started(3, 12, 12, 100),
        started(4, 12, 12, 101),
        started(5, 12, 20, 100),
        started(6, 12, 20, 101),
        started(7, 13, 13, 9_000),
    ];
    store.create(&rows(&runs)).await.unwrap();
    let late_after = Duration::from_millis(100);
    let tally = store.tally(at(10), at(13), late_after).await.unwrap();
    let states = vec![(State::Created, 1), (State::Succeeded, 4), (State::Missed, 1)];
    assert_eq!(tally, Tally { states, late: 2 });
    assert_eq!(store.tally(at(14), at(99), late_after).await.unwrap(), Tally::default());
    assert_eq!(store.tally(at(13), at(13), late_after).await.unwrap(), Tally::default());
}
