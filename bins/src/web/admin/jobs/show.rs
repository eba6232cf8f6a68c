//! `/jobs/{job}`: what a job is, when it is due, how it went, how it became what it is.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use cronbus_core::account::{Action, Place};
use cronbus_core::document::{self, FieldChange};
use cronbus_core::job::{Job, Limits};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;
use serde_json::Value;

use super::list::{condition_badge, english, newest_runs};
use super::summary::{Summary, condition, sum_up};
use crate::explain::{Question, words};
use crate::web::access::Can;
use crate::web::admin::frame::{Frame, answer};
use crate::web::admin::link;
use crate::web::admin::parts::{Badge, When, kind, span, state_word};
use crate::web::admin::runs::list::{RunRow, rows, took};
use crate::web::admin::runs::run::{command, where_to};
use crate::web::admin::visit::Visit;
use crate::web::admin::words::Language;
use crate::web::problem::Problem;
use crate::web::site::Site;
use cronbus_core::schedule::preview;

/// How many due moments are shown.
const FIRES: usize = 10;

/// How many revisions.
const REVISIONS: usize = 20;

/// How many runs stand in the table.
const SHOWN: usize = 12;

#[derive(Template)]
#[template(path = "admin/job.html")]
struct JobPage {
    frame: Frame,
    name: String,
    encoded: String,
    description: String,
    badge: Badge,
    is_paused: bool,
    pause_note: String,
    revision: i32,
    facts: Vec<(String, String)>,
    command: String,
    params: String,
    labels: Vec<String>,
    fires: Vec<FireLine>,
    summary: Vec<(String, String)>,
    strip: Vec<Mark>,
    durations: Vec<Duration>,
    longest: String,
    rows: Vec<RunRow>,
    revisions: Vec<RevisionLine>,
    key: String,
    can: Can,
}

/// A due moment.
#[derive(Debug)]
pub(super) struct FireLine {
    pub(super) at: When,
    pub(super) local: String,
    pub(super) moved: &'static str,
}

#[derive(Debug)]
struct Mark {
    class: &'static str,
    href: String,
    title: String,
}

#[derive(Debug)]
struct Duration {
    class: &'static str,
    x: usize,
    y: f64,
    height: f64,
    title: String,
}

#[derive(Debug)]
struct RevisionLine {
    number: i32,
    at: When,
    by: String,
    is_current: bool,
    changes: Vec<ChangeLine>,
}

/// A field that a revision changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ChangeLine {
    pub(super) field: String,
    pub(super) from: String,
    pub(super) to: String,
}

/// The page.
///
/// # Errors
/// 404 when there is no such job, 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit, path: Path<String>) -> Result<HttpResponse, Problem> {
    let job = site.job(&path, &visit.principal, Action::View).await?;
    let runs = newest_runs(&site, &job).await?;
    let rows = rows(&site, runs.get(..SHOWN).unwrap_or(&runs), visit.language).await?;
    let revisions = site.store.revisions(job.id, REVISIONS).await?;
    let now = site.clock.now();
    let frame = visit.frame(&site, "nav-jobs", job.definition.name.to_string());
    let can = Can::at(&visit.principal, Place::from(&*job.definition));
    answer(&JobPage { can, ..page(frame, &job, &runs, rows, &revisions, now) })
}

fn page(frame: Frame, job: &Job, runs: &[Run], rows: Vec<RunRow>, revisions: &[Arc<Job>], now: Timestamp) -> JobPage {
    let (definition, language) = (&job.definition, frame.language);
    let name = definition.name.to_string();
    let condition = condition(job, now);
    let longest = runs.iter().filter_map(|run| took(run, now)).max().unwrap_or(0);
    let pause = job.pause.as_ref().filter(|pause| pause.holds(now));
    JobPage {
        encoded: link::job(&name, job.id).trim_start_matches("/jobs/").to_owned(),
        description: definition.description.clone(),
        badge: condition_badge(condition, language),
        is_paused: pause.is_some(),
        pause_note: pause.map_or_else(String::new, |pause| format!("{} ({})", pause.note, pause.by)),
        revision: job.revision.0,
        facts: facts(job, language),
        command: command(definition),
        params: definition.params.iter().map(|(key, value)| format!("{key} = {value}\n")).collect(),
        labels: definition.labels.iter().map(|(key, value)| format!("{key} = {value}")).collect(),
        fires: Question::about(job, now, FIRES).map_or_else(Vec::new, |question| fires(&question)),
        summary: figures(&sum_up(runs), language),
        strip: runs.iter().rev().map(|run| mark(run, now, language)).collect(),
        durations: durations(runs, longest, now, language),
        longest: span(longest),
        rows,
        revisions: revision_lines(job, revisions),
        can: Can { operate: false, edit: false },
        key: format!("{}-{}-{}", job.id, job.revision.0, now.millis()),
        name,
        frame,
    }
}

fn facts(job: &Job, language: Language) -> Vec<(String, String)> {
    let definition = &job.definition;
    let say = |key: &str| language.say(key);
    let mut facts = Vec::new();
    if let Some(rule) = &definition.schedule {
        facts.push((say("job-rule"), rule.clone()));
        facts.push((String::new(), english(job)));
        facts.push((say("job-zone"), definition.timezone.clone()));
    } else {
        facts.push((say("job-rule"), say("job-manual")));
    }
    facts.push((say("run-why-there"), where_to(definition, language)));
    facts.push((say("job-overlap"), word(&definition.overlap)));
    facts.push((say("job-misfire"), word(&definition.misfire.policy)));
    if definition.retry.max > 0 {
        let count = definition.retry.max.to_string();
        let delay = definition.retry.delay.to_string();
        facts.push((say("job-retry"), language.say_with("job-retry-of", [("count", &count), ("delay", &delay)])));
    }
    if let Some(timeout) = definition.timeout {
        facts.push((say("job-timeout"), timeout.to_string()));
    }
    if !definition.alerts.is_empty() {
        facts.push((say("edit-alerts"), definition.alerts.join(", ")));
    }
    facts.extend(limits(definition.limits, language));
    if let Some(keep) = definition.log.keep {
        facts.push((say("edit-log-keep"), keep.to_string()));
    }
    if let Some(last) = definition.log.last {
        facts.push((say("edit-log-last"), last.to_string()));
    }
    facts
}

/// What a run may use, where that is limited.
fn limits(limits: Limits, language: Language) -> impl Iterator<Item = (String, String)> {
    let memory = limits.memory.map(|memory| ("edit-limits-memory", memory.to_string()));
    let cpu = limits.cpu.map(|cpu| ("edit-limits-cpu", cpu.to_string()));
    let processes = limits.processes.map(|processes| ("edit-limits-processes", processes.to_string()));
    memory.into_iter().chain(cpu).chain(processes).map(move |(key, text)| (language.say(key), text))
}

/// The word of a policy, as documents write it.
fn word(policy: &impl serde::Serialize) -> String {
    match serde_json::to_value(policy) {
        Ok(Value::String(word)) => word.replace('_', " "),
        _ => String::new(),
    }
}

/// The next due moments of a rule; none where it cannot be used.
pub(super) fn fires(question: &Question) -> Vec<FireLine> {
    let Ok(schedule) = question.schedule() else { return Vec::new() };
    let fires = preview(&schedule, question.from, question.count);
    let line = |fire: cronbus_core::schedule::PreviewedFire| FireLine {
        at: When::in_zone(fire.at, schedule.timezone()),
        local: fire.local,
        moved: fire.moved.map_or("", words),
    };
    fires.into_iter().map(line).collect()
}

fn figures(summary: &Summary, language: Language) -> Vec<(String, String)> {
    let time = |millis: Option<i64>| millis.map_or_else(|| "–".to_owned(), span);
    let rate = summary.success_percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"));
    vec![
        (language.say("job-success"), rate),
        (language.say("job-median"), time(summary.p50_ms)),
        (language.say("job-p95"), time(summary.p95_ms)),
    ]
}

fn mark(run: &Run, now: Timestamp, language: Language) -> Mark {
    let time = took(run, now).map_or_else(String::new, |millis| format!(", {}", span(millis)));
    let title = format!("{}: {}{time}", run.due_at, state_word(run.state, language));
    Mark { class: kind(run.state), href: link::run(run.id), title }
}

fn durations(runs: &[Run], longest: i64, now: Timestamp, language: Language) -> Vec<Duration> {
    const HEIGHT: f64 = 90.0;
    let bar = |(index, run): (usize, &Run)| {
        let height = (HEIGHT * took(run, now)? as f64 / longest.max(1) as f64).max(1.5);
        let title = mark(run, now, language).title;
        Some(Duration { class: kind(run.state), x: index * 9, y: HEIGHT - height, height, title })
    };
    runs.iter().rev().enumerate().filter_map(bar).collect()
}

fn revision_lines(job: &Job, revisions: &[Arc<Job>]) -> Vec<RevisionLine> {
    let line = |(index, revision): (usize, &Arc<Job>)| RevisionLine {
        number: revision.revision.0,
        at: When::at(revision.updated_at),
        by: revision.updated_by.clone(),
        is_current: revision.revision == job.revision,
        changes: revisions.get(index + 1).map_or_else(Vec::new, |before| changes(before, revision)),
    };
    revisions.iter().enumerate().map(line).collect()
}

/// Where two revisions differ. A new name makes them two jobs for the comparing of documents, so it is set alike.
pub(super) fn changes(before: &Job, after: &Job) -> Vec<ChangeLine> {
    let mut wanted = (*after.definition).clone();
    let (from, to) =
        (before.definition.name.clone(), std::mem::replace(&mut wanted.name, before.definition.name.clone()));
    let plan = document::diff(&[Arc::new(Job { deleted: false, ..before.clone() })], &[wanted], false);
    let line = |change: &FieldChange| ChangeLine {
        field: change.field.clone(),
        from: value(&change.from),
        to: value(&change.to),
    };
    let mut lines: Vec<ChangeLine> = plan.change.iter().flat_map(|change| change.fields.iter().map(line)).collect();
    if from != to {
        lines.insert(0, ChangeLine { field: "name".to_owned(), from: from.to_string(), to: to.to_string() });
    }
    lines
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::JobId;
    use cronbus_core::job::{Command, Definition, JobName};

    #[test]
    fn a_revision_tells_what_it_changed_even_the_name() {
        let definition = |name: &str, line: &str| Definition::new(JobName::new(name).unwrap(), Command::shell(line));
        let job = |definition| Job::added(JobId(1), Arc::new(definition), "ann", Timestamp::EPOCH);
        let lines = changes(&job(definition("a", "x")), &job(definition("b", "y")));
        let line =
            |field: &str, from: &str, to: &str| ChangeLine { field: field.into(), from: from.into(), to: to.into() };
        assert_eq!(lines, [line("name", "a", "b"), line("command.shell", "x", "y")]);
    }
}
