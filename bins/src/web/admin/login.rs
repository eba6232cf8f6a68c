//! Signing in and out.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::header::HeaderValue;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::account::{self, AccountName, Grants, Holder};
use cronbus_core::audit::{Action, Actor, Object, ObjectKind};

use super::fields::Fields;
use super::frame::{Frame, answer_with};
use super::gate;
use super::preferences::{self, local};
use super::single_sign_on::Button;
use crate::web::accounts::set_up::has_users;
use crate::web::accounts::sign_in::{self, Refusal};
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::record;
use crate::web::session::{COOKIE, Cookies, Origin, Principal, give, take_back};
use crate::web::site::Site;

/// Nobody is called longer than this.
const LONGEST_NAME: usize = AccountName::LONGEST;

/// No token is longer.
const LONGEST_TOKEN: usize = 1024;

#[derive(Template)]
#[template(path = "admin/login.html")]
struct LoginPage {
    frame: Frame,
    next: String,
    fault: Option<String>,
    /// Whether there is no account yet.
    only_by_token: bool,
    /// To the OpenID provider.
    elsewhere: Option<Button>,
}

/// `/login`: asks for name and password.
///
/// # Errors
/// 400 for parameters that cannot be read.
pub(crate) async fn show(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let next = local(&read.text("next").unwrap_or_default()).to_owned();
    read.finish()?;
    page(&site, &request, next, StatusCode::OK, None).await
}

/// Opens a session for whoever knows a name and its password, or the admin token; always a new one, whatever cookie came
/// along.
///
/// # Errors
/// 400 for a form that cannot be read, 403 from another site, 503 without a database or random bytes.
pub(crate) async fn enter(site: Data<Site>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Problem> {
    gate::same_site(request.headers())?;
    let fields = Fields::read(&body)?;
    let next = local(fields.get("next").unwrap_or_default()).to_owned();
    let (language, _) = preferences::of(&request, &Cookies::of(&request));
    let (holder, generation) = match check(&site, &request, &fields).await {
        Ok(who) => who,
        Err(Refusal::Problem(problem)) => return Err(*problem),
        Err(Refusal::Wrong) => {
            // Who is told to wait was refused often enough to be in the trail.
            refused(&site, &request, &fields).await?;
            let fault = language.say("login-wrong");
            return page(&site, &request, next, StatusCode::UNAUTHORIZED, Some(fault)).await;
        }
        Err(Refusal::Wait(wait)) => {
            let fault = language.say_count("login-wait", wait.as_secs().div_ceil(60));
            return page(&site, &request, next, StatusCode::TOO_MANY_REQUESTS, Some(fault)).await;
        }
    };
    begin(&site, &request, (holder, generation), &next).await
}

/// Notes that somebody could not sign in, as whom he called himself.
async fn refused(site: &Site, request: &HttpRequest, fields: &Fields) -> Result<(), Problem> {
    let origin = Origin::of(request);
    let said = fields.get("name").unwrap_or(Principal::ADMIN);
    let said: String = said.chars().take(LONGEST_NAME).collect();
    let actor = Actor::nobody(said.as_str(), origin.door, origin.address);
    record::keep_of(site, actor, Action::LoginFailed, Object::named(ObjectKind::User, said)).await
}

/// Opens a session, and goes on to `next` with its cookie. What session there was is over.
///
/// # Errors
/// 503 without a database or random bytes.
pub(super) async fn begin(
    site: &Site,
    request: &HttpRequest,
    (holder, generation): (Holder, i64),
    next: &str,
) -> Result<HttpResponse, Problem> {
    let cookie = open(site, request, (holder, generation)).await?;
    Ok(HttpResponse::SeeOther()
        .insert_header((header::SET_COOKIE, cookie))
        .insert_header((header::LOCATION, next.to_owned()))
        .finish())
}

/// Opens a session: its cookie. What session there was is over.
///
/// # Errors
/// 503 without a database or random bytes.
pub(super) async fn open(
    site: &Site,
    request: &HttpRequest,
    (holder, generation): (Holder, i64),
) -> Result<HeaderValue, Problem> {
    let by = match &holder {
        Holder::User(name) => Principal::from(account::Principal::user(name, Grants::default())),
        Holder::AdminToken | Holder::SetUp | Holder::SigningIn => Principal::admin(),
    };
    let who = Object::named(ObjectKind::User, by.name.clone());
    record::keep(site, &by.at(Origin::of(request)), Action::Login, who, None).await?;
    if let Some(old) = Cookies::of(request).get(COOKIE) {
        site.admin.sessions.close(site, old).await?;
    }
    let secret = site.admin.sessions.open(site, holder, generation).await?;
    Ok(give(COOKIE, &secret, site.admin.sessions.max_age_s(), is_secure(request)))
}

async fn check(site: &Site, request: &HttpRequest, fields: &Fields) -> Result<(Holder, i64), Refusal> {
    let address = address(request);
    match fields.get("token").filter(|token| token.len() <= LONGEST_TOKEN) {
        Some(token) => sign_in::by_admin_token(site, address, token),
        None => {
            let name = fields.get("name").unwrap_or_default();
            sign_in::by_password(site, address, name, fields.raw("password").unwrap_or_default()).await
        }
    }
}

/// Where the request comes from.
pub(super) fn address(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip())
}

/// Ends the session. Behind the gate, so only its own pages can.
///
/// # Errors
/// 503 without a database to note it in.
pub(crate) async fn leave(site: Data<Site>, request: HttpRequest, by: Principal) -> Result<HttpResponse, Problem> {
    record::keep(&site, &by, Action::Logout, Object::named(ObjectKind::User, by.name.clone()), None).await?;
    if let Some(secret) = Cookies::of(&request).get(COOKIE) {
        site.admin.sessions.close(&site, secret).await?;
    }
    let cookie = take_back(COOKIE, is_secure(&request));
    Ok(HttpResponse::SeeOther()
        .insert_header((header::SET_COOKIE, cookie))
        .insert_header((header::LOCATION, "/login"))
        .finish())
}

/// Whether the browser speaks TLS, to this node or to what stands before it. Who lies about this harms only itself.
pub(super) fn is_secure(request: &HttpRequest) -> bool {
    request.connection_info().scheme() == "https"
}

/// The page for signing in.
///
/// # Errors
/// 500 when it cannot be written.
pub(super) async fn page(
    site: &Site,
    request: &HttpRequest,
    next: String,
    status: StatusCode,
    fault: Option<String>,
) -> Result<HttpResponse, Problem> {
    let frame = outside(request, "login-title");
    // Without accounts the token is the only way in; without a database, nobody knows.
    let only_by_token = !has_users(&*site.store).await.unwrap_or(false);
    let elsewhere = Button::of(site, frame.language, &next);
    let mut response = answer_with(status, &LoginPage { frame, next, fault, only_by_token, elsewhere })?;
    gate::guard(response.headers_mut());
    Ok(response)
}

/// The frame of a page for who has not signed in.
pub(super) fn outside(request: &HttpRequest, title: &str) -> Frame {
    let (language, theme) = preferences::of(request, &Cookies::of(request));
    Frame {
        language,
        theme,
        place: "",
        title: language.say(title),
        csrf: String::new(),
        here: request.uri().path_and_query().map_or("/login", |uri| uri.as_str()).to_owned(),
        who: None,
        administers: false,
        is_fragment: false,
        flash: None,
    }
}
