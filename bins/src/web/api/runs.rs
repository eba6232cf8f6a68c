//! `/runs`: the list, one run, and killing it.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::account::Action;
use cronbus_core::job::Job;
use cronbus_core::port::store::{Page, RunFilter};
use cronbus_core::run::{Run, State, Trigger};

use crate::outlook::Outlook;
use crate::web::access::visible;
use crate::web::acts;
use crate::web::found_runs::{Found, find};
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::schema;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::{KilledView, Listing, RunView};

/// The words for why a run exists.
pub(crate) const TRIGGERS: [(&str, Trigger); 4] = [
    (Trigger::Schedule.as_str(), Trigger::Schedule),
    (Trigger::Manual.as_str(), Trigger::Manual),
    (Trigger::Adhoc.as_str(), Trigger::Adhoc),
    (Trigger::Retry.as_str(), Trigger::Retry),
];

/// Runs, newest due moment first.
///
/// # Errors
/// 400 for parameters that cannot be read, 404 when there is no such job, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/runs", tag = "runs", params(schema::RunsQuery),
    responses((status = 200, body = schema::RunListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest, by: Principal) -> Result<HttpResponse, Problem> {
    let job = match Parameters::of(&request)?.text("job") {
        Some(text) => Some(site.job_remembered(&text, &by).await?),
        None => None,
    };
    listing(&site, &request, job, &by).await
}

/// A page of runs, of one job or of all. It has fewer than were asked for where looking for more would take long, and says
/// where to go on.
///
/// # Errors
/// 400 for parameters that cannot be read, 503 without a database.
pub(crate) async fn listing(
    site: &Site,
    request: &HttpRequest,
    job: Option<Arc<Job>>,
    by: &Principal,
) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(request)?;
    read.text("job");
    let filter = RunFilter {
        job: job.map(|job| job.id),
        states: states(&mut read)?,
        node: read.read("node")?,
        trigger: read.choice("trigger", &TRIGGERS)?,
        from: read.read("from")?,
        until: read.read("until")?,
    };
    let page = Page { after: read.read("cursor")?, limit: read.limit()? };
    read.finish()?;
    let Found { runs, next, .. } = find(site, &filter, page, by).await?;
    let mut outlook = outlook(site, by).await;
    let mut items = Vec::with_capacity(runs.len());
    for run in runs {
        items.push(outlook.glance(run).await?);
    }
    Ok(HttpResponse::Ok().json(Listing { items, next: next.map(|id| id.to_string()) }))
}

/// One run.
///
/// # Errors
/// 400 for what is no run id, 404 when there is no such run, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/runs/{id}", tag = "runs", params(schema::RunPath),
    responses((status = 200, body = schema::Run), (status = "4XX", body = Problem))
)]
pub(crate) async fn show(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let run = site.run(&path, &by, Action::View).await?;
    Ok(HttpResponse::Ok().json(view(&site, run, &by).await?))
}

/// Ends a run wherever it is: TERM to its process group, grace, KILL.
///
/// # Errors
/// 400 for what is no run id, 404 when there is no such run, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/runs/{id}/kill", tag = "runs", params(schema::RunPath),
    responses((status = 202, body = schema::Killed), (status = "4XX", body = Problem))
)]
pub(crate) async fn kill(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let run = site.run(&path, &by, Action::Operate).await?;
    let killed = acts::kill(&site, &run, &by).await?;
    Ok(HttpResponse::Accepted().json(KilledView { killed }))
}

/// A run as it is, and what it waits for.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn view(site: &Site, run: Run, by: &Principal) -> Result<RunView, Problem> {
    Ok(outlook(site, by).await.look(run).await?)
}

async fn outlook<'s>(site: &'s Site, by: &Principal) -> Outlook<'s> {
    let members = site.operations.roster().await.into_iter().filter_map(|member| visible(by, member)).collect();
    Outlook::among(members, site.clock.now(), &*site.store)
}

/// The states of `state=failed,lost`.
fn states(read: &mut Parameters) -> Result<Vec<State>, Problem> {
    let Some(text) = read.text("state") else { return Ok(Vec::new()) };
    let one = |word: &str| word.trim().parse().map_err(|reason: String| Problem::invalid("state", word, &reason));
    text.split(',').map(one).collect()
}
