//! `/jobs/new`, `/jobs/{job}/edit`: a form by sections beside the same job as TOML, and what it would mean, as it is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::account::Action;
use cronbus_core::document::{self, FieldError, Format, validate};
use cronbus_core::id::{JobId, Revision};
use cronbus_core::job::{Definition, Job};
use cronbus_core::time::Timestamp;
use serde_json::{Value, json};

use super::actions::{done, number, revision};
use super::form::{Texts, of_fields, of_json, to_json};
use super::list::english;
use super::show::{ChangeLine, FireLine, changes, fires};
use crate::explain::Question;
use crate::web::acts;
use crate::web::admin::fields::Fields;
use crate::web::admin::frame::{Frame, answer_with};
use crate::web::admin::link;
use crate::web::admin::visit::Visit;
use crate::web::problem::{Problem, kind};
use crate::web::query::Parameters;
use crate::web::site::Site;

/// How many due moments the preview shows.
const FIRES: usize = 5;

/// Where each fault belongs: the path of a field, and what is wrong.
type Faults = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "admin/edit.html")]
struct EditPage {
    frame: Frame,
    /// The job that is edited.
    name: String,
    /// What somebody else changed meanwhile.
    conflict: Option<Conflict>,
    /// The address of the job without `/jobs/`; empty for a new one.
    encoded: String,
    /// The id of the job, for previews; empty for a new one.
    editing: String,
    revision: String,
    texts: Texts,
    faults: Faults,
    toml: String,
    english: String,
    fires: Vec<FireLine>,
}

impl EditPage {
    fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", String::as_str)
    }

    fn is(&self, path: &str, value: &str) -> bool {
        self.text(path) == value
    }

    /// The path of a field as a part of an id, for style sheets and scripts.
    #[expect(clippy::unused_self, reason = "templates call what is the page's")]
    fn id(&self, path: &str) -> String {
        path.replace('.', "-")
    }

    fn is_wrong(&self, path: &str) -> bool {
        self.faults.contains_key(path)
    }

    /// What can be chosen of these words, and how it is shown. A star says that it is what is done where nothing is written; what was sent
    /// and is none of them is shown, too, so that it can be seen what is wrong.
    fn choices<'a>(&'a self, path: &str, words: &'a str) -> Vec<(&'a str, String)> {
        let mut choices = Vec::new();
        let words: Vec<&str> = words.split(' ').collect();
        if let Some(usual) = words.iter().find_map(|word| word.strip_prefix('*')) {
            let said = self.frame.language.say_with("edit-usually", [("word", &usual.replace('_', " "))]);
            choices.push(("", said));
        }
        choices
            .extend(words.iter().map(|word| word.trim_start_matches('*')).map(|word| (word, word.replace('_', " "))));
        let sent = self.text(path);
        if !choices.iter().any(|(word, _)| *word == sent) {
            choices.push((sent, sent.to_owned()));
        }
        choices
    }

    fn fault(&self, path: &str) -> &str {
        self.faults.get(path).map_or("", String::as_str)
    }

    /// What is wrong, where the form has no field for it.
    fn other_faults(&self) -> Vec<String> {
        let others = self.faults.iter().filter(|(path, _)| !self.texts.contains_key(*path));
        others.map(|(path, fault)| if path.is_empty() { fault.clone() } else { format!("{path}: {fault}") }).collect()
    }
}

/// What somebody else changed while the form was filled in.
#[derive(Debug)]
struct Conflict {
    title: String,
    changes: Vec<ChangeLine>,
}

/// Which job is edited, and what has come in between.
struct Edited<'a> {
    job: &'a Job,
    /// Which revision the form is to follow.
    revision: Revision,
    conflict: Option<Conflict>,
}

/// What was sent, read.
struct Draft {
    value: Value,
    texts: Texts,
    read: Result<Definition, Faults>,
}

/// An empty form, or one that is filled from another job (`?from=NAME`).
///
/// # Errors
/// 404 when there is no such job, 503 without a database.
pub(crate) async fn new(site: Data<Site>, visit: Visit, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let from = read.text("from").filter(|from| !from.is_empty());
    read.finish()?;
    let mut value = json!({ "command": { "shell": "" } });
    if let Some(from) = from {
        value = written(&site.job(&from, &visit.principal, Action::View).await?.definition);
        if let Some(name) = value.get_mut("name") {
            *name = Value::from(format!("{}-copy", name.as_str().unwrap_or_default()));
        }
    }
    let read = read_value(&value, site.clock.now());
    let draft = Draft { texts: of_json(&value), read: read.map_err(|_| Faults::new()), value };
    page(&site, &visit, StatusCode::OK, None, draft)
}

/// The form of a job as it is.
///
/// # Errors
/// As for a new one.
pub(crate) async fn edit(site: Data<Site>, visit: Visit, path: Path<String>) -> Result<HttpResponse, Problem> {
    let job = site.job(&path, &visit.principal, Action::Edit).await?;
    let value = written(&job.definition);
    let draft = Draft { texts: of_json(&value), read: Ok((*job.definition).clone()), value };
    let edited = Edited { job: &job, revision: job.revision, conflict: None };
    page(&site, &visit, StatusCode::OK, Some(edited), draft)
}

/// Adds a job, or says at each field what is wrong with it.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn add(site: Data<Site>, visit: Visit, fields: Fields) -> Result<HttpResponse, Problem> {
    let mut draft = draft(&fields, json!({}), site.clock.now());
    if let Ok(definition) = &draft.read {
        match acts::add(&site, definition.clone(), &visit.principal).await {
            Ok(job) => return Ok(done(&site, &visit, &job, "job-added")),
            Err(problem) => draft.read = Err(told(problem)?),
        }
    }
    page(&site, &visit, StatusCode::UNPROCESSABLE_ENTITY, None, draft)
}

/// Gives a job the definition of the form, if nobody changed it meanwhile.
///
/// # Errors
/// As for adding.
pub(crate) async fn save(
    site: Data<Site>,
    visit: Visit,
    path: Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    let job = site.job(&path, &visit.principal, Action::Edit).await?;
    let expected = number(&fields, "revision")?;
    let mut draft = draft(&fields, written(&job.definition), site.clock.now());
    if let Ok(definition) = &draft.read {
        let definition = Arc::new(definition.clone());
        match acts::replace(&site, job.id, Some(expected), definition, &visit.principal).await {
            Ok(job) => return Ok(done(&site, &visit, &job, "job-saved")),
            Err(problem) if problem.kind == kind::REVISION_CONFLICT => {
                return overtaken(&site, &visit, job.id, expected, &fields).await;
            }
            Err(problem) => draft.read = Err(told(problem)?),
        }
    }
    let edited = Edited { job: &job, revision: expected, conflict: None };
    page(&site, &visit, StatusCode::UNPROCESSABLE_ENTITY, Some(edited), draft)
}

/// Somebody else changed the job since the form was opened: shows what, and the form on top of it. Fields that were not
/// touched are as they are now; those that were stay as they were written, and saving takes them.
async fn overtaken(
    site: &Site,
    visit: &Visit,
    job: JobId,
    opened: Revision,
    fields: &Fields,
) -> Result<HttpResponse, Problem> {
    let job = site.job(&job.to_string(), &visit.principal, Action::Edit).await?;
    let now = site.clock.now();
    let before = revision(site, &job, opened).await?;
    let title = [("by", job.updated_by.as_str()), ("revision", &job.revision.0.to_string())];
    let conflict = Conflict {
        title: visit.language.say_with("conflict-title", title),
        changes: before.as_ref().map_or_else(Vec::new, |before| changes(before, &job)),
    };
    let newest = written(&job.definition);
    let mut draft = draft(fields, newest.clone(), now);
    if let (Some(before), None) = (&before, draft.texts.get("toml")) {
        let rebased = rebased(&draft.texts, &of_json(&written(&before.definition)), &of_json(&newest));
        draft = self::draft(&Fields::of(rebased), newest, now);
    }
    let edited = Edited { job: &job, revision: job.revision, conflict: Some(conflict) };
    page(site, visit, StatusCode::CONFLICT, Some(edited), draft)
}

/// What was sent where it differs from what the form was opened with, and what is there now everywhere else.
fn rebased(sent: &Texts, opened: &Texts, newest: &Texts) -> Texts {
    let plain =
        |text: Option<&String>| text.map(|text| text.replace("\r\n", "\n").trim().to_owned()).unwrap_or_default();
    let field = |(path, text): (&String, &String)| {
        let is_touched = plain(Some(text)) != plain(opened.get(path));
        let text = if is_touched { text } else { newest.get(path).unwrap_or(text) };
        (path.clone(), text.clone())
    };
    sent.iter().map(field).collect()
}

/// What the form as it is would mean; nothing is written.
///
/// # Errors
/// 404 when the job that is edited is gone, 503 without a database.
pub(crate) async fn preview(site: Data<Site>, visit: Visit, fields: Fields) -> Result<HttpResponse, Problem> {
    let base = match fields.get("editing") {
        Some(job) => written(&site.job(job, &visit.principal, Action::View).await?.definition),
        None => json!({}),
    };
    let draft = draft(&fields, base, site.clock.now());
    let visit = Visit { is_fragment: true, ..visit };
    page(&site, &visit, StatusCode::OK, None, draft)
}

/// A refusal that names a field belongs into the form; everything else is passed on.
fn told(problem: Problem) -> Result<Faults, Problem> {
    match &problem.field {
        Some(field) => Ok(Faults::from([(field.clone(), problem.detail.clone())])),
        None => Err(problem),
    }
}

/// Reads the form, or the TOML beside it where that was sent.
fn draft(fields: &Fields, base: Value, now: Timestamp) -> Draft {
    if fields.get("mode") == Some("toml") {
        return of_toml(fields.raw("toml").unwrap_or_default(), now);
    }
    let value = to_json(fields, base);
    let read = read_value(&value, now);
    Draft { texts: of_fields(fields), read, value }
}

fn of_toml(text: &str, now: Timestamp) -> Draft {
    let read = match document::read_valid(text, Format::Toml, now) {
        Ok(jobs) if jobs.len() == 1 => jobs.into_iter().next().ok_or_else(Faults::new),
        Ok(_) => Err(Faults::from([("toml".to_owned(), "write one [[job]], no more and no less".to_owned())])),
        Err(error) => Err(Faults::from([("toml".to_owned(), error.to_string())])),
    };
    let value = read.as_ref().map_or_else(|_| json!({}), written);
    let mut texts = of_json(&value);
    texts.insert("toml".to_owned(), text.to_owned());
    Draft { texts, read, value }
}

fn read_value(value: &Value, now: Timestamp) -> Result<Definition, Faults> {
    let definition = document::definition(value).map_err(by_field)?;
    let faults = validate(&definition, now);
    if faults.is_empty() { Ok(definition) } else { Err(by_field(faults)) }
}

/// The first fault of each field.
fn by_field(faults: Vec<FieldError>) -> Faults {
    let mut by_field = Faults::new();
    for fault in faults {
        by_field.entry(fault.field).or_insert(fault.message);
    }
    by_field
}

fn written(definition: &Definition) -> Value {
    serde_json::to_value(definition).unwrap_or_default()
}

fn page(
    site: &Site,
    visit: &Visit,
    status: StatusCode,
    edited: Option<Edited<'_>>,
    draft: Draft,
) -> Result<HttpResponse, Problem> {
    let now = site.clock.now();
    let job_of = edited.as_ref().map(|edited| edited.job);
    let name = job_of.map_or_else(String::new, |job| job.definition.name.to_string());
    let title = match job_of {
        Some(job) => visit.language.say_with("edit-title", [("job", job.definition.name.as_str())]),
        None => visit.say("new-title"),
    };
    let definition = draft.read.as_ref().ok().or_else(|| job_of.map(|job| &*job.definition));
    let sent = draft.texts.get("toml").cloned();
    let toml = sent.or_else(|| document::write_toml(std::slice::from_ref(definition?)).ok()).unwrap_or_default();
    // A rule can be shown while other fields are still wrong.
    let job = rule_alone(&draft.value, now);
    let page = EditPage {
        frame: visit.frame(site, "nav-jobs", title),
        encoded: job_of
            .map_or_else(String::new, |job| link::job(&name, job.id).trim_start_matches("/jobs/").to_owned()),
        name,
        editing: job_of.map_or_else(String::new, |job| job.id.to_string()),
        revision: edited.as_ref().map_or_else(String::new, |edited| edited.revision.0.to_string()),
        conflict: edited.and_then(|edited| edited.conflict),
        english: job.as_ref().map_or_else(String::new, english),
        fires: job.and_then(|job| Question::about(&job, now, FIRES)).map_or_else(Vec::new, |question| fires(&question)),
        faults: draft.read.err().unwrap_or_default(),
        texts: draft.texts,
        toml,
    };
    answer_with(status, &page)
}

/// A job that has nothing but the rule of a draft, if that is one.
fn rule_alone(value: &Value, now: Timestamp) -> Option<Job> {
    let mut bare = json!({ "name": "preview", "command": { "noop": true } });
    for field in ["schedule", "timezone", "dialect", "dst"] {
        if let (Some(table), Some(value)) = (bare.as_object_mut(), value.get(field)) {
            table.insert(field.to_owned(), value.clone());
        }
    }
    let definition = document::definition(&bare).ok()?;
    Some(Job::added(JobId(0), Arc::new(definition), "", now))
}
