//! `/users`: who may sign in; `/setup-link`: how the first one comes about.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::account::{AccountName, Grant, Grants};
use cronbus_core::audit::{Action, Object, ObjectKind};
use cronbus_core::port::store::Page;
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::web::accounts::acts::{self, Change};
use crate::web::accounts::set_up;
use crate::web::accounts::view::{GrantView, UserView};
use crate::web::api::alerts::PageQuery;
use crate::web::problem::Problem;
use crate::web::query::{Parameters, json};
use crate::web::record;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::Listing;

/// A part of the users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserListing {
    /// By name.
    items: Vec<UserView>,
    /// Where the next page starts.
    next: Option<String>,
}

/// A user who is to be added.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// 1 to 64 letters, digits, `-`, `_`, `.` or `@`.
    pub(crate) name: String,
    /// At least 12 characters; absent: he cannot sign in before he got one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
    /// What he may do.
    #[serde(default)]
    #[schema(value_type = Vec<GrantView>)]
    pub(crate) grants: Vec<Grant>,
}

/// What shall be different about a user; what is absent stays.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    /// What he may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<GrantView>>)]
    pub(crate) grants: Option<Vec<Grant>>,
    /// Whether he may do nothing for now. It signs him out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) disabled: Option<bool>,
}

/// Another password.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// At least 12 characters, at most 256 bytes.
    pub(crate) password: String,
}

/// A link for the first administrator.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SetUpLink {
    /// To be put behind the address of the node. What stands behind `#` is secret.
    pub(crate) path: String,
    /// It may be used once, until then.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) expires_at: Timestamp,
}

/// Users by name.
///
/// # Errors
/// 400 for parameters that cannot be read, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/users", tag = "accounts", params(PageQuery),
    responses((status = 200, body = UserListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let page: Page<AccountName> = Page { after: read.read("cursor")?, limit: read.limit()? };
    read.finish()?;
    let (users, next) = site.store.users(&page).await?;
    let items: Vec<UserView> = users.into_iter().map(UserView::from).collect();
    Ok(HttpResponse::Ok().json(Listing { items, next: next.map(|name| name.to_string()) }))
}

/// One user.
///
/// # Errors
/// 404 when there is none, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/users/{name}", tag = "accounts", params(("name" = String, Path, description = "the name")),
    responses((status = 200, body = UserView), (status = "4XX", body = Problem))
)]
pub(crate) async fn show(site: Data<Site>, request: HttpRequest, name: Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    Ok(HttpResponse::Ok().json(UserView::from(acts::find(&site, &name).await?)))
}

/// Adds a user.
///
/// # Errors
/// 409 when the name is taken, 422 for a name or password that cannot be, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/users", tag = "accounts", request_body = NewUser,
    responses((status = 201, body = UserView), (status = "4XX", body = Problem))
)]
pub(crate) async fn add(
    site: Data<Site>,
    request: HttpRequest,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let asked: NewUser = json(&request, &body)?;
    let grants = grants(asked.grants)?;
    let user = acts::add_user(&site, &asked.name, asked.password.as_deref(), grants, &by).await?;
    Ok(HttpResponse::Created().json(UserView::from(user)))
}

/// Changes what a user may do.
///
/// # Errors
/// 404 when there is none, 503 without a database.
#[utoipa::path(
    put, path = "/api/v1/users/{name}", tag = "accounts", request_body = UserChange,
    params(("name" = String, Path, description = "the name")),
    responses((status = 200, body = UserView), (status = "4XX", body = Problem))
)]
pub(crate) async fn change(
    site: Data<Site>,
    request: HttpRequest,
    name: Path<String>,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let asked: UserChange = json(&request, &body)?;
    let change = Change { grants: asked.grants.map(grants).transpose()?, disabled: asked.disabled };
    Ok(HttpResponse::Ok().json(UserView::from(acts::change_user(&site, &name, change, &by).await?)))
}

/// Deletes a user, who is signed out.
///
/// # Errors
/// 404 when there is none, 503 without a database.
#[utoipa::path(
    delete, path = "/api/v1/users/{name}", tag = "accounts", params(("name" = String, Path, description = "the name")),
    responses((status = 204), (status = "4XX", body = Problem))
)]
pub(crate) async fn delete(
    site: Data<Site>,
    request: HttpRequest,
    name: Path<String>,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    acts::delete_user(&site, &name, &by).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives a user another password, and signs him out everywhere.
///
/// # Errors
/// 404 when there is none, 422 for a password that cannot be, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/users/{name}/password", tag = "accounts", request_body = NewPassword,
    params(("name" = String, Path, description = "the name")),
    responses((status = 200, body = UserView), (status = "4XX", body = Problem))
)]
pub(crate) async fn set_password(
    site: Data<Site>,
    request: HttpRequest,
    name: Path<String>,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let asked: NewPassword = json(&request, &body)?;
    Ok(HttpResponse::Ok().json(UserView::from(acts::set_password(&site, &name, &asked.password, &by).await?)))
}

/// Makes a link by which the first administrator is made.
///
/// # Errors
/// 409 when there is a user, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/setup-link", tag = "accounts",
    responses((status = 201, body = SetUpLink), (status = "4XX", body = Problem))
)]
pub(crate) async fn set_up_link(
    site: Data<Site>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let now = site.clock.now();
    let Some(secret) = set_up::offer(&*site.store, now).await? else {
        return Err(Problem::plain(
            StatusCode::CONFLICT,
            "somebody has an account already: `cronbus account user add`",
        ));
    };
    let of = Object::named(ObjectKind::Token, "setup-link");
    record::keep(&site, &by, Action::TokenCreate, of, None).await?;
    let link = SetUpLink { path: set_up::path(&secret), expires_at: now + set_up::LASTS };
    Ok(HttpResponse::Created().json(link))
}

/// Grants as they were sent.
///
/// # Errors
/// 400 for too many.
pub(super) fn grants(grants: Vec<Grant>) -> Result<Grants, Problem> {
    Grants::new(grants).map_err(|error| Problem::invalid("grants", "", &error))
}
