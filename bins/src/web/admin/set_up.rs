//! `/setup`: the first administrator chooses a name and a password, by the one-time link of the node.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::fields::Fields;
use super::frame::{Frame, answer_with};
use super::login::{address, begin, outside};
use super::{gate, preferences};
use crate::web::accounts::set_up::{has_users, make_first};
use crate::web::accounts::sign_in;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::session::{Cookies, Origin};
use crate::web::site::Site;

#[derive(Template)]
#[template(path = "admin/setup.html")]
struct SetUpPage {
    frame: Frame,
    link: String,
    name: String,
    fault: Option<String>,
}

/// The form. With a user already, it leads to signing in.
///
/// # Errors
/// 400 for parameters, since there are none; 503 without a database.
pub(crate) async fn show(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    if has_users(&*site.store).await? {
        return Ok(HttpResponse::SeeOther().insert_header(("Location", "/login")).finish());
    }
    page(&request, StatusCode::OK, &Fields::default(), None)
}

/// Makes the first administrator, and signs him in.
///
/// # Errors
/// 400 for a form that cannot be read, 403 from another site, 503 without a database.
pub(crate) async fn enter(site: Data<Site>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Problem> {
    gate::same_site(request.headers())?;
    let fields = Fields::read(&body)?;
    let (language, _) = preferences::of(&request, &Cookies::of(&request));
    if let Err(wait) = site.admin.attempts.begin(address(&request), site.clock.monotonic()) {
        let fault = language.say_count("login-wait", wait.as_secs().div_ceil(60));
        return page(&request, StatusCode::TOO_MANY_REQUESTS, &fields, Some(fault));
    }
    let password = fields.raw("password").unwrap_or_default();
    if Some(password) != fields.raw("again") {
        return page(&request, StatusCode::UNPROCESSABLE_ENTITY, &fields, Some(language.say("password-differs")));
    }
    let (link, name) = (fields.get("link").unwrap_or_default(), fields.get("name").unwrap_or_default());
    let link = link.rsplit('#').next().unwrap_or_default();
    match make_first(&site, link, (name, password), Origin::of(&request)).await {
        Ok(user) => {
            site.admin.attempts.succeeded(address(&request));
            let holder = sign_in::enter(&site, &user, address(&request)).await?;
            begin(&site, &request, holder, "/").await
        }
        Err(problem) if problem.status().is_client_error() => {
            page(&request, problem.status(), &fields, Some(problem.detail))
        }
        Err(problem) => Err(problem),
    }
}

fn page(
    request: &HttpRequest,
    status: StatusCode,
    fields: &Fields,
    fault: Option<String>,
) -> Result<HttpResponse, Problem> {
    let text = |name| fields.get(name).unwrap_or_default().to_owned();
    let page = SetUpPage { frame: outside(request, "setup-title"), link: text("link"), name: text("name"), fault };
    let mut response = answer_with(status, &page)?;
    gate::guard(response.headers_mut());
    Ok(response)
}
