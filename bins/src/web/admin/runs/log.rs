//! `/runs/{id}/log`: the log for scripts (the same events as REST gives), `/runs/{id}/log.txt`: to be kept.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::account::Action;

use crate::web::api::run_log;
use crate::web::problem::Problem;
use crate::web::session::Principal;
use crate::web::site::Site;

/// The log as REST gives it.
///
/// # Errors
/// As for REST.
pub(crate) async fn follow(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    run_log::show(site, path, request, by).await
}

/// The whole log as it was printed, byte by byte, to be saved and not shown. Its name is made of the id alone.
///
/// # Errors
/// 400 for what is no run id, 404 when there is no such run, 503 without a database.
pub(crate) async fn download(site: Data<Site>, path: Path<String>, by: Principal) -> Result<HttpResponse, Problem> {
    let run = site.run(&path, &by, Action::View).await?;
    let subject = site.log_subject(&run).await?;
    let name = format!("attachment; filename=\"run-{}.log\"", run.id);
    let mut response = run_log::text(&site, &run, subject, 0).await?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
