//! `/healthz` and `/readyz`: whether the process lives, and whether the node does what it is there for.
//!
//! Both answer without a token, since load balancers have none; what is wrong in detail is told only to who shows it.

use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use cronbus_core::port::Operations;
use serde_json::json;

use super::access::may_see_all;
use super::schema;
use super::session::Principal;
use super::site::Site;

/// The process lives and answers.
#[utoipa::path(
    get, path = "/healthz", tag = "health", security(()),
    responses((status = 200, description = "it lives", body = schema::Alive))
)]
pub(crate) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "alive": true }))
}

/// Whether the node does everything it is there for. With a token: each part, and what is wrong with it.
#[utoipa::path(
    get, path = "/readyz", tag = "health", security((), ("token" = [])),
    responses(
        (status = 200, description = "it does", body = schema::Readiness),
        (status = 503, description = "it does not, and the parts say why", body = schema::Readiness),
    )
)]
pub(crate) async fn ready(site: Data<Site>, request: HttpRequest) -> HttpResponse {
    let sees_all = request.extensions().get::<Principal>().is_some_and(may_see_all);
    readiness(&*site.operations, sees_all).await
}

/// Whether the node is ready, and why not for who shows the token.
pub(crate) async fn readiness(operations: &dyn Operations, shows_token: bool) -> HttpResponse {
    let health = operations.health().await;
    let mut response = if health.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    if shows_token { response.json(health) } else { response.json(json!({ "ready": health.ready })) }
}
