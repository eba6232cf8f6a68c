//! `/nodes`: the living nodes.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::port::operations::NodeStatus;

use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::schema;
use crate::web::site::Site;
use crate::web::view::Listing;

/// The living nodes, by name.
///
/// # Errors
/// 400 for parameters, since there are none.
#[utoipa::path(
    get, path = "/api/v1/nodes", tag = "nodes",
    responses((status = 200, body = schema::NodeListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let items = site.operations.members().await;
    Ok(HttpResponse::Ok().json(Listing::<NodeStatus> { items, next: None }))
}
