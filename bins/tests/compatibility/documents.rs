//! Documents of jobs: what was written for an earlier release, and what is written now for it.

use std::collections::BTreeSet;

use cronbus_core::document::{self, Format};
use cronbus_core::job::Definition;
use serde_json::{Value, json};

use crate::release::Release;
use crate::rule::{Breach, Rule, losses};

const READ: Rule = Rule {
    about: "jobs",
    says: "a document of jobs that a release took is taken by the next one, and means the same",
    instead: "keep reading the field as it was; when it has had no effect for a release, name it in taken-away.toml",
};

const WRITTEN: Rule = Rule {
    about: "jobs",
    says: "nodes of both releases read the same definitions, and refuse those with a field that they do not know: a new \
           field is written only for jobs whose author uses it",
    instead: "give the field a default that is not written (`skip_serializing_if`), under which a job does what it did \
              before there was the field",
};

/// The words of every job, as its author writes them.
const DOCUMENT: &str = "jobs.toml";

/// The same as the store and messages have them.
const CANONICAL: &str = "jobs.json";

fn read(text: &str, format: Format) -> Result<Vec<Definition>, Vec<Breach>> {
    document::read(text, format).map_err(|error| vec![Breach::new(format.to_string(), error.to_string())])
}

fn canonical(jobs: &[Definition]) -> Value {
    serde_json::from_str(&document::write_json(jobs).unwrap()).unwrap()
}

#[test]
fn documents_of_earlier_releases_are_taken_and_mean_the_same() {
    for release in Release::all() {
        let recorded = release.json(CANONICAL);
        for (name, format) in [(DOCUMENT, Format::Toml), (CANONICAL, Format::Json)] {
            match read(&release.text(name), format) {
                Ok(jobs) => READ.hold(&release, losses("", &recorded, &canonical(&jobs))),
                Err(breaches) => READ.hold(&release, breaches),
            }
        }
    }
}

#[test]
fn jobs_that_use_nothing_new_have_no_field_that_earlier_releases_do_not_know() {
    for release in Release::all() {
        let Ok(jobs) = read(&release.text(DOCUMENT), Format::Toml) else { continue };
        // What is new is lost on the way back.
        let new = losses("", &canonical(&jobs), &release.json(CANONICAL)).into_iter();
        let told = new.filter(|breach| breach.how == "it is gone").map(|breach| Breach::new(breach.part, "it is new"));
        WRITTEN.hold(&release, told.collect());
    }
}

/// The fields that a table of a job may have, as its reader names them when it meets another.
fn fields(path: &[&str]) -> BTreeSet<String> {
    let unknown = path.iter().rev().fold(json!({ "?": null }), |value, key| json!({ *key: value }));
    let mut job = json!({ "name": "a", "command": { "noop": true } });
    for (key, value) in unknown.as_object().unwrap() {
        job[key] = value.clone();
    }
    let message = serde_json::from_value::<Definition>(job).unwrap_err().to_string();
    let (_, expected) = message.split_once("expected").unwrap_or_else(|| panic!("{path:?}: {message}"));
    expected.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// Keeps what the document comes to, which has to use every field there is.
pub(crate) fn record(release: &Release) {
    release.inherit("", DOCUMENT, "");
    let jobs = read(&release.text(DOCUMENT), Format::Toml).unwrap_or_else(|breaches| panic!("{breaches:#?}"));
    let value = canonical(&jobs);
    for path in [&[][..], &["command"], &["command", "http"], &["dst"], &["misfire"], &["retry"], &["log"]] {
        let at = |job: &Value| path.iter().try_fold(job.clone(), |value, key| value.get(key).cloned());
        let tables = value["job"].as_array().unwrap().iter().filter_map(at);
        let used: BTreeSet<String> =
            tables.filter_map(|table| Some(table.as_object()?.keys().cloned().collect::<Vec<_>>())).flatten().collect();
        let lacking: Vec<String> = fields(path).difference(&used).cloned().collect();
        let place = release.path(DOCUMENT);
        assert!(lacking.is_empty(), "{}: use these of {path:?}, too: {lacking:?}", place.display());
    }
    release.write_json(CANONICAL, &value);
}
