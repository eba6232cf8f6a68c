//! `/secrets`: what jobs name and nobody reads. Values go in and never come out.

use std::collections::BTreeSet;

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::alerts::PageQuery;
use crate::web::problem::Problem;
use crate::web::query::{self, Parameters};
use crate::web::secret_acts::{self, SecretView};
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::Listing;

/// A value for a secret.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewValue {
    /// 4 to 65536 bytes.
    pub(crate) value: String,
    /// The groups whose jobs may use it; empty means every job. Absent leaves them as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) groups: Option<BTreeSet<String>>,
}

/// How many secrets were sealed anew.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Rotated {
    /// Those that were sealed with another key than the first.
    pub(crate) sealed: u64,
}

/// The secrets, without their values.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct SecretListing {
    /// By name.
    items: Vec<SecretView>,
    /// Give this as `cursor` to get what follows; null when nothing does.
    next: Option<String>,
}

/// The secrets by name, without their values, and which jobs name them.
///
/// # Errors
/// 400 for parameters that cannot be read, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/secrets", tag = "secrets", params(PageQuery),
    responses((status = 200, body = SecretListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let (after, limit) = (read.text("cursor"), read.limit()?);
    read.finish()?;
    let mut items = secret_acts::all(&site).await?;
    items.retain(|secret| after.as_ref().is_none_or(|after| secret.name > *after));
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().map(|last| last.name.clone()).filter(|_| has_more);
    Ok(HttpResponse::Ok().json(Listing { items, next }))
}

/// Gives a secret a value: the next run that names it is given that one.
///
/// # Errors
/// 400 for what is no name, 422 for a value that cannot be, 503 without a key or a database.
#[utoipa::path(
    put, path = "/api/v1/secrets/{name}", tag = "secrets", request_body = NewValue,
    params(("name" = String, Path, description = "its name")),
    responses((status = 200, body = SecretView), (status = "4XX", body = Problem))
)]
pub(crate) async fn set(
    site: Data<Site>,
    request: HttpRequest,
    name: Path<String>,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let name = secret_acts::name_of(&name)?;
    let NewValue { value, groups } = query::json(&request, &body)?;
    Ok(HttpResponse::Ok().json(secret_acts::set(&site, &name, &value, groups, &by).await?))
}

/// Deletes a secret; with `force=true` also while jobs name it: their runs fail then.
///
/// # Errors
/// 404 when there is none, 409 while a job names it, 503 without a database.
#[utoipa::path(
    delete, path = "/api/v1/secrets/{name}", tag = "secrets",
    params(("name" = String, Path, description = "its name"), ("force" = Option<bool>, Query, description = "even if jobs name it")),
    responses((status = 204), (status = "4XX", body = Problem))
)]
pub(crate) async fn delete(
    site: Data<Site>,
    request: HttpRequest,
    name: Path<String>,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let force = read.flag("force")?;
    read.finish()?;
    secret_acts::delete(&site, &secret_acts::name_of(&name)?, force, &by).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Seals every secret with the key that stands first in the key file now.
///
/// # Errors
/// 503 when one cannot be opened, without a key or a database.
#[utoipa::path(
    post, path = "/api/v1/secret-rotation", tag = "secrets",
    responses((status = 200, body = Rotated), (status = "4XX", body = Problem))
)]
pub(crate) async fn rotate(site: Data<Site>, request: HttpRequest, by: Principal) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    Ok(HttpResponse::Ok().json(Rotated { sealed: secret_acts::rotate(&site, &by).await? }))
}
