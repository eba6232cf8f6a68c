//! `/channels`: over what people are told, and whether that works.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::alert_acts::{self, ChannelView, Tested};
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::Listing;

/// The channels of the node that is asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelListing {
    /// By name.
    items: Vec<ChannelView>,
    /// Always null.
    next: Option<String>,
}

/// The channels of the node that is asked, by name.
///
/// # Errors
/// 400 for parameters, since there are none.
#[utoipa::path(
    get, path = "/api/v1/channels", tag = "alerts",
    responses((status = 200, body = ChannelListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    Ok(HttpResponse::Ok().json(Listing::<ChannelView>::all(alert_acts::channels(&site))))
}

/// Sends a message that says that it is a test, from the node that is asked.
///
/// # Errors
/// 404 when there is no such channel, 502 with what the other end said when it did not take the message.
#[utoipa::path(
    post, path = "/api/v1/channels/{name}/test", tag = "alerts", params(("name" = String, Path, description = "its name")),
    responses((status = 200, body = Tested), (status = "4XX", body = Problem), (status = 502, body = Problem))
)]
pub(crate) async fn test(
    site: Data<Site>,
    request: HttpRequest,
    name: Path<String>,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    Ok(HttpResponse::Ok().json(alert_acts::test_channel(&site, &name, &by).await?))
}
