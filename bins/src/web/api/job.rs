//! `/jobs/{id or name}`: one job, to be read, replaced and deleted. Names with `/` are percent-encoded.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::account::Action;
use cronbus_core::id::Revision;
use cronbus_core::port::store::Write;

use super::definition;
use super::jobs::{etag, shown};
use crate::web::acts;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::schema;
use crate::web::session::Principal;
use crate::web::site::Site;

/// One job. Its `ETag` is its revision.
///
/// # Errors
/// 404 when there is none, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/jobs/{job}", tag = "jobs",
    params(schema::JobPath),
    responses((status = 200, body = schema::JobDocument), (status = 404, body = Problem))
)]
pub(crate) async fn show(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let job = site.job(&path, &by, Action::View).await?;
    let shown = shown(&site, &job, site.clock.now(), &by).await;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag(&job))).json(shown))
}

/// Gives a job another definition. `If-Match` with the `ETag`, or else `revision` in the body, makes sure that nobody
/// changed it meanwhile; without either, whatever is there is replaced.
///
/// # Errors
/// 404 when there is no such job, 412 when it is at another revision, otherwise as for adding one.
#[utoipa::path(
    put, path = "/api/v1/jobs/{job}", tag = "jobs",
    params(schema::JobPath, ("If-Match" = Option<String>, Header, description = "The `ETag` of the job as it was read")),
    request_body = schema::JobDefinition,
    responses(
        (status = 200, body = schema::JobDocument),
        (status = 404, body = Problem),
        (status = 412, body = Problem, description = "someone changed it meanwhile"),
        (status = 422, body = Problem, description = "a field is wrong"),
    )
)]
pub(crate) async fn replace(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let now = site.clock.now();
    let expected = if_match(&request)?;
    let submitted = definition::read(&request, &body, now)?;
    let job = site.job(&path, &by, Action::Edit).await?;
    let expected = expected.or(submitted.revision);
    let job = acts::replace(&site, job.id, expected, Arc::new(submitted.definition), &by).await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag(&job))).json(shown(&site, &job, now, &by).await))
}

/// Deletes a job. Its runs stay in the history, its name becomes free.
///
/// # Errors
/// 404 when there is none, 503 without a database.
#[utoipa::path(
    delete, path = "/api/v1/jobs/{job}", tag = "jobs",
    params(schema::JobPath),
    responses((status = 204, description = "it is gone"), (status = 404, body = Problem))
)]
pub(crate) async fn delete(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let job = site.job(&path, &by, Action::Edit).await?;
    acts::write(&site, vec![Write::Delete { job: job.id }], &by).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The revision that `If-Match` asks for; absent without the header, or when any revision will do (`*`).
fn if_match(request: &HttpRequest) -> Result<Option<Revision>, Problem> {
    let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or("unreadable").trim();
    if text == "*" {
        return Ok(None);
    }
    let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let revision = number.parse().ok().map(Revision);
    revision.map(Some).ok_or_else(|| Problem::not_one_of("If-Match", text, "the ETag of the job, like \"3\", or *"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn if_match_is_a_revision_or_anything() {
        for (text, expected) in
            [("\"3\"", Some(Some(Revision(3)))), ("3", Some(Some(Revision(3)))), ("*", Some(None)), ("W/x", None)]
        {
            let request = TestRequest::default().insert_header(("If-Match", text)).to_http_request();
            assert_eq!(if_match(&request).ok(), expected, "{text}");
        }
        assert_eq!(if_match(&TestRequest::default().to_http_request()), Ok(None));
    }
}
