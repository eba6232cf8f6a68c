//! Health and metrics alone, on a listener of their own: what a load balancer, Kubernetes and Prometheus ask of a node that
//! has no web. It knows neither store nor jobs.

use std::io;
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use cronbus_core::port::Operations;

use super::leaving::Leaving;
use super::problem::Problem;
use super::query::Parameters;
use super::server::{Listening, SLOWEST_HEAD};
use super::{auth, health, leaving, metrics, problem};
use crate::token::Token;

/// How many connections are served at a time; those beyond wait to be accepted.
const CONNECTIONS: usize = 256;

/// Who is asked, and what opens the details.
#[derive(Debug)]
pub(crate) struct Probed {
    /// The node.
    pub(crate) operations: Arc<dyn Operations>,
    /// What a caller must show.
    pub(crate) token: Token,
    /// Sends callers away.
    pub(crate) leaving: Leaving,
}

/// Answers from now on, until the handle stops it.
///
/// # Errors
/// When the socket cannot be used.
pub(crate) fn serve(listening: Listening, probed: Probed) -> io::Result<(Server, ServerHandle)> {
    let (leaving, probed) = (Data::new(probed.leaving.clone()), Data::new(probed));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(probed.clone())
            .app_data(leaving.clone())
            .service(web::resource("/healthz").get(health::alive).head(health::alive))
            .service(web::resource("/readyz").get(ready).head(ready))
            .service(web::resource("/metrics").get(figures))
            .default_service(web::to(nothing_else))
            .wrap(from_fn(problem::every_error_as_problem))
            .wrap(from_fn(leaving::mark))
    })
    .workers(1)
    .max_connections(CONNECTIONS)
    .client_request_timeout(SLOWEST_HEAD)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(listening.into_listener())?
    .run();
    let handle = server.handle();
    Ok((server, handle))
}

async fn ready(probed: Data<Probed>, request: HttpRequest) -> HttpResponse {
    health::readiness(&*probed.operations, shows_token(&probed, &request)).await
}

async fn figures(probed: Data<Probed>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    if !shows_token(&probed, &request) {
        return Err(auth::no_token());
    }
    Parameters::of(&request)?.finish()?;
    metrics::figures(&*probed.operations).await
}

async fn nothing_else() -> Result<HttpResponse, Problem> {
    let detail = "there is nothing here but /healthz, /readyz and /metrics; ask a node with the role web for the rest";
    Err(Problem::plain(StatusCode::NOT_FOUND, detail))
}

fn shows_token(probed: &Probed, request: &HttpRequest) -> bool {
    let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| auth::shows_token(&probed.token, value, request.method()))
}
