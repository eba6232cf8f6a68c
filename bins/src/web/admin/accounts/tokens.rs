//! What the forms for API tokens do.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use cronbus_core::time::Timestamp;

use super::page::{grants_of, page};
use super::users::said;
use crate::web::accounts::acts;
use crate::web::admin::confirm::{Confirm, ask};
use crate::web::admin::fields::Fields;
use crate::web::admin::link::encoded;
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::site::Site;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The longest life that can be asked for, in days.
const LONGEST_DAYS: u32 = 3650;

/// Makes an API token, and shows it this once.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn add(site: Data<Site>, visit: Visit, fields: Fields) -> Result<HttpResponse, Problem> {
    let name = fields.get("name").unwrap_or_default();
    let asked = grants_of(&fields).and_then(|grants| Ok((grants, end(&fields, site.clock.now())?)));
    let made = match asked {
        Ok((grants, end)) => acts::add_token(&site, name, grants, end, &visit.principal).await,
        Err(problem) => Err(problem),
    };
    match made {
        Ok((token, text)) => page(&site, &visit, (None, None), Some((token.facts.name.to_string(), text))).await,
        Err(problem) => said(&site, &visit, Err(problem), "", name),
    }
}

fn end(fields: &Fields, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = fields.get("days") else { return Ok(None) };
    let days = text.parse().ok().filter(|days| (1..=LONGEST_DAYS).contains(days));
    let days = days.ok_or_else(|| Problem::not_one_of("days", text, "a number from 1 to 3650"))?;
    Ok(Some(now + DAY * days))
}

/// Asks whether a token shall be nothing any more.
///
/// # Errors
/// 500 when the page cannot be written.
pub(crate) async fn ask_revoke(site: Data<Site>, visit: Visit, name: Path<String>) -> Result<HttpResponse, Problem> {
    ask(
        &site,
        &visit,
        Confirm {
            title: visit.say("token-revoke-title"),
            text: visit.say("token-revoke-text"),
            items: vec![name.to_string()],
            action: format!("/accounts/tokens/{}/revoke", encoded(&name)),
            fields: Vec::new(),
            button: visit.say("token-revoke"),
            is_danger: true,
            back: "/accounts".to_owned(),
        },
    )
}

/// Makes a token nothing.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn revoke(site: Data<Site>, visit: Visit, name: Path<String>) -> Result<HttpResponse, Problem> {
    let revoked = acts::revoke_token(&site, &name, &visit.principal).await;
    said(&site, &visit, revoked, "token-revoked", &name)
}
