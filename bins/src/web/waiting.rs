//! What a node answers while it waits for its database, or for the register of members: it lives, it is not ready, and it
//! can say why to whoever shows the token. Everything else is asked for too early.

use std::io;

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{App, HttpRequest, HttpResponse, web};
use cronbus_core::port::health::Service;
use rustls::ServerConfig;
use serde_json::json;
use tokio::sync::watch;

use super::auth;
use super::health::alive;
use super::problem::Problem;
use super::server::Listening;
use super::serving::Serving;
use crate::token::Token;

/// What is known meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// What opens the details.
    pub(crate) token: Token,
    /// What is waited for.
    pub(crate) awaited: Service,
    /// Why.
    pub(crate) reason: watch::Receiver<String>,
}

/// Answers from now on, until it is ended.
///
/// # Errors
/// When the socket cannot be used.
pub(crate) fn serve(listening: Listening, tls: Option<ServerConfig>, waiting: Waiting) -> io::Result<Serving> {
    let app = App::new()
        .app_data(Data::new(waiting))
        .service(web::resource("/healthz").get(alive).head(alive))
        .service(web::resource("/readyz").get(ready).head(ready))
        .default_service(web::to(too_early));
    Serving::begin(listening, tls, app)
}

async fn ready(waiting: Data<Waiting>, request: HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::ServiceUnavailable();
    if !shows_token(&waiting, &request) {
        return response.json(json!({ "ready": false }));
    }
    let detail = waiting.reason.borrow().clone();
    response.json(json!({ "ready": false, "parts": { waiting.awaited.as_str(): { "ok": false, "detail": detail } } }))
}

async fn too_early(waiting: Data<Waiting>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let why =
        if shows_token(&waiting, &request) { format!(": {}", waiting.reason.borrow().as_str()) } else { String::new() };
    let awaited = match waiting.awaited {
        Service::Database => "its database",
        Service::Membership => "the register of members",
        Service::Bus => "its bus",
        Service::Guard => "its guard",
    };
    let detail = format!("this node waits for {awaited}, and answers when that does{why}");
    Err(Problem::plain(StatusCode::SERVICE_UNAVAILABLE, detail))
}

fn shows_token(waiting: &Waiting, request: &HttpRequest) -> bool {
    let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| auth::shows_token(&waiting.token, value, request.method()))
}
