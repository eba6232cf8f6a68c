//! `/jobs`: the list, and adding one.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::job::{Job, Mark};
use cronbus_core::port::membership::Member;
use cronbus_core::port::store::{JobFilter, Page};
use cronbus_core::route;
use cronbus_core::time::Timestamp;

use super::definition;
use crate::explain::next_fire;
use crate::web::access::{Sight, sift, visible};
use crate::web::acts;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::schema;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::{JobView, Listing};

/// Jobs by name, ascending.
///
/// # Errors
/// 400 for parameters that cannot be read, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/jobs", tag = "jobs",
    params(schema::JobsQuery),
    responses((status = 200, body = schema::JobListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest, by: Principal) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let filter = JobFilter {
        name: read.text("name"),
        active: read.choice("active", &[("true", true), ("false", false)])?,
        group: read.text("group"),
        mark: read.text("label").map(|text| Mark::label(&text)),
    };
    let page = Page { after: read.text("cursor"), limit: read.limit()? };
    let with_status = read.flag("status")?;
    read.finish()?;

    let now = site.clock.now();
    let (jobs, next) = seen(&site, &filter, page, now, &by).await?;
    let members = roster(&site, &by).await;
    let mut items: Vec<JobView> = jobs.iter().map(|job| among(&members, job, now)).collect();
    if with_status {
        for item in &mut items {
            item.status = Some(site.operations.job_status(item.id).await?);
        }
    }
    Ok(HttpResponse::Ok().json(Listing { items, next }))
}

/// Adds a job.
///
/// # Errors
/// 400 and 422 for a definition that cannot be, 409 when the name is taken, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/jobs", tag = "jobs",
    request_body = schema::JobDefinition,
    responses(
        (status = 201, body = schema::JobDocument),
        (status = 409, body = Problem, description = "another job has the name"),
        (status = 422, body = Problem, description = "a field is wrong"),
    )
)]
pub(crate) async fn add(
    site: Data<Site>,
    request: HttpRequest,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let now = site.clock.now();
    let submitted = definition::read(&request, &body, now)?;
    let job = acts::add(&site, submitted.definition, &by).await?;
    let location = format!("/api/v1/jobs/{}", job.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .insert_header((header::ETAG, etag(&job)))
        .json(shown(&site, &job, now, &by).await))
}

/// A job as it is shown at `now`.
pub(crate) async fn shown(site: &Site, job: &Job, now: Timestamp, by: &Principal) -> JobView {
    among(&roster(site, by).await, job, now)
}

/// The nodes that may be named.
async fn roster(site: &Site, by: &Principal) -> Vec<Member> {
    site.operations.roster().await.into_iter().filter_map(|member| visible(by, member)).collect()
}

/// A page of the jobs that may be seen.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn seen(
    site: &Site,
    filter: &JobFilter,
    page: Page<String>,
    now: Timestamp,
    by: &Principal,
) -> Result<(Vec<Arc<Job>>, Option<String>), Problem> {
    let sight = Sight::of(site, by);
    if sight.sees_all() {
        return Ok(site.store.jobs(filter, &page, now).await?);
    }
    let name = |job: &Arc<Job>| job.definition.name.to_string();
    sift(page, name, async |page| Ok(site.store.jobs(filter, &page, now).await?), async |job| Ok(sight.sees(job))).await
}

fn among(members: &[Member], job: &Job, now: Timestamp) -> JobView {
    let no_node = route::why_none_fits(&job.definition.target.nodes, members);
    JobView { no_node, ..JobView::new(job, now, next_fire(job, now)) }
}

/// The entity tag of a job: its revision.
pub(crate) fn etag(job: &Job) -> String {
    format!("\"{}\"", job.revision.0)
}
