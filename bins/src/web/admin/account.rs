//! `/account`: one's own: what one may do, and another password.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::account::{Holder, Kind};

use super::fields::Fields;
use super::frame::{Frame, answer_with};
use super::login::begin;
use super::visit::Visit;
use crate::web::accounts::acts;
use crate::web::problem::Problem;
use crate::web::site::Site;

#[derive(Template)]
#[template(path = "admin/account.html")]
struct AccountPage {
    frame: Frame,
    grants: Vec<String>,
    /// Whether he is a user.
    is_user: bool,
    /// Whether he signs in at the OpenID provider, and has no password to change here.
    is_federated: bool,
    fault: Option<String>,
}

/// The page.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit) -> Result<HttpResponse, Problem> {
    page(&site, &visit, StatusCode::OK, None).await
}

/// Takes another password. All sessions end; this browser gets a new one.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn change(
    site: Data<Site>,
    visit: Visit,
    request: HttpRequest,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    if visit.principal.kind != Kind::User {
        return Err(Problem::forbidden("the admin token has no password: another file makes another token"));
    }
    let [current, wanted, again] = ["current", "password", "again"].map(|name| fields.raw(name).unwrap_or_default());
    if wanted != again {
        return page(&site, &visit, StatusCode::UNPROCESSABLE_ENTITY, Some(visit.say("password-differs"))).await;
    }
    match acts::change_own_password(&site, current, wanted, &visit.principal).await {
        Ok(user) => begin(&site, &request, (Holder::User(user.name), user.generation), "/account").await,
        Err(problem) if problem.status().is_client_error() => {
            page(&site, &visit, problem.status(), Some(problem.detail)).await
        }
        Err(problem) => Err(problem),
    }
}

async fn page(site: &Site, visit: &Visit, status: StatusCode, fault: Option<String>) -> Result<HttpResponse, Problem> {
    let is_user = visit.principal.kind == Kind::User;
    let is_federated = is_user && acts::find(site, &visit.principal.name).await?.identity.is_some();
    let page = AccountPage {
        frame: visit.frame(site, "", visit.principal.name.clone()),
        grants: visit.principal.grants.as_slice().iter().map(ToString::to_string).collect(),
        is_user,
        is_federated,
        fault,
    };
    answer_with(status, &page)
}
