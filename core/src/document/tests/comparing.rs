//! What applying a document would change.

use std::sync::Arc;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::super::*;
use super::any_job::any_job;
use super::{job, now};
use crate::id::JobId;
use crate::job::{Definition, Job};
use crate::port::store::Write;

fn stored(definitions: &[Definition]) -> Vec<Arc<Job>> {
    let job = |(id, definition): (i64, &Definition)| Job::added(JobId(id), Arc::new(definition.clone()), "ann", now());
    (1..).zip(definitions).map(job).map(Arc::new).collect()
}

/// The jobs after a plan was carried out.
fn carried_out(current: &[Arc<Job>], plan: &Plan) -> Vec<Arc<Job>> {
    let mut jobs = current.to_vec();
    for write in plan.writes() {
        match &write {
            Write::Add(definition) => {
                jobs.push(Arc::new(Job::added(JobId(1000 + jobs.len() as i64), Arc::clone(definition), "ben", now())))
            }
            Write::Replace { job: id, .. } | Write::Delete { job: id } => {
                let job = jobs.iter_mut().find(|job| job.id == *id).unwrap();
                *job = Arc::new(job.changed(&write, "ben", now(), now()));
            }
            Write::Pause { .. } | Write::Resume { .. } => panic!("a plan neither pauses nor resumes"),
        }
    }
    jobs
}

#[expect(clippy::needless_pass_by_value, reason = "as expect-test is written")]
fn check(from: &str, to: &str, expected: Expect) {
    let [from, to] = [from, to].map(|text| read(text, Format::Toml).unwrap());
    let plan = diff(&stored(&from), &to, true);
    let mut shown = String::new();
    for definition in &plan.add {
        shown += &format!("+ {}\n", definition.name);
    }
    for change in &plan.change {
        shown += &format!("~ {}\n", change.job.definition.name);
        for field in &change.fields {
            shown += &format!("    {}: {} -> {}\n", field.field, field.from, field.to);
        }
    }
    for job in &plan.remove {
        shown += &format!("- {}\n", job.definition.name);
    }
    for job in &plan.unchanged {
        shown += &format!("= {}\n", job.definition.name);
    }
    expected.assert_eq(&shown);
}

#[test]
fn differences_are_told_field_by_field() {
    let from = "
        [[job]]
        name = 'same'
        command = { shell = 'a', env = {} }
        timeout = '90s'
        [[job]]
        name = 'other'
        schedule = '0 3 * * *'
        command = { shell = 'a', env = { A = '1', B = '2' } }
        retry = { max = 3 }
        [[job]]
        name = 'gone'
        command = { noop = true }";
    let to = "
        [[job]]
        name = 'new'
        command = { noop = true }
        [[job]]
        name = 'other'
        schedule = '0 4 * * *'
        command = { shell = 'a', env = { A = '1', B = '3' } }
        alerts = ['ops']
        [[job]]
        name = 'same'
        timeout = '1m30s'
        priority = 5
        [job.command]
        shell = 'a'";
    check(
        from,
        to,
        expect![[r#"
            + new
            ~ other
                alerts: null -> ["ops"]
                command.env.B: "2" -> "3"
                retry.max: 3 -> null
                schedule: "0 3 * * *" -> "0 4 * * *"
            - gone
            = same
        "#]],
    );
}

#[test]
fn without_prune_nothing_is_removed_and_deleted_jobs_are_not_there() {
    let mut current = stored(&[job("a"), job("b")]);
    assert!(diff(&current, &[job("a")], false).is_empty());
    assert_eq!(diff(&current, &[job("a")], true).remove.len(), 1);
    Arc::make_mut(&mut current[0]).deleted = true;
    assert_eq!(diff(&current, &[job("a"), job("b")], true).add.len(), 1);
}

#[test]
fn a_job_that_is_there_already_is_not_checked_again() {
    let mut over = job("over");
    over.schedule = Some("@at 2020-01-01T00:00:00Z".to_owned());
    let text = write_toml(std::slice::from_ref(&over)).unwrap();
    assert!(read_valid_beside(&text, Format::Toml, &[], now()).is_err());
    let mut current = stored(std::slice::from_ref(&over));
    assert_eq!(read_valid_beside(&text, Format::Toml, &current, now()), Ok(vec![over]));
    Arc::make_mut(&mut current[0]).deleted = true;
    assert!(read_valid_beside(&text, Format::Toml, &current, now()).is_err());
}

proptest! {
    #[test]
    fn applying_twice_changes_nothing_more(
        current in proptest::collection::vec(any_job(), 0..3), wanted in proptest::collection::vec(any_job(), 0..3),
        prune: bool,
    ) {
        let by_name = |jobs: Vec<Definition>| {
            let table: std::collections::BTreeMap<_, _> = jobs.into_iter().map(|job| (job.name.clone(), job)).collect();
            table.into_values().collect::<Vec<_>>()
        };
        let (current, mut wanted) = (by_name(current), by_name(wanted));
        // Some names in common, and some jobs.
        for (job, other) in wanted.iter_mut().zip(&current) {
            job.name = other.name.clone();
        }
        let current = stored(&current);
        let plan = diff(&current, &wanted, prune);
        prop_assert!(plan.change.iter().all(|change| !change.fields.is_empty()));
        let again = diff(&carried_out(&current, &plan), &wanted, prune);
        prop_assert!(again.is_empty(), "{:?}", again);
        prop_assert_eq!(again.unchanged.len(), wanted.len());
    }
}
