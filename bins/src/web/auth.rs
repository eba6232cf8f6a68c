//! Who asks: whoever shows the node's token or an API token, or has signed in where pages are.
//!
//! Programs send `Authorization: Bearer …`. Browsers, which cannot, may send the token as the password of HTTP Basic,
//! for reading only: a browser adds such credentials to requests that another site makes it send, so they must not be
//! able to change anything.

use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use base64::Engine;

use super::access::{Need, need};
use super::admin::{self, gate};
use super::problem::Problem;
use super::session::Principal;
use super::site::Site;
use crate::token::Token;

/// What a browser that signed in may read beside the pages: the description of REST, which has links on them.
const READ_BY_SESSIONS: [&str; 3] = ["/api/docs", "/api/v1/openapi.json", "/metrics"];

/// Lets a request through when it shows the token, or a session where pages are, or asks for nothing that needs either.
/// Handlers find who asks as a [`Principal`].
///
/// # Errors
/// A problem document with status 401, or what the gate of the pages says.
pub(crate) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if admin::routes::is_behind_gate(request.path()) {
        return gate::pass(request, next).await;
    }
    let by = match who(&request).await {
        // What everybody is answered is answered without a database, too.
        Err(_) if need_of(&request) == Need::Nothing => None,
        by => by?,
    };
    match (&by, need_of(&request)) {
        (_, Need::Nothing) => {}
        (None, _) => return Err(no_token().into()),
        // What is not there is said to everybody who may ask at all.
        (Some(_), _) if request.match_pattern().is_none() => {}
        (Some(by), need) => need.check(by)?,
    }
    if let Some(by) = by {
        request.extensions_mut().insert(by);
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// What the route of a request takes. Where there is none, it is said so to those who may ask.
pub(crate) fn need_of(request: &ServiceRequest) -> Need {
    request.match_pattern().map_or(Need::Name, |pattern| need(request.method(), &pattern))
}

/// Who asks, by what he shows.
///
/// # Errors
/// 503 when it is no admin token and the store does not answer.
async fn who(request: &ServiceRequest) -> Result<Option<Principal>, Problem> {
    let Some(site) = request.app_data::<Data<Site>>() else { return Ok(None) };
    let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(shown) = value.and_then(|value| shown(value, request.method())) else {
        return reads_as_session(request).await;
    };
    if site.token.matches(&shown) {
        return Ok(Some(Principal::admin()));
    }
    let Ok(text) = std::str::from_utf8(&shown) else { return Ok(None) };
    site.admin.api_tokens.principal_of(site, text).await
}

/// What is answered to who shows none.
pub(crate) fn no_token() -> Problem {
    Problem::plain(
        StatusCode::UNAUTHORIZED,
        "no valid token was shown: send `Authorization: Bearer …` with an API token, or with the text of `admin.token`, \
         which is in the data directory of the node",
    )
}

async fn reads_as_session(request: &ServiceRequest) -> Result<Option<Principal>, Problem> {
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_for_pages = READ_BY_SESSIONS.iter().any(|path| request.path().starts_with(path));
    if is_reading && is_for_pages {
        return Ok(gate::visit(request).await?.map(|visit| visit.principal));
    }
    Ok(None)
}

/// Whether the value of the header `Authorization` shows the token.
pub(crate) fn shows_token(token: &Token, authorization: &str, method: &Method) -> bool {
    shown(authorization, method).is_some_and(|shown| token.matches(&shown))
}

/// The secret that the value of the header `Authorization` shows.
fn shown(authorization: &str, method: &Method) -> Option<Vec<u8>> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.as_bytes().to_vec());
    }
    let only_reads = matches!(*method, Method::GET | Method::HEAD);
    if !only_reads || !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = base64::engine::general_purpose::STANDARD.decode(credentials).ok()?;
    let (_, password) = pair.split_at_checked(pair.iter().position(|byte| *byte == b':')? + 1)?;
    Some(password.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_opens_everything_and_basic_only_reading() {
        let token = Token::from_text("secret");
        let basic = |pair: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        for (authorization, method, expected) in [
            ("Bearer secret".to_owned(), Method::POST, true),
            ("bearer secret".to_owned(), Method::DELETE, true),
            ("Bearer secret2".to_owned(), Method::GET, false),
            ("Bearer ".to_owned(), Method::GET, false),
            ("secret".to_owned(), Method::GET, false),
            (basic("anyone:secret"), Method::GET, true),
            (basic(":secret"), Method::HEAD, true),
            (basic("anyone:secret"), Method::POST, false),
            (basic("secret"), Method::GET, false),
            ("Basic !!!".to_owned(), Method::GET, false),
        ] {
            assert_eq!(shows_token(&token, &authorization, &method), expected, "{authorization} {method}");
        }
    }
}
