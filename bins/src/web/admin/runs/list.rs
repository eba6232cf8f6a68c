//! `/runs`: what ran, what did not, the newest first.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::duration::Period;
use cronbus_core::id::{JobId, NodeName, RunId};
use cronbus_core::port::store::{Page, RunFilter};
use cronbus_core::run::{Run, State, Trigger};
use cronbus_core::time::Timestamp;

use super::late::find_late;
use crate::web::access::Sight;
use crate::web::admin::frame::{Frame, answer};
use crate::web::admin::instants::instant;
use crate::web::admin::link::{self, QueryText};
use crate::web::admin::parts::{Badge, When, span, why};
use crate::web::admin::visit::Visit;
use crate::web::admin::words::Language;
use crate::web::api::runs::TRIGGERS;
use crate::web::found_runs::{Found, find};
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::site::Site;

/// How many runs a page has.
const PAGE: usize = 50;

/// The word for runs that started late.
const LATE: &str = "only";

/// What can be chosen as states, in the order of the list: the word of the catalogue, and the states.
const STATES: [(&str, &str); 9] = [
    ("state-running", "running"),
    ("runs-waiting", "created,assigned"),
    ("state-succeeded", "succeeded"),
    ("runs-unsuccessful", "failed,timed_out,killed,lost"),
    ("runs-not-run", "skipped,missed,rejected"),
    ("state-failed", "failed"),
    ("state-timed-out", "timed_out"),
    ("state-missed", "missed"),
    ("state-lost", "lost"),
];

#[derive(Template)]
#[template(path = "admin/runs.html")]
struct RunsPage {
    frame: Frame,
    asked: Asked,
    states: Vec<(&'static str, String)>,
    triggers: Vec<(&'static str, String)>,
    rows: Vec<RunRow>,
    next: Option<String>,
    first: Option<String>,
    back_to: Option<When>,
    live: u32,
}

/// A row of a table of runs.
#[derive(Debug)]
pub(crate) struct RunRow {
    pub(crate) href: String,
    pub(crate) short: String,
    pub(crate) job: String,
    pub(crate) job_href: String,
    pub(crate) badge: Badge,
    pub(crate) due: When,
    pub(crate) delay: String,
    pub(crate) took: String,
    pub(crate) node: String,
    pub(crate) trigger: String,
    pub(crate) reason: String,
}

/// What was asked for, as it stands in the address.
#[derive(Clone, Debug, Default)]
struct Asked {
    job: String,
    state: String,
    node: String,
    trigger: String,
    within: String,
    from: String,
    until: String,
    /// `only`: those that started late.
    late: String,
    cursor: Option<RunId>,
}

impl Asked {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut read = Parameters::of(request)?;
        let mut text = |name| read.text(name).unwrap_or_default().trim().to_owned();
        let [job, state, node, trigger] = ["job", "state", "node", "trigger"].map(&mut text);
        let [within, from, until, late] = ["within", "from", "until", "late"].map(&mut text);
        let asked = Self { job, state, node, trigger, within, from, until, late, cursor: read.read("cursor")? };
        read.finish()?;
        if !matches!(asked.late.as_str(), "" | LATE) {
            return Err(Problem::not_one_of("late", &asked.late, "only, or nothing"));
        }
        Ok(asked)
    }

    /// The address of another page of the same.
    fn href(&self, cursor: Option<RunId>) -> String {
        let cursor = cursor.map(|cursor| cursor.to_string()).unwrap_or_default();
        let query = QueryText::default().with("job", &self.job).with("state", &self.state).with("node", &self.node);
        let query = query.with("trigger", &self.trigger).with("within", &self.within).with("from", &self.from);
        format!("/runs{}", query.with("until", &self.until).with("late", &self.late).with("cursor", &cursor).text())
    }

    /// What it means, but for the job.
    fn filter(&self, now: Timestamp) -> Result<RunFilter, Problem> {
        let node = optional(&self.node).map(|text| NodeName::new(text).map_err(|e| Problem::invalid("node", text, &e)));
        let within = optional(&self.within)
            .map(|text| text.parse::<Period>().map_err(|error| Problem::invalid("within", text, &error)));
        let since = within.transpose()?.map(|period| now - period.duration());
        Ok(RunFilter {
            job: None,
            states: states(&self.state)?,
            node: node.transpose()?,
            trigger: trigger(&self.trigger)?,
            from: instant("from", &self.from)?.or(since),
            until: instant("until", &self.until)?,
        })
    }
}

fn optional(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn states(text: &str) -> Result<Vec<State>, Problem> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(|error: String| Problem::invalid("state", word, &error))).collect()
}

fn trigger(text: &str) -> Result<Option<Trigger>, Problem> {
    let Some(text) = optional(text) else { return Ok(None) };
    let found = TRIGGERS.iter().find(|(word, _)| *word == text).map(|(_, trigger)| *trigger);
    found.map(Some).ok_or_else(|| Problem::not_one_of("trigger", text, "schedule, manual, adhoc or retry"))
}

/// The list.
///
/// # Errors
/// 400 for what cannot be read, 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked = Asked::of(&request)?;
    let mut filter = asked.filter(site.clock.now())?;
    let mut found = Found::default();
    let job = match optional(&asked.job) {
        Some(text) => site.store.job_meant(text).await?.filter(|job| Sight::of(&site, &visit.principal).sees(job)),
        None => None,
    };
    filter.job = job.map(|job| job.id);
    if asked.job.is_empty() || filter.job.is_some() {
        let page = Page { after: asked.cursor, limit: PAGE };
        found = match asked.late.as_str() {
            LATE => find_late(&site, &filter, page, site.admin.late_after, &visit.principal).await?,
            _ => find(&site, &filter, page, &visit.principal).await?,
        };
    }
    let rows = rows(&site, &found.runs, visit.language).await?;
    let word = |(value, key): (&'static str, &str)| (value, visit.say(key));
    let page = RunsPage {
        states: STATES.map(|(key, value)| word((value, key))).into(),
        triggers: TRIGGERS.map(|(value, trigger)| (value, trigger_word(trigger, visit.language))).into(),
        next: found.next.map(|next| asked.href(Some(next))),
        first: asked.cursor.map(|_| asked.href(None)),
        back_to: found.back_to.map(When::at),
        live: if asked.cursor.is_none() { 4 } else { 0 },
        frame: visit.frame(&site, "nav-runs", visit.say("nav-runs")),
        asked,
        rows,
    };
    answer(&page)
}

/// The rows of a table of runs.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn rows(site: &Site, runs: &[Run], language: Language) -> Result<Vec<RunRow>, Problem> {
    let names = site.job_names(runs.iter().map(|run| run.job)).await?;
    let now = site.clock.now();
    Ok(runs.iter().map(|run| row(run, &names, now, language)).collect())
}

fn row(run: &Run, names: &HashMap<JobId, String>, now: Timestamp, language: Language) -> RunRow {
    let job = names.get(&run.job).cloned().unwrap_or_else(|| run.job.to_string());
    let id = run.id.to_string();
    RunRow {
        href: link::run(run.id),
        short: id.chars().take(13).collect(),
        job_href: link::job(&job, run.job),
        job,
        badge: Badge::of(run.state, language),
        due: When::at(run.due_at),
        delay: run.lateness_ms().map_or_else(String::new, |late| span(late.max(0))),
        took: took(run, now).map_or_else(String::new, span),
        node: run.node.as_ref().map_or_else(String::new, ToString::to_string),
        trigger: trigger_word(run.trigger, language),
        reason: shortened(&why(&run.reason, run.exit_code, language)),
    }
}

/// How long it took, or has been going on, in milliseconds.
pub(crate) fn took(run: &Run, now: Timestamp) -> Option<i64> {
    let started = run.started_at?;
    Some(run.ended_at.unwrap_or(now).millis_since(started))
}

fn shortened(text: &str) -> String {
    const MOST: usize = 90;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The word for why a run exists.
pub(crate) fn trigger_word(trigger: Trigger, language: Language) -> String {
    language.say(match trigger {
        Trigger::Schedule => "trigger-schedule",
        Trigger::Manual => "trigger-manual",
        Trigger::Adhoc => "trigger-adhoc",
        Trigger::Retry => "trigger-retry",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_stays_in_the_address() {
        let asked = Asked { job: "a/b".into(), state: "failed,lost".into(), node: "x".into(), ..Asked::default() };
        assert_eq!(asked.href(None), "/runs?job=a%2Fb&state=failed%2Clost&node=x");
        let filter = Asked { within: "1h".into(), ..asked }.filter(Timestamp::from_seconds(7200)).unwrap();
        assert_eq!((filter.states.len(), filter.from), (2, Some(Timestamp::from_seconds(3600))));
    }

    #[test]
    fn what_is_no_state_is_refused() {
        assert!(Asked { state: "gone".into(), ..Asked::default() }.filter(Timestamp::EPOCH).is_err());
    }
}
