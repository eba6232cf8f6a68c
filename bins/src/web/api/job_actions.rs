//! What can be done with a job and asked of it: pause, resume, run; history, next due moments, revisions, status.

use std::sync::Arc;

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::account::Action;
use cronbus_core::job::Params;
use cronbus_core::port::store::Write;
use cronbus_core::time::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::jobs::shown;
use super::{runs, schedule};
use crate::explain::{Explanation, Question};
use crate::web::acts::{self, only};
use crate::web::problem::Problem;
use crate::web::query::{Parameters, json_or_default};
use crate::web::schema;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::{JobView, Listing, SubmittedView};

/// How to pause a job.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseRequest {
    /// Until when; absent means until it is resumed.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Why.
    #[serde(default)]
    note: String,
}

/// How to run a job now.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunRequest {
    /// Values that stand before the job's own: of params that it declares, or that its command asks for.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    params: Params,
    /// The same key gives the same run, for as long as the run is kept. It stands for one job and one set of params.
    #[serde(default)]
    idempotency_key: Option<String>,
}

/// Pauses a job: its rule makes no slots until it is resumed.
///
/// # Errors
/// 400 for a body that cannot be read, 404 when there is no such job, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/jobs/{job}/pause", tag = "jobs",
    params(schema::JobPath), request_body(content = PauseRequest, description = "may be left out"),
    responses((status = 200, body = schema::JobDocument), (status = "4XX", body = Problem))
)]
pub(crate) async fn pause(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let asked: PauseRequest = json_or_default(&request, &body)?;
    let now = site.clock.now();
    let pause = acts::pause(now, asked.until, asked.note, &by)?;
    let job = site.job(&path, &by, Action::Operate).await?.id;
    let job = only(acts::write(&site, vec![Write::Pause { job, pause }], &by).await?)?;
    Ok(HttpResponse::Ok().json(shown(&site, &job, now, &by).await))
}

/// Ends a job's pause: slots count from now on.
///
/// # Errors
/// 404 when there is no such job, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/jobs/{job}/resume", tag = "jobs", params(schema::JobPath),
    responses((status = 200, body = schema::JobDocument), (status = "4XX", body = Problem))
)]
pub(crate) async fn resume(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let job = site.job(&path, &by, Action::Operate).await?.id;
    let job = only(acts::write(&site, vec![Write::Resume { job }], &by).await?)?;
    Ok(HttpResponse::Ok().json(shown(&site, &job, site.clock.now(), &by).await))
}

/// Makes a run of a job now, durable when the answer comes. The key may also be sent as `Idempotency-Key`.
///
/// # Errors
/// 400 for a body that cannot be read, 404 when there is no such job, 409 when the key has a run of something else, 422
/// for params that the job does not take, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/jobs/{job}/run", tag = "jobs",
    params(schema::JobPath, ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same run")),
    request_body(content = RunRequest, description = "may be left out"),
    responses(
        (status = 201, body = schema::Submitted, description = "the run was made"),
        (status = 200, body = schema::Submitted, description = "an earlier request with the same key made it"),
        (status = 409, body = Problem, description = "the key has a run of another job, or with other params"),
        (status = 422, body = Problem, description = "the job does not take one of the params"),
        (status = "4XX", body = Problem),
    )
)]
pub(crate) async fn run(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let asked: RunRequest = json_or_default(&request, &body)?;
    let idempotency_key = asked.idempotency_key.or_else(|| key_of(&request));
    let job = site.job(&path, &by, Action::Operate).await?;
    let submitted = acts::run(&site, job, asked.params, idempotency_key, &by).await?;
    let (run_id, created) = (submitted.run.id, submitted.created);
    let answer = SubmittedView { run_id, created, run: runs::view(&site, submitted.run, &by).await? };
    let mut response = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.insert_header(("Location", format!("/api/v1/runs/{}", answer.run_id))).json(answer))
}

/// The runs of a job, newest first. A deleted job is named by its id, or by its name while no other job has that.
///
/// # Errors
/// 400 for parameters that cannot be read, 404 when there is no such job, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/jobs/{job}/history", tag = "jobs", params(schema::JobPath, schema::HistoryQuery),
    responses((status = 200, body = schema::RunListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn history(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    let job = site.job_remembered(&path, &by).await?;
    runs::listing(&site, &request, Some(job), &by).await
}

/// The next due moments of a job.
///
/// # Errors
/// 400 for parameters that cannot be read, 404 when there is no such job or it has no rule.
#[utoipa::path(
    get, path = "/api/v1/jobs/{job}/next", tag = "jobs", params(schema::JobPath, schema::NextQuery),
    responses((status = 200, body = Explanation), (status = "4XX", body = Problem))
)]
pub(crate) async fn next(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let (from, count) = schedule::range(&mut read, site.clock.now())?;
    read.finish()?;
    let job = site.job(&path, &by, Action::View).await?;
    let Some(question) = Question::about(&job, from, count) else {
        return Ok(HttpResponse::Ok().json(schedule::manual()));
    };
    Ok(HttpResponse::Ok().json(schedule::explained(&question)?))
}

/// The revisions of a job, newest first: who changed it, when, and what it was then.
///
/// # Errors
/// 404 when there is no such job, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/jobs/{job}/revisions", tag = "jobs", params(schema::JobPath, schema::LimitQuery),
    responses((status = 200, body = schema::JobListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn revisions(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let limit = read.limit()?;
    read.finish()?;
    let job = site.job(&path, &by, Action::View).await?;
    let now = site.clock.now();
    let revisions = site.store.revisions(job.id, limit).await?;
    let items = revisions.iter().map(|job| JobView::new(job, now, None)).collect();
    Ok(HttpResponse::Ok().json(Listing::<JobView> { items, next: None }))
}

/// How a job is doing: last run, next one, failures, durations.
///
/// # Errors
/// 404 when there is no such job, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/jobs/{job}/status", tag = "jobs", params(schema::JobPath),
    responses((status = 200, body = schema::Status), (status = "4XX", body = Problem))
)]
pub(crate) async fn status(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let job: Arc<_> = site.job(&path, &by, Action::View).await?;
    Ok(HttpResponse::Ok().json(site.operations.job_status(job.id).await?))
}

/// The key that the header gives.
fn key_of(request: &HttpRequest) -> Option<String> {
    request.headers().get("Idempotency-Key").and_then(|value| value.to_str().ok()).map(str::to_owned)
}
