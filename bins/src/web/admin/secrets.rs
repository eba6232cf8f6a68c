//! `/secrets`: what jobs name as `{{secret.NAME}}`. Values go in here; no page ever has one.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use super::confirm::{Confirm, ask};
use super::fields::Fields;
use super::frame::{Frame, answer};
use super::link::{self, encoded};
use super::parts::When;
use super::visit::Visit;
use crate::web::problem::Problem;
use crate::web::secret_acts::{self, SecretView};
use crate::web::site::Site;

const PAGE: &str = "/secrets";

/// How many of the jobs that name a secret are shown beside it.
const USERS_SHOWN: usize = 5;

#[derive(Template)]
#[template(path = "admin/secrets.html")]
struct SecretsPage {
    frame: Frame,
    secrets: Vec<Row>,
}

struct Row {
    name: String,
    version: i64,
    groups: String,
    at: When,
    by: String,
    users: Vec<(String, String)>,
    more: bool,
}

impl Row {
    fn of(secret: SecretView) -> Self {
        let groups: Vec<String> = secret.groups.into_iter().collect();
        let user = |name: &String| (name.clone(), link::job(name, name));
        Self {
            users: secret.used_by.iter().take(USERS_SHOWN).map(user).collect(),
            more: secret.used_by.len() > USERS_SHOWN,
            name: secret.name,
            version: secret.version,
            groups: groups.join(", "),
            at: When::at(secret.updated_at),
            by: secret.updated_by,
        }
    }
}

/// The page.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit) -> Result<HttpResponse, Problem> {
    let secrets = secret_acts::all(&site).await?.into_iter().map(Row::of).collect();
    answer(&SecretsPage { frame: visit.frame(&site, "nav-secrets", visit.say("nav-secrets")), secrets })
}

/// Gives a secret a value.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn set(site: Data<Site>, visit: Visit, fields: Fields) -> Result<HttpResponse, Problem> {
    let given = fields.get("name").unwrap_or_default();
    let set = match secret_acts::name_of(given) {
        Ok(name) => {
            let value = as_typed(fields.get("value").unwrap_or_default());
            secret_acts::set(&site, &name, &value, Some(groups(&fields)), &visit.principal).await.map(drop)
        }
        Err(problem) => Err(problem),
    };
    said(&site, &visit, set, "secret-set", given)
}

/// Forms send CR LF for every line end, and people mean the line end of their machine; one behind the value is none of it.
fn as_typed(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
}

fn groups(fields: &Fields) -> BTreeSet<String> {
    let text = fields.get("groups").unwrap_or_default();
    text.split(',').map(str::trim).filter(|group| !group.is_empty()).map(str::to_owned).collect()
}

/// Asks whether a secret shall be deleted, and says whose runs fail then.
///
/// # Errors
/// 400 for what is no name, 404 when there is none, 503 without a database.
pub(crate) async fn ask_delete(site: Data<Site>, visit: Visit, name: Path<String>) -> Result<HttpResponse, Problem> {
    let secret = secret_acts::one(&site, &secret_acts::name_of(&name)?).await?;
    let is_used = !secret.used_by.is_empty();
    let confirm = Confirm {
        title: visit.language.say_with("secret-delete-title", [("name", &*secret.name)]),
        text: visit.say(if is_used { "secret-delete-used" } else { "secret-delete-unused" }),
        items: if is_used { secret.used_by } else { vec![secret.name.clone()] },
        action: format!("{PAGE}/{}/delete", encoded(&secret.name)),
        fields: Vec::new(),
        button: visit.say("delete"),
        is_danger: true,
        back: PAGE.to_owned(),
    };
    ask(&site, &visit, confirm)
}

/// Deletes a secret, after it was asked what that means.
///
/// # Errors
/// 400 for what is no name, 503 without a database.
pub(crate) async fn delete(site: Data<Site>, visit: Visit, name: Path<String>) -> Result<HttpResponse, Problem> {
    let deleted = secret_acts::delete(&site, &secret_acts::name_of(&name)?, true, &visit.principal).await;
    said(&site, &visit, deleted, "secret-deleted", &name)
}

fn said(site: &Site, visit: &Visit, done: Result<(), Problem>, key: &str, name: &str) -> Result<HttpResponse, Problem> {
    match done {
        Ok(()) => Ok(visit.done(site, PAGE, visit.language.say_with(key, [("name", name)]))),
        // Without a key, too: the page says how to make one.
        Err(problem) => Ok(visit.refused(site, PAGE, problem.detail)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_was_typed() {
        assert_eq!(as_typed("one\r\ntwo\r\n"), "one\ntwo");
        assert_eq!(as_typed("  kept  "), "  kept  ");
    }
}
