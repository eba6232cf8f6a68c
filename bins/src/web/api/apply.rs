//! `/apply`: making the jobs what a document says; `/export`: a document that says what they are.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::account::{Action, Place};
use cronbus_core::document::{Format, diff, read_valid_beside, write};
use cronbus_core::id::JobId;
use cronbus_core::job::{Definition, Job};
use cronbus_core::port::store::{JobFilter, Page, Write};

use super::definition::{check_channels, faults};
use crate::web::access::{Sight, permit};
use crate::web::acts;
use crate::web::problem::Problem;
use crate::web::query::{LONGEST_PAGE, Parameters, media_type, unsupported};
use crate::web::schema;
use crate::web::secret_acts;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::PlanView;

/// The media types of documents.
pub(crate) const MEDIA_TYPES: [(&str, Format); 6] = [
    ("application/toml", Format::Toml),
    ("text/toml", Format::Toml),
    ("application/yaml", Format::Yaml),
    ("application/x-yaml", Format::Yaml),
    ("text/yaml", Format::Yaml),
    ("application/json", Format::Json),
];

const FORMATS: [(&str, Format); 3] = [("toml", Format::Toml), ("yaml", Format::Yaml), ("json", Format::Json)];

/// Adds the jobs of a document that are not there and changes those that differ; with `prune=true`, deletes those that
/// it does not name. Applied again it changes nothing. All of it happens, or nothing. With `dry_run=true` nothing does.
///
/// # Errors
/// 415 for a body in another language, 422 with every fault of the document, 412 when somebody changed one of the jobs
/// meanwhile, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/apply", tag = "jobs", params(schema::ApplyQuery),
    request_body(content(
        (String = "application/toml"), (String = "application/yaml"), (schema::JobList = "application/json"),
    )),
    responses(
        (status = 200, body = schema::Plan, description = "what was changed, or would be"),
        (status = 412, body = Problem, description = "someone changed one of the jobs meanwhile"),
        (status = 422, body = Problem, description = "what is wrong with the document"),
    )
)]
pub(crate) async fn apply(
    site: Data<Site>,
    request: HttpRequest,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let dry_run = read.flag("dry_run")?;
    let prune = read.flag("prune")?;
    read.finish()?;
    let format = format_of(&request)?;
    let text = std::str::from_utf8(&body).map_err(|_| Problem::unreadable("the document is not UTF-8"))?;
    let current = all_jobs(&site, &by).await?;
    let wanted = read_valid_beside(text, format, &current, site.clock.now());
    let plan = diff(&current, &wanted.map_err(|error| faults(error.problems))?, prune);
    let writes = plan.writes();
    check_channels(&site, writes.iter().filter_map(definition_of))?;
    secret_acts::check(&site, writes.iter().filter_map(definition_of)).await?;
    permit_writes(&current, &writes, &by)?;
    if !dry_run && !plan.is_empty() {
        acts::write(&site, writes, &by).await?;
    }
    Ok(HttpResponse::Ok().json(PlanView::new(&plan, !dry_run)))
}

/// Whether all of it may be done: to what is there, and to what shall be.
///
/// # Errors
/// 403 for the first that may not.
fn permit_writes(current: &[Arc<Job>], writes: &[Write], by: &Principal) -> Result<(), Problem> {
    let places: HashMap<JobId, Place<'_>> = current.iter().map(|job| (job.id, Place::from(&*job.definition))).collect();
    for write in writes {
        let before = write.job().map(|job| places.get(&job).copied().unwrap_or(Place::Whole));
        let after = definition_of(write).map(Place::from);
        for place in before.into_iter().chain(after) {
            permit(by, Action::Edit, place)?;
        }
    }
    Ok(())
}

fn definition_of(write: &Write) -> Option<&Definition> {
    match write {
        Write::Add(definition) | Write::Replace { definition, .. } => Some(definition),
        Write::Pause { .. } | Write::Resume { .. } | Write::Delete { .. } => None,
    }
}

/// All jobs as one document that `apply` takes.
///
/// # Errors
/// 400 for an unknown format, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/export", tag = "jobs", params(schema::ExportQuery),
    responses((status = 200, content(
        (String = "application/toml"), (String = "application/yaml"), (schema::JobList = "application/json"),
    )), (status = "4XX", body = Problem))
)]
pub(crate) async fn export(site: Data<Site>, request: HttpRequest, by: Principal) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let format = read.choice("format", &FORMATS)?.unwrap_or(Format::Toml);
    read.finish()?;
    let jobs = all_jobs(&site, &by).await?;
    let definitions: Vec<Definition> = jobs.iter().map(|job| (*job.definition).clone()).collect();
    let text = write(&definitions, format)
        .map_err(|error| Problem::plain(actix_web::http::StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    let media_type =
        MEDIA_TYPES.iter().find(|(_, language)| *language == format).map_or("text/plain", |(kind, _)| kind);
    Ok(HttpResponse::Ok().content_type(media_type).body(text))
}

fn format_of(request: &HttpRequest) -> Result<Format, Problem> {
    let said = media_type(request).unwrap_or_default();
    let found = MEDIA_TYPES.iter().find(|(kind, _)| *kind == said).map(|(_, format)| *format);
    found.ok_or_else(|| unsupported(&said, "application/toml, application/yaml or application/json"))
}

/// Those that may be seen.
async fn all_jobs(site: &Site, by: &Principal) -> Result<Vec<Arc<Job>>, Problem> {
    let sight = Sight::of(site, by);
    let (mut jobs, mut after) = (Vec::new(), None);
    let now = site.clock.now();
    loop {
        let page = Page { after, limit: LONGEST_PAGE };
        let (mut part, next) = site.store.jobs(&JobFilter::default(), &page, now).await?;
        part.retain(|job| sight.sees(job));
        jobs.append(&mut part);
        if next.is_none() {
            return Ok(jobs);
        }
        after = next;
    }
}
