//! Signing in and out.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::audit::{Action, Actor, Object, ObjectKind};

use super::fields::Fields;
use super::frame::{Frame, answer_with};
use super::gate;
use super::preferences::{self, local};
use super::words::Language;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::record;
use crate::web::session::{COOKIE, Cookies, Origin, Principal, give, take_back};
use crate::web::site::Site;

/// No token is longer.
const LONGEST_TOKEN: usize = 1024;

#[derive(Template)]
#[template(path = "admin/login.html")]
struct LoginPage {
    frame: Frame,
    next: String,
    fault: Option<String>,
}

/// `/login`: asks for the token.
///
/// # Errors
/// 400 for parameters that cannot be read.
pub(crate) async fn show(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let next = local(&read.text("next").unwrap_or_default()).to_owned();
    read.finish()?;
    page(&request, next, StatusCode::OK, None)
}

/// Opens a session for whoever knows the token; always a new one, whatever cookie came along.
///
/// # Errors
/// 400 for a form that cannot be read, 403 from another site, 503 without random bytes.
pub(crate) async fn enter(site: Data<Site>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Problem> {
    gate::same_site(request.headers())?;
    let fields = Fields::read(&body)?;
    let next = local(fields.get("next").unwrap_or_default()).to_owned();
    let cookies = Cookies::of(&request);
    let (language, _) = preferences::of(&request, &cookies);
    let origin = Origin::of(&request);
    let who = || Object::named(ObjectKind::User, Principal::ADMIN);
    if let Err((status, fault)) = check(&site, &request, language, &fields) {
        // Who is told to wait was refused often enough to be in the trail.
        if status == StatusCode::UNAUTHORIZED {
            let actor = Actor::nobody(Principal::ADMIN, origin.door, origin.address);
            record::keep_of(&site, actor, Action::LoginFailed, who()).await?;
        }
        return page(&request, next, status, Some(fault));
    }
    record::keep(&site, &Principal::admin().at(origin), Action::Login, who(), None).await?;
    if let Some(old) = cookies.get(COOKIE) {
        site.admin.sessions.close(old);
    }
    let opened = site.admin.sessions.open(Principal::admin(), site.clock.now());
    let secret = opened.map_err(|error| Problem::plain(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    let cookie = give(COOKIE, &secret, site.admin.sessions.max_age_s(), is_secure(&request));
    tracing::info!(from = ?request.peer_addr(), "somebody signed in with the admin token");
    Ok(HttpResponse::SeeOther()
        .insert_header((header::SET_COOKIE, cookie))
        .insert_header((header::LOCATION, next))
        .finish())
}

fn check(site: &Site, request: &HttpRequest, language: Language, fields: &Fields) -> Result<(), (StatusCode, String)> {
    let address = request.peer_addr().map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
    let attempts = &site.admin.attempts;
    if let Err(wait) = attempts.begin(address, site.clock.monotonic()) {
        tracing::warn!(%address, "too many failed sign-ins from one address");
        let minutes = wait.as_secs().div_ceil(60);
        return Err((StatusCode::TOO_MANY_REQUESTS, language.say_count("login-wait", minutes)));
    }
    let token = fields.get("token").filter(|token| token.len() <= LONGEST_TOKEN).unwrap_or_default();
    if !site.token.matches(token.as_bytes()) {
        tracing::warn!(%address, "a sign-in failed");
        return Err((StatusCode::UNAUTHORIZED, language.say("login-wrong")));
    }
    attempts.succeeded(address);
    Ok(())
}

/// Ends the session. Behind the gate, so only its own pages can.
///
/// # Errors
/// 503 without a database to note it in.
pub(crate) async fn leave(site: Data<Site>, request: HttpRequest, by: Principal) -> Result<HttpResponse, Problem> {
    record::keep(&site, &by, Action::Logout, Object::named(ObjectKind::User, by.name.clone()), None).await?;
    if let Some(secret) = Cookies::of(&request).get(COOKIE) {
        site.admin.sessions.close(secret);
    }
    let cookie = take_back(COOKIE, is_secure(&request));
    Ok(HttpResponse::SeeOther()
        .insert_header((header::SET_COOKIE, cookie))
        .insert_header((header::LOCATION, "/login"))
        .finish())
}

/// Whether the browser speaks TLS, to this node or to what stands before it. Who lies about this harms only itself.
fn is_secure(request: &HttpRequest) -> bool {
    request.connection_info().scheme() == "https"
}

fn page(
    request: &HttpRequest,
    next: String,
    status: StatusCode,
    fault: Option<String>,
) -> Result<HttpResponse, Problem> {
    let (language, theme) = preferences::of(request, &Cookies::of(request));
    let here = request.uri().path_and_query().map_or("/login", |uri| uri.as_str()).to_owned();
    let frame = Frame {
        language,
        theme,
        place: "",
        title: language.say("login-title"),
        csrf: String::new(),
        here,
        who: None,
        is_fragment: false,
        flash: None,
    };
    let mut response = answer_with(status, &LoginPage { frame, next, fault })?;
    gate::guard(response.headers_mut());
    Ok(response)
}
