//! `/login/oidc`: to the OpenID provider, and back.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::audit::{Action, Actor, Object, ObjectKind};

use super::frame::answer_with;
use super::login::{address, is_secure, open, page};
use super::preferences::{self, local};
use super::words::Language;
use super::{gate, link};
use crate::web::accounts::{federated, sign_in};
use crate::web::oidc::{COOKIE, Errand, LASTS, Provider, Refusal};
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::record;
use crate::web::session::{Cookies, Origin, give_below, new_secret};
use crate::web::site::Site;

/// The path of the cookie of those who are on their way.
const PATH: &str = "/login/oidc";

/// Nobody's code is longer.
const LONGEST_CODE: usize = 4096;

/// How much of what a provider says of an error is shown.
const LONGEST_REASON: usize = 200;

/// Says that somebody is signed in and goes on by itself. The provider sent the browser here, and as long as it follows
/// from that, it does not show the cookie of the session: that is for what our own pages lead to.
#[derive(Template)]
#[template(path = "admin/signed_in.html")]
struct SignedInPage {
    language: Language,
    next: String,
}

/// What the page for signing in says of the provider.
pub(super) struct Button {
    /// What it is called.
    pub(super) label: String,
    /// Where it leads.
    pub(super) href: String,
}

impl Button {
    /// That of the provider, if there is one.
    pub(super) fn of(site: &Site, language: Language, next: &str) -> Option<Self> {
        let provider = site.admin.oidc.as_ref()?;
        let label = provider.label().map_or_else(|| language.say("oidc-label"), str::to_owned);
        let href = if next == "/" { PATH.to_owned() } else { format!("{PATH}?next={}", link::encoded(next)) };
        Some(Self { label, href })
    }
}

/// Sends a browser to the provider.
///
/// # Errors
/// 400 for parameters that cannot be read, 404 without a provider, 503 without a database.
pub(crate) async fn leave(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let next = local(&read.text("next").unwrap_or_default()).to_owned();
    read.finish()?;
    let provider = provider(&site)?;
    let errand = Errand::new(new_secret().map_err(|error| Problem::no_random_bytes(&error))?, &next);
    match send(&site, &request, provider, &errand).await {
        Ok(door) => Ok(HttpResponse::SeeOther()
            .insert_header((header::SET_COOKIE, cookie(&request, &errand.to_cookie(), LASTS.as_secs())))
            .insert_header((header::LOCATION, door))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish()),
        Err(refusal) => refused(&site, &request, next, refusal).await,
    }
}

async fn send(site: &Site, request: &HttpRequest, provider: &Provider, errand: &Errand) -> Result<String, Refusal> {
    let door = provider.door(errand, &*site.clock).await?;
    site.admin.errands.begin(address(request), site.clock.monotonic()).map_err(Refusal::Wait)?;
    site.admin.sessions.send_away(site, errand.secret(), LASTS).await?;
    Ok(door.to_string())
}

/// What the provider sent the browser back with. Parameters that no standard knows are its own.
struct Brought {
    code: Option<String>,
    state: String,
    issuer: Option<String>,
    error: Option<String>,
}

impl Brought {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut read = Parameters::of(request)?;
        let (error, more) = (read.text("error"), read.text("error_description"));
        let error = error.map(|error| more.map_or_else(|| error.clone(), |more| format!("{error}: {more}")));
        let error = error.map(|error| error.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect());
        let state = read.text("state").unwrap_or_default();
        Ok(Self { code: read.text("code"), state, issuer: read.text("iss"), error })
    }
}

/// Takes a browser back, and opens its session.
///
/// # Errors
/// 400 for parameters that cannot be read, 404 without a provider, 503 without a database.
pub(crate) async fn come_back(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let brought = Brought::of(&request)?;
    let provider = provider(&site)?;
    let errand = Cookies::of(&request).get(COOKIE).and_then(Errand::of_cookie);
    let next = local(errand.as_ref().map_or("/", |errand| errand.next.as_str())).to_owned();
    let entered = match known(&site, errand, &brought).await {
        Ok(errand) => enter(&site, &request, provider, &errand, &brought).await,
        Err(refusal) => return refused(&site, &request, next, refusal).await,
    };
    match entered {
        Ok(session) => {
            let (language, _) = preferences::of(&request, &Cookies::of(&request));
            let mut response = answer_with(StatusCode::OK, &SignedInPage { language, next })?;
            gate::guard(response.headers_mut());
            response.headers_mut().append(header::SET_COOKIE, session);
            response.headers_mut().append(header::SET_COOKIE, cookie(&request, "", 0));
            Ok(response)
        }
        Err(refusal) => {
            let origin = Origin::of(&request);
            let actor = Actor::nobody("OpenID", origin.door, origin.address);
            record::keep_of(&site, actor, Action::LoginFailed, Object::named(ObjectKind::User, "OpenID")).await?;
            refused(&site, &request, next, refusal).await
        }
    }
}

/// The errand of this browser, if it is the one that comes back, and for the first time.
async fn known(site: &Site, errand: Option<Errand>, brought: &Brought) -> Result<Errand, Refusal> {
    let errand = errand.filter(|errand| errand.is_state(&brought.state)).ok_or(Refusal::NotSent)?;
    if site.admin.sessions.comes_back(site, errand.secret(), LASTS).await? { Ok(errand) } else { Err(Refusal::NotSent) }
}

async fn enter(
    site: &Site,
    request: &HttpRequest,
    provider: &Provider,
    errand: &Errand,
    brought: &Brought,
) -> Result<header::HeaderValue, Refusal> {
    if let Some(reason) = &brought.error {
        return Err(Refusal::Denied(reason.clone()));
    }
    if brought.issuer.as_deref().is_some_and(|issuer| issuer != provider.issuer()) {
        return Err(Refusal::Untrusted("the answer is of another issuer".to_owned()));
    }
    let code = brought.code.as_deref().filter(|code| !code.is_empty() && code.len() <= LONGEST_CODE);
    let code = code.ok_or_else(|| Refusal::Untrusted("it gave no code".to_owned()))?;
    let claims = provider.exchange(errand, code, &*site.clock).await?;
    let user = federated::enter(site, &claims, provider.rules(), Origin::of(request)).await?;
    site.admin.errands.succeeded(address(request));
    let holder = sign_in::enter(site, &user, address(request)).await?;
    Ok(open(site, request, holder).await?)
}

/// The page for signing in, with what is wrong.
async fn refused(site: &Site, request: &HttpRequest, next: String, refusal: Refusal) -> Result<HttpResponse, Problem> {
    tracing::warn!(address = %address(request), ?refusal, "a sign-in over OpenID failed");
    let (language, _) = preferences::of(request, &Cookies::of(request));
    let (words, reason) = refusal.words();
    let fault = language.say_with(words, [("reason", reason)]);
    let (status, fault) = match refusal {
        Refusal::Problem(problem) => return Err(*problem),
        Refusal::Wait(wait) => {
            (StatusCode::TOO_MANY_REQUESTS, language.say_count("oidc-wait", wait.as_secs().div_ceil(60)))
        }
        Refusal::Away(_) => (StatusCode::SERVICE_UNAVAILABLE, fault),
        Refusal::NotSent => (StatusCode::BAD_REQUEST, fault),
        _ => (StatusCode::FORBIDDEN, fault),
    };
    let mut response = page(site, request, next, status, Some(fault)).await?;
    response.headers_mut().append(header::SET_COOKIE, cookie(request, "", 0));
    Ok(response)
}

fn provider(site: &Site) -> Result<&Provider, Problem> {
    let none =
        || Problem::plain(StatusCode::NOT_FOUND, "this node has no OpenID provider: see [oidc] of its configuration");
    site.admin.oidc.as_ref().ok_or_else(none)
}

fn cookie(request: &HttpRequest, value: &str, max_age_s: u64) -> header::HeaderValue {
    give_below(PATH, COOKIE, value, max_age_s, is_secure(request))
}
