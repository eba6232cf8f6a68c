//! The gate of the admin: nobody passes who has not signed in, and no form that another site made a browser send.
//!
//! What comes back through it is a page, whatever happened inside, with headers that let it load nothing but our own
//! scripts, styles and data.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpResponse, ResponseError};

use super::fields::{CSRF, Fields};
use super::preferences;
use super::refusal::Refusal;
use super::visit::{FRAGMENT, Visit};
use crate::web::auth::need_of;
use crate::web::problem::Problem;
use crate::web::session::{COOKIE, Cookies, Origin, is_csrf_of};
use crate::web::site::Site;

/// Nothing from elsewhere, no script or style within a page, no frame around it, no form to elsewhere.
const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                                img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The media type of a page.
const PAGE: &str = "text/html; charset=utf-8";

/// Lets those pass who signed in; shows others where to do that.
///
/// # Errors
/// A page that says what is wrong, as an error.
pub(crate) async fn pass(
    mut request: ServiceRequest,
    next: Next<impl actix_web::body::MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(visit) = visit(&request).await? else { return Ok(to_sign_in(request)) };
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !only_reads && let Err(problem) = take_form(&mut request, &visit).await {
        return Err(Refusal::page(&visit, &problem).into());
    }
    if let Err(problem) = need_of(&request).check(&visit.principal) {
        return Err(Refusal::page(&visit, &problem).into());
    }
    request.extensions_mut().insert(visit.principal.clone());
    request.extensions_mut().insert(visit.clone());
    let response = next.call(request).await?.map_into_boxed_body();
    Ok(as_page(response, &visit))
}

/// The answer as a page with its headers; a problem of a handler becomes one.
fn as_page(response: ServiceResponse<BoxBody>, visit: &Visit) -> ServiceResponse<BoxBody> {
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
    let refusal = problem.map(|problem| Refusal::page(visit, problem).error_response());
    let mut response = match refusal {
        Some(page) => ServiceResponse::new(response.into_parts().0, page),
        None => response,
    };
    guard(response.headers_mut());
    response
}

/// The headers that every page has.
pub(super) fn guard(headers: &mut HeaderMap) {
    let strict = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in strict {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The visit that the cookie opens. A page that asks for itself again does not keep a session from idling.
///
/// # Errors
/// 503 when the store does not answer.
pub(crate) async fn visit(request: &ServiceRequest) -> Result<Option<Visit>, Problem> {
    let Some(site) = request.app_data::<Data<Site>>() else { return Ok(None) };
    let cookies = Cookies::of(request.request());
    let Some(secret) = cookies.get(COOKIE).map(str::to_owned) else { return Ok(None) };
    let is_fragment = request.headers().contains_key(FRAGMENT);
    let found = site.admin.sessions.principal_of(site, &secret, !is_fragment).await?;
    let Some(principal) = found else { return Ok(None) };
    let (language, theme) = preferences::of(request.request(), &cookies);
    let here = request.uri().path_and_query().map_or("/", |uri| uri.as_str()).to_owned();
    let principal = principal.at(Origin::of(request.request()));
    Ok(Some(Visit { principal, secret, language, theme, here, is_fragment }))
}

fn to_sign_in(request: ServiceRequest) -> ServiceResponse<BoxBody> {
    let is_fragment = request.headers().contains_key(FRAGMENT);
    let mut response = if is_fragment {
        // Asked for a scheme that they know, browsers would open a dialog of their own over the page.
        let bearer = (header::WWW_AUTHENTICATE, r#"Bearer realm="cronbus""#);
        HttpResponse::Unauthorized().insert_header(bearer).content_type(PAGE).finish()
    } else {
        let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let uri = if only_reads { request.uri().path_and_query().map_or("/", |uri| uri.as_str()) } else { "/" };
        let to = if uri == "/" { "/login".to_owned() } else { format!("/login?next={}", super::link::encoded(uri)) };
        HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
    };
    guard(response.headers_mut());
    request.into_response(response)
}

/// Reads the form, and takes it only with the CSRF token of the session and from a page of this site.
async fn take_form(request: &mut ServiceRequest, visit: &Visit) -> Result<(), Problem> {
    same_site(request.headers())?;
    let body = request.extract::<Bytes>().await.map_err(|error| {
        Problem::plain(error.as_response_error().status_code(), format!("the form cannot be read: {error}"))
    })?;
    let fields = Fields::read(&body)?;
    if !is_csrf_of(&visit.secret, fields.raw(CSRF).unwrap_or_default()) {
        let detail = "the form was not made by a page of this session: open the page again and send it from there";
        return Err(Problem::plain(StatusCode::FORBIDDEN, detail));
    }
    request.extensions_mut().insert(fields);
    Ok(())
}

/// What browsers say of where a request comes from (Fetch Metadata) must not be another site; old ones say nothing.
pub(super) fn same_site(headers: &HeaderMap) -> Result<(), Problem> {
    let said = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if matches!(said, None | Some("same-origin" | "none")) {
        return Ok(());
    }
    Err(Problem::plain(StatusCode::FORBIDDEN, "the form was sent by a page of another site"))
}
