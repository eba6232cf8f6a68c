//! `/runs/{id}`: one run. When it did what, why there, what it printed.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::account::{Action, Place};
use cronbus_core::id::RunId;
use cronbus_core::job::target::{Nodes, Routing};
use cronbus_core::job::{Command, Definition, Job};
use cronbus_core::port::log::Subject;
use cronbus_core::port::store::{Page, RunFilter};
use cronbus_core::run::Run;
use cronbus_core::template::{Values, render_plain};
use cronbus_core::time::Timestamp;
use cronbus_core::wire::Assignment;

use super::list::{RunRow, rows, trigger_word};
use super::plain::{self, Line};
use super::timeline::{Step, steps};
use crate::web::access::Can;
use crate::web::admin::frame::{Frame, answer};
use crate::web::admin::link;
use crate::web::admin::parts::{Badge, bytes, span};
use crate::web::admin::visit::Visit;
use crate::web::admin::words::Language;
use crate::web::api::{run_log, runs};
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::site::Site;

/// How many bytes of the log stand in the page; scripts load the rest.
const LOG_BYTES: usize = 128 << 10;

/// How many chunks are shown before the one that something was found in.
const CHUNKS_BEFORE: u64 = 20;

/// How many attempts and shards of the same slot are shown.
const SIBLINGS: usize = 50;

#[derive(Template)]
#[template(path = "admin/run.html")]
struct RunPage {
    frame: Frame,
    id: String,
    job: String,
    job_href: String,
    badge: Badge,
    is_over: bool,
    can_run_again: bool,
    steps: Vec<Step>,
    facts: Vec<(String, String)>,
    command: String,
    params: Vec<(String, String)>,
    /// What the process found in its environment, beside what cron sets.
    environment: Vec<(String, String)>,
    waiting_for: String,
    reason: String,
    note: String,
    siblings: Vec<RunRow>,
    log: LogPart,
    can: Can,
}

/// A part of the log.
#[derive(Debug, Default)]
pub(super) struct LogPart {
    pub(super) lines: Vec<Line>,
    pub(super) next: u64,
    pub(super) complete: bool,
    /// Whether it begins with the beginning.
    pub(super) is_from_beginning: bool,
    pub(super) lack: Option<String>,
}

/// The page.
///
/// # Errors
/// 400 for what is no run id, 404 when there is no such run, 503 without a database.
pub(crate) async fn show(
    site: Data<Site>,
    visit: Visit,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let wanted = Wanted::of(&request)?;
    let run = site.run(&path, &visit.principal, Action::View).await?;
    let job = site.job_at(&run).await?;
    let siblings = rows(&site, &siblings(&site, &run).await?, visit.language).await?;
    let log = match &job {
        Some(job) => log(&site, &run, job, &wanted).await,
        None => LogPart::default(),
    };
    let waiting_for = runs::view(&site, run.clone(), &visit.principal).await?.waiting_for.map(|awaited| awaited.detail);
    let title = job.as_ref().map_or_else(|| run.job.to_string(), |job| job.definition.name.to_string());
    let frame = visit.frame(&site, "nav-runs", title.clone());
    let place = job.as_deref().map_or(Place::Whole, |job| Place::from(&*job.definition));
    let can = Can::at(&visit.principal, place);
    let page = page(frame, run, job.as_ref(), title, siblings, log, site.clock.now());
    answer(&RunPage { waiting_for: waiting_for.unwrap_or_default(), can, ..page })
}

/// The other attempts and shards of the same slot. Their ids begin with the same moment.
async fn siblings(site: &Site, run: &Run) -> Result<Vec<Run>, Problem> {
    let from = run.id.due_at();
    let until = Timestamp::from_millis(from.millis().saturating_add(1));
    let filter = RunFilter { job: Some(run.job), from: Some(from), until: Some(until), ..RunFilter::default() };
    let (runs, _) = site.store.runs(&filter, &Page { after: None, limit: SIBLINGS }).await?;
    let mut others: Vec<Run> = runs.into_iter().filter(|other| other.id != run.id).collect();
    others.sort_by_key(|other| (other.shard, other.attempt));
    Ok(others)
}

/// Which part of the log is wanted.
#[derive(Debug, Default)]
struct Wanted {
    /// The chunk that something was found in.
    at: u64,
    /// What was found, in lower case.
    text: String,
}

impl Wanted {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut read = Parameters::of(request)?;
        let (at, text) = (read.read("at")?.unwrap_or(0), read.text("q").unwrap_or_default());
        read.finish()?;
        Ok(Self { at, text: text.to_lowercase() })
    }

    /// Marks the lines that have the text, and the first of them from the wanted chunk on.
    fn mark(&self, lines: &mut [Line]) {
        if self.text.is_empty() {
            return;
        }
        for line in lines.iter_mut() {
            line.is_found = line.text.to_lowercase().contains(&self.text);
        }
        if let Some(place) = lines.iter_mut().find(|line| line.is_found && line.sequence >= self.at) {
            place.is_place = true;
        }
    }
}

/// A part of the log. One that cannot be read now is no reason not to show the run.
async fn log(site: &Site, run: &Run, job: &Job, wanted: &Wanted) -> LogPart {
    let subject = Subject { run: run.id, job: job.definition.name.clone(), node: run.node.clone() };
    let read = |from| run_log::part(site, run, &subject, from, LOG_BYTES);
    let mut from = wanted.at.saturating_sub(CHUNKS_BEFORE);
    let mut part = read(from).await;
    if part.as_ref().is_ok_and(|part| part.next <= wanted.at && !part.complete) {
        from = wanted.at;
        part = read(from).await;
    }
    match part {
        Ok(part) => {
            let mut lines = plain::lines(&part.chunks);
            wanted.mark(&mut lines);
            let lack = part.lack.map(|lack| lack.to_string());
            LogPart { lines, next: part.next, complete: part.complete, is_from_beginning: from == 0, lack }
        }
        Err(problem) => LogPart { lack: Some(problem.to_string()), ..LogPart::default() },
    }
}

fn page(
    frame: Frame,
    run: Run,
    job: Option<&Arc<Job>>,
    name: String,
    siblings: Vec<RunRow>,
    log: LogPart,
    now: Timestamp,
) -> RunPage {
    let language = frame.language;
    let definition = job.map(|job| &*job.definition);
    let zone = definition.map_or("UTC", |definition| definition.timezone.as_str());
    RunPage {
        id: run.id.to_string(),
        job_href: link::job(&name, run.job),
        job: name,
        badge: Badge::of(run.state, language),
        is_over: run.state.is_terminal(),
        can_run_again: job.is_some_and(|job| !job.deleted),
        steps: steps(&run, zone, now, language),
        facts: facts(&run, definition, language),
        command: definition.map_or_else(String::new, command),
        params: run
            .params
            .iter()
            .flat_map(|params| params.iter())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        environment: job.map_or_else(Vec::new, |job| environment(&run, job)),
        waiting_for: String::new(),
        reason: run.reason.clone(),
        note: run.note.clone(),
        siblings,
        log,
        can: Can { operate: false, edit: false },
        frame,
    }
}

/// What a process is given beside what cron sets: what cronbus says of the run, and what its job adds. A value that cannot be
/// told here is shown as it was written.
fn environment(run: &Run, job: &Arc<Job>) -> Vec<(String, String)> {
    let Command::Shell(shell) = &job.definition.command else { return Vec::new() };
    let assignment = Assignment::of(run, Arc::clone(job));
    let said = assignment.variables().into_iter().map(|(name, value)| (name.to_owned(), value));
    let values = Values::of(&assignment);
    let added = shell
        .env
        .iter()
        .map(|(name, template)| (name.clone(), render_plain(template, &values).unwrap_or_else(|_| template.clone())));
    added.chain(said).collect()
}

fn facts(run: &Run, definition: Option<&Definition>, language: Language) -> Vec<(String, String)> {
    let say = |key: &str| language.say(key);
    let mut facts = vec![(say("run-trigger"), trigger_word(run.trigger, language))];
    if let Some(node) = &run.node {
        facts.push((say("run-node"), node.to_string()));
    }
    if let Some(definition) = definition {
        facts.push((say("run-why-there"), why_there(definition, language)));
    }
    let tries = definition.map_or(1, |definition| definition.retry.max.saturating_add(1)).max(run.attempt.0);
    let attempt = [("attempt", run.attempt.0.to_string()), ("of", tries.to_string())];
    facts.push((
        say("run-attempt"),
        language.say_with("run-attempt-of", attempt.each_ref().map(|(k, v)| (*k, v.as_str()))),
    ));
    if run.shards > 1 {
        facts.push((say("run-shard"), format!("{} / {}", run.shard.index(), run.shards)));
    }
    facts.push((say("run-revision"), run.revision.0.to_string()));
    if let Some(code) = run.exit_code {
        facts.push((say("run-exit-code"), code.to_string()));
    }
    if let Some(signal) = run.signal {
        facts.push((say("run-signal"), signal.to_string()));
    }
    facts.extend(used(run, language));
    facts
}

fn used(run: &Run, language: Language) -> Vec<(String, String)> {
    let mut used = Vec::new();
    if let Some(usage) = run.usage {
        let [user, system] = [usage.user_ms, usage.system_ms].map(|ms| span(i64::try_from(ms).unwrap_or(i64::MAX)));
        used.push((language.say("run-cpu"), language.say_with("run-cpu-of", [("user", &user), ("system", &system)])));
        if usage.max_rss_bytes > 0 {
            used.push((language.say("run-memory"), bytes(usage.max_rss_bytes)));
        }
    }
    if run.state.is_terminal() {
        let mut output = bytes(run.output.bytes);
        if run.output.truncated {
            output = format!("{output}, {}", language.say("run-truncated"));
        }
        used.push((language.say("run-output"), output));
    }
    used
}

/// Which nodes fitted, and how one of them was chosen.
fn why_there(definition: &Definition, language: Language) -> String {
    let target = where_to(definition, language);
    if definition.target.broadcast {
        return format!("{target}; {}", language.say("where-broadcast"));
    }
    if matches!(definition.target.nodes, Nodes::Named(_)) {
        return target;
    }
    format!("{target}; {}", routing_word(definition.routing, language))
}

/// Which nodes a job fits.
pub(crate) fn where_to(definition: &Definition, language: Language) -> String {
    match &definition.target.nodes {
        Nodes::Any => language.say("where-any"),
        Nodes::Named(node) => language.say_with("where-node", [("node", node.as_str())]),
        Nodes::Group(group) => language.say_with("where-group", [("group", group)]),
        Nodes::Labels(labels) => {
            let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key} = {value}")).collect();
            language.say_with("where-labels", [("labels", &labels.join(", "))])
        }
    }
}

/// How one of several nodes is chosen.
pub(crate) fn routing_word(routing: Routing, language: Language) -> String {
    language.say(match routing {
        Routing::RoundRobin => "routing-round-robin",
        Routing::LeastLoaded => "routing-least-loaded",
        Routing::Random => "routing-random",
        Routing::Hash => "routing-hash",
        Routing::Failover => "routing-failover",
    })
}

/// What is executed, as one text.
pub(crate) fn command(definition: &Definition) -> String {
    match &definition.command {
        Command::Shell(shell) => shell.line.clone(),
        Command::Http(http) => format!("{} {}", http.method, http.url),
        Command::Noop => "noop".to_owned(),
    }
}

/// The text of an id, for who asks for a run by it.
pub(super) fn href(id: RunId) -> String {
    link::run(id)
}
