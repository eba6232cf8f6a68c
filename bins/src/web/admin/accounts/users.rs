//! What the forms for users do.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::page::grants_of;
use crate::web::accounts::acts::{self, Change};
use crate::web::admin::confirm::{Confirm, ask};
use crate::web::admin::fields::Fields;
use crate::web::admin::link::encoded;
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::site::Site;

const PAGE: &str = "/accounts";

/// Adds a user.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn add(site: Data<Site>, visit: Visit, fields: Fields) -> Result<HttpResponse, Problem> {
    let name = fields.get("name").unwrap_or_default();
    let added = match grants_of(&fields) {
        Ok(grants) => {
            let password = fields.raw("password").filter(|password| !password.is_empty());
            acts::add_user(&site, name, password, grants, &visit.principal).await.map(drop)
        }
        Err(problem) => Err(problem),
    };
    said(&site, &visit, added, "user-added", name)
}

/// Changes what a user may do.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn change(
    site: Data<Site>,
    visit: Visit,
    name: Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    let disabled = fields.get("disabled").map(|text| text == "yes");
    let grants = if disabled.is_none() { grants_of(&fields).map(Some) } else { Ok(None) };
    let changed = match grants {
        Ok(grants) => acts::change_user(&site, &name, Change { grants, disabled }, &visit.principal).await.map(drop),
        Err(problem) => Err(problem),
    };
    said(&site, &visit, changed, "user-changed", &name)
}

/// Gives a user another password.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn set_password(
    site: Data<Site>,
    visit: Visit,
    name: Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    let password = fields.raw("password").unwrap_or_default();
    let changed = acts::set_password(&site, &name, password, &visit.principal).await.map(drop);
    said(&site, &visit, changed, "password-changed", &name)
}

/// Asks whether a user shall be deleted.
///
/// # Errors
/// 404 when there is none, 503 without a database.
pub(crate) async fn ask_delete(site: Data<Site>, visit: Visit, name: Path<String>) -> Result<HttpResponse, Problem> {
    let user = acts::find(&site, &name).await?;
    ask(
        &site,
        &visit,
        Confirm {
            title: visit.say("user-delete-title"),
            text: visit.say("user-delete-text"),
            items: vec![user.name.to_string()],
            action: format!("{PAGE}/users/{}/delete", encoded(user.name.as_str())),
            fields: Vec::new(),
            button: visit.say("delete"),
            is_danger: true,
            back: PAGE.to_owned(),
        },
    )
}

/// Deletes a user.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn delete(site: Data<Site>, visit: Visit, name: Path<String>) -> Result<HttpResponse, Problem> {
    let deleted = acts::delete_user(&site, &name, &visit.principal).await;
    said(&site, &visit, deleted, "user-deleted", &name)
}

/// Goes back to the page, which says what was done or why not.
pub(super) fn said(
    site: &Site,
    visit: &Visit,
    done: Result<(), Problem>,
    key: &str,
    name: &str,
) -> Result<HttpResponse, Problem> {
    match done {
        Ok(()) => Ok(visit.done(site, PAGE, visit.language.say_with(key, [("name", name)]))),
        Err(problem) if problem.status().is_client_error() => Ok(visit.refused(site, PAGE, problem.detail)),
        Err(problem) => Err(problem),
    }
}
