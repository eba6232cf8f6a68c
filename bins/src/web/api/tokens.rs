//! `/tokens`: what programs may show.

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::account::{AccountName, Grant};
use cronbus_core::port::store::Page;
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::users::grants;
use crate::web::accounts::acts;
use crate::web::accounts::view::{GrantView, TokenView};
use crate::web::api::alerts::PageQuery;
use crate::web::problem::Problem;
use crate::web::query::{Parameters, json};
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::Listing;

/// A part of the API tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenListing {
    /// By name.
    items: Vec<TokenView>,
    /// Where the next page starts.
    next: Option<String>,
}

/// An API token that is to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// What it is to be called.
    pub(crate) name: String,
    /// What it shall let do.
    #[serde(default)]
    #[schema(value_type = Vec<GrantView>)]
    pub(crate) grants: Vec<Grant>,
    /// From when on it is nothing; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) expires_at: Option<Timestamp>,
}

/// An API token that was made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct MadeToken {
    /// The token. Nobody can be told it again.
    pub(crate) token: String,
    /// What is known of it.
    #[serde(flatten)]
    pub(crate) facts: TokenView,
}

/// API tokens by name, without the tokens.
///
/// # Errors
/// 400 for parameters that cannot be read, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/tokens", tag = "accounts", params(PageQuery),
    responses((status = 200, body = TokenListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let page: Page<AccountName> = Page { after: read.read("cursor")?, limit: read.limit()? };
    read.finish()?;
    let (tokens, next) = site.store.api_tokens(&page).await?;
    let items: Vec<TokenView> = tokens.into_iter().map(TokenView::from).collect();
    Ok(HttpResponse::Ok().json(Listing { items, next: next.map(|name| name.to_string()) }))
}

/// Makes an API token. The answer is the only one that has it.
///
/// # Errors
/// 409 when the name is taken, 422 for a name that cannot be, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/tokens", tag = "accounts", request_body = NewToken,
    responses((status = 201, body = MadeToken), (status = "4XX", body = Problem))
)]
pub(crate) async fn add(
    site: Data<Site>,
    request: HttpRequest,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let asked: NewToken = json(&request, &body)?;
    let (token, text) = acts::add_token(&site, &asked.name, grants(asked.grants)?, asked.expires_at, &by).await?;
    Ok(HttpResponse::Created().json(MadeToken { token: text, facts: TokenView::from(token) }))
}

/// Makes an API token nothing: at this node at once, at the others within two seconds.
///
/// # Errors
/// 404 when there is none, 503 without a database.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{name}", tag = "accounts", params(("name" = String, Path, description = "the name")),
    responses((status = 204), (status = "4XX", body = Problem))
)]
pub(crate) async fn revoke(
    site: Data<Site>,
    request: HttpRequest,
    name: Path<String>,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    acts::revoke_token(&site, &name, &by).await?;
    Ok(HttpResponse::NoContent().finish())
}
