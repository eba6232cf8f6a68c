//! `/audit`: who did what. It is read only: nothing changes an entry, and only its age removes one.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::audit::{EntryId, ObjectKind};
use cronbus_core::port::store::{AuditFilter, Page};
use utoipa::IntoParams;

use crate::web::audit_view::{AuditListing, AuditView};
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::site::Site;
use crate::web::view::Listing;

/// The words for the kinds of things.
pub(crate) const KINDS: [(&str, ObjectKind); 9] = {
    let mut kinds = [("", ObjectKind::Job); 9];
    let mut rest: (&mut [(&str, ObjectKind)], &[ObjectKind]) = (&mut kinds, &ObjectKind::ALL);
    while let ([place, places @ ..], [kind, more @ ..]) = rest {
        *place = (kind.as_str(), *kind);
        rest = (places, more);
    }
    kinds
};

/// Which entries.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct AuditQuery {
    /// Of whoever has this name.
    actor: Option<String>,
    /// Of this action, like `job.update`.
    action: Option<String>,
    /// About things of this kind, like `job`.
    kind: Option<String>,
    /// About what has this name.
    object: Option<String>,
    /// At or after this instant.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Before this instant.
    #[param(format = DateTime)]
    until: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most this many; 100 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Who did what, the newest first.
///
/// # Errors
/// 400 for parameters that cannot be read, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = AuditListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let filter = AuditFilter {
        actor: read.text("actor"),
        action: read.read("action")?,
        kind: read.choice("kind", &KINDS)?,
        object: read.text("object"),
        from: read.read("from")?,
        until: read.read("until")?,
    };
    let page = Page { after: read.read("cursor")?, limit: read.limit()? };
    read.finish()?;
    Ok(HttpResponse::Ok().json(Listing::<AuditView>::part(site.store.entries(&filter, &page).await?)))
}

/// One entry.
///
/// # Errors
/// 400 for what is no id, 404 when there is no such entry, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/audit/{id}", tag = "audit", params(("id" = String, Path, description = "its id")),
    responses((status = 200, body = AuditView), (status = "4XX", body = Problem))
)]
pub(crate) async fn show(site: Data<Site>, path: Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let id: EntryId = path.parse().map_err(|error| Problem::invalid("id", &path, &error))?;
    let missing =
        || Problem::plain(StatusCode::NOT_FOUND, format!("there is no audit entry {id}, or it was forgotten"));
    let entry = site.store.entry(id).await?.ok_or_else(missing)?;
    Ok(HttpResponse::Ok().json(AuditView::from(entry)))
}
