//! `/silences`: what nobody wants to hear of for a while.

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::web::alert_acts::{self, NewSilence};
use crate::web::alert_view::{SilenceListing, SilenceView};
use crate::web::problem::Problem;
use crate::web::query::{self, Parameters};
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::Listing;

/// The silences in force, the oldest first.
///
/// # Errors
/// 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/silences", tag = "alerts",
    responses((status = 200, body = SilenceListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest, by: Principal) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let silences = alert_acts::silences(&site, &by).await?;
    Ok(HttpResponse::Ok().json(Listing::<SilenceView>::all(silences)))
}

/// Adds a silence. What happens is kept in the history and told nobody, until it ends.
///
/// # Errors
/// 400 and 422 for what cannot be, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/silences", tag = "alerts", request_body = NewSilence,
    responses((status = 201, body = SilenceView), (status = "4XX", body = Problem))
)]
pub(crate) async fn add(
    site: Data<Site>,
    request: HttpRequest,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let asked: NewSilence = query::json(&request, &body)?;
    let silence = alert_acts::silence(&site, &asked, &by).await?;
    Ok(HttpResponse::Created().json(SilenceView::from(silence)))
}

/// Ends a silence now.
///
/// # Errors
/// 400 for what is no id, 404 when there is no such silence, 503 without a database.
#[utoipa::path(
    delete, path = "/api/v1/silences/{id}", tag = "alerts", params(("id" = String, Path, description = "its id")),
    responses((status = 204), (status = "4XX", body = Problem))
)]
pub(crate) async fn end_now(
    site: Data<Site>,
    request: HttpRequest,
    path: Path<String>,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    alert_acts::end_silence(&site, &path, &by).await?;
    Ok(HttpResponse::NoContent().finish())
}
