//! What is done to one job: pause, resume, run, roll back, delete.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use cronbus_core::account::Action;
use cronbus_core::id::Revision;
use cronbus_core::job::{Job, Params};
use cronbus_core::port::store::Write;

use super::form::pairs;
use crate::web::acts;
use crate::web::admin::confirm::{Confirm, ask};
use crate::web::admin::fields::Fields;
use crate::web::admin::link;
use crate::web::admin::preferences::local;
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// How many revisions are searched for the one to go back to.
const SEARCHED: usize = 1000;

/// Pauses a job.
///
/// # Errors
/// 404 when there is no such job, 503 without a database.
pub(crate) async fn pause(
    site: Data<Site>,
    visit: Visit,
    path: Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    let job = site.job(&path, &visit.principal, Action::Operate).await?;
    let note = fields.get("note").unwrap_or_default().to_owned();
    let pause = acts::pause(site.clock.now(), None, note, &visit.principal)?;
    acts::write(&site, vec![Write::Pause { job: job.id, pause }], &visit.principal).await?;
    Ok(said(&site, &visit, &job, &fields, "job-paused"))
}

/// Ends its pause.
///
/// # Errors
/// As for pausing.
pub(crate) async fn resume(
    site: Data<Site>,
    visit: Visit,
    path: Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    let job = site.job(&path, &visit.principal, Action::Operate).await?;
    acts::write(&site, vec![Write::Resume { job: job.id }], &visit.principal).await?;
    Ok(said(&site, &visit, &job, &fields, "job-resumed"))
}

/// Runs it now, with the values of the form; the key of the form makes one run of it however often it is sent.
///
/// # Errors
/// As for pausing.
pub(crate) async fn run(
    site: Data<Site>,
    visit: Visit,
    path: Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    let job = site.job(&path, &visit.principal, Action::Operate).await?;
    let given: Params = pairs(fields.raw("params").unwrap_or_default()).into_iter().collect();
    // What stands in the form as the job has it is the job's, and changes with it.
    let params = given.into_iter().filter(|(key, value)| job.definition.params.get(key) != Some(value)).collect();
    let key = fields.get("key").map(|key| format!("web/{key}"));
    let submitted = acts::run(&site, job, params, key, &visit.principal).await?;
    Ok(visit.done(&site, &link::run(submitted.run.id), visit.say("run-begun")))
}

/// Gives a job the definition of an earlier revision, as a new one.
///
/// # Errors
/// 404 when there is no such revision, 412 when somebody changed the job meanwhile, otherwise as for pausing.
pub(crate) async fn roll_back(
    site: Data<Site>,
    visit: Visit,
    path: Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    let job = site.job(&path, &visit.principal, Action::Edit).await?;
    let (wanted, expected) = (number(&fields, "to")?, number(&fields, "revision")?);
    let found = revision(&site, &job, wanted).await?;
    let found = found.ok_or_else(|| Problem::not_one_of("to", &wanted.0.to_string(), "a revision that is kept"))?;
    let definition = Arc::clone(&found.definition);
    let job = acts::replace(&site, job.id, Some(expected), definition, &visit.principal).await?;
    let text = visit.language.say_with("job-rolled-back", [("revision", &wanted.0.to_string())]);
    Ok(visit.done(&site, &href(&job), text))
}

/// Asks whether a job shall be deleted.
///
/// # Errors
/// As for pausing.
pub(crate) async fn ask_delete(site: Data<Site>, visit: Visit, path: Path<String>) -> Result<HttpResponse, Problem> {
    let job = site.job(&path, &visit.principal, Action::Edit).await?;
    ask(
        &site,
        &visit,
        Confirm {
            title: visit.say("delete-title"),
            text: visit.say("delete-text"),
            items: vec![job.definition.name.to_string()],
            action: format!("{}/delete", href(&job)),
            fields: Vec::new(),
            button: visit.say("delete"),
            is_danger: true,
            back: href(&job),
        },
    )
}

/// Deletes it.
///
/// # Errors
/// As for pausing.
pub(crate) async fn delete(site: Data<Site>, visit: Visit, path: Path<String>) -> Result<HttpResponse, Problem> {
    let job = site.job(&path, &visit.principal, Action::Edit).await?;
    acts::write(&site, vec![Write::Delete { job: job.id }], &visit.principal).await?;
    let text = visit.language.say_with("job-deleted", [("job", job.definition.name.as_str())]);
    Ok(visit.done(&site, "/jobs", text))
}

/// The page of a job.
pub(super) fn href(job: &Job) -> String {
    link::job(job.definition.name.as_str(), job.id)
}

/// An earlier revision of a job, if it is kept.
pub(super) async fn revision(site: &Site, job: &Job, wanted: Revision) -> Result<Option<Arc<Job>>, Problem> {
    let revisions = site.store.revisions(job.id, SEARCHED).await?;
    Ok(revisions.into_iter().find(|revision| revision.revision == wanted))
}

/// The number of a revision in a form.
pub(super) fn number(fields: &Fields, name: &str) -> Result<Revision, Problem> {
    let text = fields.get(name).unwrap_or_default();
    text.parse().map(Revision).map_err(|_| Problem::not_one_of(name, text, "the number of a revision"))
}

/// Goes to the page of a job, which says what was done to it.
pub(super) fn done(site: &Site, visit: &Visit, job: &Job, key: &str) -> HttpResponse {
    visit.done(site, &href(job), visit.language.say_with(key, [("job", job.definition.name.as_str())]))
}

/// Goes back to where the form was, and says what was done.
fn said(site: &Site, visit: &Visit, job: &Job, fields: &Fields, key: &str) -> HttpResponse {
    let back = fields.get("back").map_or_else(|| href(job), |back| local(back).to_owned());
    visit.done(site, &back, visit.language.say_with(key, [("job", job.definition.name.as_str())]))
}
