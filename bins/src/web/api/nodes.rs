//! `/nodes`: the living nodes, how they are configured, and whether they take work.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::id::NodeName;
use cronbus_core::port::membership::Availability;
use cronbus_core::port::operations::NodeStatus;
use cronbus_core::route;

use crate::web::access::visible;
use crate::web::acts::{self, NodeState};
use crate::web::configurations::Unknown;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::schema;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::{Listing, NodesView, SettingView};

/// The living nodes, by name.
///
/// # Errors
/// 400 for parameters, since there are none.
#[utoipa::path(
    get, path = "/api/v1/nodes", tag = "nodes",
    responses((status = 200, body = schema::NodeListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest, by: Principal) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let items = site.operations.members().await;
    let members: Vec<_> = items.iter().map(|node| node.member.clone()).collect();
    let seen = |node: NodeStatus| Some(NodeStatus { member: visible(&by, node.member)?, ..node });
    let items = items.into_iter().filter_map(seen).collect();
    Ok(HttpResponse::Ok().json(NodesView { items, next: None, lacking: route::lacking(&members) }))
}

/// The configuration in force at a node, each value with where it came from. Passwords and keys are hidden.
///
/// # Errors
/// 404 when no living node has the name, 503 when it does not answer.
#[utoipa::path(
    get, path = "/api/v1/nodes/{node}/config", tag = "nodes", params(("node" = String, Path, description = "its name")),
    responses(
        (status = 200, body = schema::SettingListing), (status = "4XX", body = Problem), (status = 503, body = Problem)
    )
)]
pub(crate) async fn config(
    site: Data<Site>,
    request: HttpRequest,
    node: Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let name = NodeName::new(&node).map_err(|_| Problem::no_such_node(&node))?;
    match site.configurations.of(&name).await {
        Ok(items) => Ok(HttpResponse::Ok().json(Listing::<SettingView> { items, next: None })),
        Err(Unknown::Unreachable { reason }) if is_member(&site, &name).await => {
            Err(Problem::plain(StatusCode::SERVICE_UNAVAILABLE, reason))
        }
        Err(_) => Err(Problem::no_such_node(&node)),
    }
}

async fn is_member(site: &Site, name: &NodeName) -> bool {
    site.operations.members().await.iter().any(|node| node.member.name == *name)
}

/// Makes a node take no new work, until it is undrained: not by a restart. What it runs goes on.
///
/// # Errors
/// 404 when no living node has the name, 503 when the register of members does not answer.
#[utoipa::path(
    post, path = "/api/v1/nodes/{node}/drain", tag = "nodes", params(("node" = String, Path, description = "its name")),
    responses((status = 200, body = NodeState), (status = "4XX", body = Problem), (status = 503, body = Problem))
)]
pub(crate) async fn drain(
    site: Data<Site>,
    request: HttpRequest,
    node: Path<String>,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    set_state(&site, &request, &node, Availability::Draining, &by).await
}

/// Makes a node take work again.
///
/// # Errors
/// As for draining.
#[utoipa::path(
    post, path = "/api/v1/nodes/{node}/undrain", tag = "nodes",
    params(("node" = String, Path, description = "its name")),
    responses((status = 200, body = NodeState), (status = "4XX", body = Problem), (status = 503, body = Problem))
)]
pub(crate) async fn undrain(
    site: Data<Site>,
    request: HttpRequest,
    node: Path<String>,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    set_state(&site, &request, &node, Availability::Active, &by).await
}

async fn set_state(
    site: &Site,
    request: &HttpRequest,
    node: &str,
    state: Availability,
    by: &Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(request)?.finish()?;
    Ok(HttpResponse::Ok().json(acts::set_node_state(site, node, state, by).await?))
}
