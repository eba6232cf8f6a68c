//! `/jobs/{id or name}/logs/search`: a text in what a job's newest runs printed.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::IntoParams;

use crate::web::log_search::{Asked, SearchView, search};
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::schema;
use crate::web::session::Principal;
use crate::web::site::Site;

/// What is looked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct SearchQuery {
    /// A plain text, whatever its case, within one line.
    q: String,
    /// In how many runs; 50 by default.
    #[param(minimum = 1, maximum = 500)]
    runs: Option<u32>,
    /// `next` of the search before.
    cursor: Option<String>,
}

/// Looks for a text in what a job's newest runs printed. It ends after a number of runs, 64 MiB, 500 lines or 5 seconds, of
/// one run after 16 MiB, and says so; lines of more than 64 KiB are looked at in pieces of that size.
///
/// # Errors
/// 400 for what cannot be read, 404 when there is no such job, 503 without a database or when others search already.
#[utoipa::path(
    get, path = "/api/v1/jobs/{job}/logs/search", tag = "jobs", params(schema::JobPath, SearchQuery),
    responses((status = 200, body = SearchView), (status = "4XX", body = Problem))
)]
pub(crate) async fn show(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let asked = Asked::of(&mut read)?;
    read.finish()?;
    let asked = asked.ok_or_else(|| Problem::not_one_of("q", "", "the text to look for"))?;
    let job = site.job_remembered(&path, &by).await?;
    Ok(HttpResponse::Ok().json(search(&site, &job, &asked).await?))
}
