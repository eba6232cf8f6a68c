//! `/jobs`: all jobs by name.
//!
//! The database filters by name, group and whether a job is active; the rest is looked for in what it lists, up to a bound
//! at a time.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::account::Place;
use cronbus_core::job::target::Nodes;
use cronbus_core::job::{Job, Mark};
use cronbus_core::port::store::{JobFilter, Page, RunFilter};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;
use futures::stream::{StreamExt, TryStreamExt};

use super::summary::{LOOKED_AT, condition, sum_up};
use crate::explain::{Question, next_fire};
use crate::web::access::{Can, Sight};
use crate::web::admin::frame::{Frame, answer};
use crate::web::admin::link::{self, QueryText};
use crate::web::admin::parts::{Badge, When, span};
use crate::web::admin::runs::run::where_to;
use crate::web::admin::visit::Visit;
use crate::web::admin::words::Language;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::session::Principal;
use crate::web::site::Site;

/// How many jobs a page has.
const PAGE: usize = 40;

/// How many jobs are read at a time, and how many times, to find those that fit.
const READ: usize = 500;
const READS: usize = 20;

/// How many jobs' runs are asked for at a time.
const AT_ONCE: usize = 4;

/// The conditions that can be chosen, with their words.
const CONDITIONS: [(&str, &str); 4] =
    [("active", "job-active"), ("paused", "job-paused-state"), ("disabled", "job-disabled"), ("manual", "job-manual")];

#[derive(Template)]
#[template(path = "admin/jobs.html")]
struct JobsPage {
    frame: Frame,
    asked: Asked,
    conditions: Vec<(&'static str, String)>,
    rows: Vec<JobRow>,
    can: Can,
    next: Option<String>,
    first: Option<String>,
}

#[derive(Debug)]
struct JobRow {
    id: i64,
    name: String,
    href: String,
    description: String,
    rule: String,
    english: String,
    zone: String,
    whereabouts: String,
    badge: Badge,
    is_paused: bool,
    can: Can,
    next: Option<When>,
    last: Option<(Badge, When, String)>,
    rate: String,
    p50: String,
    p95: String,
}

/// What was asked for, as it stands in the address.
#[derive(Clone, Debug, Default)]
struct Asked {
    name: String,
    state: String,
    group: String,
    target: String,
    label: String,
    channel: String,
    cursor: String,
}

impl Asked {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut read = Parameters::of(request)?;
        let mut text = |name| read.text(name).unwrap_or_default().trim().to_owned();
        let [name, state, group] = ["name", "state", "group"].map(&mut text);
        let [target, label, channel, cursor] = ["target", "label", "channel", "cursor"].map(&mut text);
        read.finish()?;
        let is_known = state.is_empty() || CONDITIONS.iter().any(|(word, _)| *word == state);
        if !is_known {
            return Err(Problem::not_one_of("state", &state, "active, paused, disabled or manual"));
        }
        Ok(Self { name, state, group, target, label, channel, cursor })
    }

    fn href(&self, cursor: &str) -> String {
        let query = QueryText::default().with("name", &self.name).with("state", &self.state).with("group", &self.group);
        let query = query.with("target", &self.target).with("label", &self.label);
        let query = query.with("channel", &self.channel);
        format!("/jobs{}", query.with("cursor", cursor).text())
    }

    fn filter(&self) -> JobFilter {
        let optional = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let active = match self.state.as_str() {
            "active" | "manual" => Some(true),
            "paused" | "disabled" => Some(false),
            _ => None,
        };
        JobFilter { name: optional(&self.name), active, group: optional(&self.group), mark: self.mark() }
    }

    /// What the fewest jobs have.
    fn mark(&self) -> Option<Mark> {
        let given = |text: &'_ String| Some(text.clone()).filter(|text| !text.is_empty());
        let label = given(&self.label).map(|text| Mark::label(&text));
        let channel = || given(&self.channel).map(Mark::Channel);
        let target = || given(&self.target).and_then(|text| Mark::target(&text));
        let manual = || (self.state == "manual").then_some(Mark::Manual);
        label.or_else(channel).or_else(target).or_else(manual)
    }

    /// What the database was not asked about.
    fn fits(&self, job: &Job, now: Timestamp) -> bool {
        (self.state.is_empty() || condition(job, now) == self.state)
            && (self.target.is_empty() || target_fits(&job.definition.target.nodes, &self.target))
            && (self.label.is_empty() || label_fits(job, &self.label))
            && (self.channel.is_empty() || job.definition.alerts.contains(&self.channel))
    }

    fn is_covered_by_database(&self) -> bool {
        [&self.state, &self.target, &self.label, &self.channel].into_iter().all(String::is_empty)
    }
}

/// `any`, the name of a node or a group, or a label of the target.
fn target_fits(nodes: &Nodes, text: &str) -> bool {
    match nodes {
        Nodes::Any => text == "any",
        Nodes::Named(node) => node.as_str() == text,
        Nodes::Group(group) => group == text,
        Nodes::Labels(labels) => labels.iter().any(|(key, value)| is_label(key, value, text)),
    }
}

fn label_fits(job: &Job, text: &str) -> bool {
    job.definition.labels.iter().any(|(key, value)| is_label(key, value, text))
}

/// `key`, `value` or `key=value`.
fn is_label(key: &str, value: &str, text: &str) -> bool {
    match text.split_once('=') {
        Some((wanted, of)) => key == wanted.trim() && value == of.trim(),
        None => key == text || value == text,
    }
}

/// The list.
///
/// # Errors
/// 400 for what cannot be read, 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked = Asked::of(&request)?;
    let now = site.clock.now();
    let (jobs, next) = find(&site, &asked, now, &visit.principal).await?;
    let runs = futures::stream::iter(&jobs).map(|job| newest_runs(&site, job)).buffered(AT_ONCE);
    let runs: Vec<Vec<Run>> = runs.try_collect().await?;
    let rows =
        jobs.iter().zip(&runs).map(|(job, runs)| row(job, runs, now, visit.language, &visit.principal)).collect();
    let page = JobsPage {
        frame: visit.frame(&site, "nav-jobs", visit.say("nav-jobs")),
        conditions: CONDITIONS.map(|(value, key)| (value, visit.say(key))).into(),
        next: next.map(|cursor| asked.href(&cursor)),
        first: (!asked.cursor.is_empty()).then(|| asked.href("")),
        can: Can::somewhere(&visit.principal),
        asked,
        rows,
    };
    answer(&page)
}

/// A page of jobs that fit, and where to go on.
async fn find(
    site: &Site,
    asked: &Asked,
    now: Timestamp,
    by: &Principal,
) -> Result<(Vec<Arc<Job>>, Option<String>), Problem> {
    let sight = Sight::of(site, by);
    let filter = asked.filter();
    let mut after = Some(asked.cursor.clone()).filter(|cursor| !cursor.is_empty());
    let limit = if asked.is_covered_by_database() && sight.sees_all() { PAGE } else { READ };
    let mut found: Vec<Arc<Job>> = Vec::new();
    for _ in 0..READS {
        let (jobs, next) = site.store.jobs(&filter, &Page { after, limit }, now).await?;
        for job in jobs.into_iter().filter(|job| sight.sees(job) && asked.fits(job, now)) {
            if found.len() == PAGE {
                let last = found.last().map(|job| job.definition.name.to_string());
                return Ok((found, last));
            }
            found.push(job);
        }
        after = next;
        if after.is_none() || found.len() == PAGE {
            break;
        }
    }
    Ok((found, after))
}

/// A job's newest runs, by the index that has them.
pub(super) async fn newest_runs(site: &Site, job: &Job) -> Result<Vec<Run>, Problem> {
    let filter = RunFilter { job: Some(job.id), ..RunFilter::default() };
    Ok(site.store.runs(&filter, &Page { after: None, limit: LOOKED_AT }).await?.0)
}

fn row(job: &Job, runs: &[Run], now: Timestamp, language: Language, by: &Principal) -> JobRow {
    let definition = &job.definition;
    let summary = sum_up(runs);
    let condition = condition(job, now);
    let optional = |millis: Option<i64>| millis.map_or_else(String::new, span);
    // A run that is made ahead of its moment is not the last one yet.
    let last = runs.iter().find(|run| run.due_at <= now).map(|run| {
        (Badge::of(run.state, language), When::in_zone(run.due_at, &definition.timezone), link::run(run.id))
    });
    JobRow {
        id: job.id.0,
        name: definition.name.to_string(),
        href: link::job(definition.name.as_str(), job.id),
        description: definition.description.clone(),
        rule: definition.schedule.clone().unwrap_or_default(),
        english: english(job),
        zone: definition.timezone.clone(),
        whereabouts: where_to(definition, language),
        badge: condition_badge(condition, language),
        is_paused: condition == "paused",
        can: Can::at(by, Place::from(&**definition)),
        next: next_fire(job, now).map(|at| When::in_zone(at, &definition.timezone)),
        last,
        rate: summary.success_percent.map_or_else(String::new, |percent| format!("{percent} %")),
        p50: optional(summary.p50_ms),
        p95: optional(summary.p95_ms),
    }
}

/// The rule in words; empty where there is none.
pub(super) fn english(job: &Job) -> String {
    let schedule = Question::about(job, Timestamp::EPOCH, 1).and_then(|question| question.schedule().ok());
    schedule.map_or_else(String::new, |schedule| schedule.describe())
}

/// What a job is up to, by colour and by word.
pub(super) fn condition_badge(condition: &'static str, language: Language) -> Badge {
    let key = CONDITIONS.iter().find(|(word, _)| *word == condition).map_or("job-active", |(_, key)| key);
    Badge::named(condition, language.say(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::JobId;
    use cronbus_core::job::{Command, Definition, JobName, Target};

    #[test]
    fn every_filter_stays_in_the_address_and_restricts() {
        let asked = Asked { name: "a b".into(), label: "team=x".into(), ..Asked::default() };
        assert_eq!(asked.href("m"), "/jobs?name=a%20b&label=team%3Dx&cursor=m");
        let mut definition = Definition::new(JobName::new("a").unwrap(), Command::Noop);
        definition.labels.insert("team".into(), "x".into());
        definition.target = Target { nodes: Nodes::Group("php".into()), broadcast: false };
        let job = Job::added(JobId(1), Arc::new(definition), "ann", Timestamp::EPOCH);
        let fits = |change: fn(&mut Asked)| {
            let mut asked = Asked::default();
            change(&mut asked);
            asked.fits(&job, Timestamp::EPOCH)
        };
        assert!(fits(|_| ()) && fits(|a| a.label = "team=x".into()) && fits(|a| a.label = "team".into()));
        assert!(!fits(|a| a.label = "team=y".into()) && !fits(|a| a.target = "any".into()));
        assert!(fits(|a| a.target = "php".into()) && fits(|a| a.state = "manual".into()));
        assert!(!fits(|a| a.state = "paused".into()));
    }
}
