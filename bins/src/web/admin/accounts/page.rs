//! The page: users, API tokens, and the forms for another of each.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::account::{AccountName, ApiToken, Grant, GrantError, Grants, User};
use cronbus_core::port::store::Page;

use crate::web::admin::fields::Fields;
use crate::web::admin::frame::{Frame, answer_with};
use crate::web::admin::link::QueryText;
use crate::web::admin::parts::When;
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::site::Site;

/// How many of each are shown.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "admin/accounts.html")]
struct AccountsPage {
    frame: Frame,
    users: Vec<UserRow>,
    more_users: Option<String>,
    tokens: Vec<TokenRow>,
    more_tokens: Option<String>,
    /// A token that was just made: it is shown this once.
    made: Option<(String, String)>,
}

struct UserRow {
    name: String,
    grants: String,
    disabled: bool,
    is_federated: bool,
    has_password: bool,
    signed_in: Option<When>,
}

struct TokenRow {
    name: String,
    grants: String,
    by: String,
    expires: Option<When>,
    is_over: bool,
    used: Option<When>,
}

/// The page.
///
/// # Errors
/// 400 for parameters that cannot be read, 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let (users, tokens) = (read.read("users")?, read.read("tokens")?);
    read.finish()?;
    page(&site, &visit, (users, tokens), None).await
}

/// The page, with a token that was just made.
///
/// # Errors
/// 503 without a database.
pub(super) async fn page(
    site: &Site,
    visit: &Visit,
    (users, tokens): (Option<AccountName>, Option<AccountName>),
    made: Option<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let now = site.clock.now();
    let (users, next_user) = site.store.users(&Page { after: users, limit: SHOWN }).await?;
    let (tokens, next_token) = site.store.api_tokens(&Page { after: tokens, limit: SHOWN }).await?;
    let href = |name: &'static str, cursor: Option<AccountName>| {
        cursor.map(|cursor| format!("/accounts{}", QueryText::default().with(name, cursor.as_str()).text()))
    };
    let page = AccountsPage {
        frame: visit.frame(site, "nav-accounts", visit.say("nav-accounts")),
        users: users.into_iter().map(user_row).collect(),
        more_users: href("users", next_user),
        tokens: tokens.into_iter().map(|token| token_row(&token, !token.is_valid(now))).collect(),
        more_tokens: href("tokens", next_token),
        made,
    };
    answer_with(StatusCode::OK, &page)
}

fn user_row(user: User) -> UserRow {
    UserRow {
        name: user.name.to_string(),
        grants: user.grants.to_string(),
        disabled: user.disabled,
        is_federated: user.identity.is_some(),
        has_password: user.password.is_some(),
        signed_in: user.signed_in_at.map(When::at),
    }
}

fn token_row(token: &ApiToken, is_over: bool) -> TokenRow {
    TokenRow {
        name: token.facts.name.to_string(),
        grants: token.facts.grants.to_string(),
        by: token.facts.created_by.clone(),
        expires: token.facts.expires_at.map(When::at),
        is_over,
        used: token.used_at.map(When::at),
    }
}

/// The grants of a form: a role, and the groups it holds in, none meaning all; or several as they are written.
///
/// # Errors
/// 400 for what is no grant.
pub(super) fn grants_of(fields: &Fields) -> Result<Grants, Problem> {
    let written = fields.get("grants").unwrap_or_default();
    let grants: Result<Vec<Grant>, GrantError> = written.split_whitespace().map(str::parse).collect();
    let wrong = |error: GrantError| Problem::invalid("grants", written, &error);
    Grants::new(grants.map_err(wrong)?).map_err(wrong)
}
