//! `/executor/hold`: the pause of everything. What runs goes on; nothing new starts on this node.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::web::acts;
use crate::web::problem::Problem;
use crate::web::query::{Parameters, json};
use crate::web::session::Principal;
use crate::web::site::Site;

/// Whether to hold.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hold {
    /// True: start nothing new. False: go on.
    hold: bool,
}

/// Makes this node's executor start nothing new, or go on.
///
/// # Errors
/// 400 for a body that cannot be read, 503 without a database to note it in.
#[utoipa::path(
    post, path = "/api/v1/executor/hold", tag = "nodes", request_body = Hold,
    responses((status = 200, body = Hold), (status = "4XX", body = Problem))
)]
pub(crate) async fn hold(
    site: Data<Site>,
    request: HttpRequest,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let asked: Hold = json(&request, &body)?;
    acts::hold(&site, asked.hold, &by).await?;
    Ok(HttpResponse::Ok().json(asked))
}
