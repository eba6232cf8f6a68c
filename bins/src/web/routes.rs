//! Which path leads to which handler. A path that is known with a method that is not answers 405, everything else 404.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource};

use super::problem::Problem;
use super::{admin, api, health, metrics, openapi};

/// Adds every route.
pub(crate) fn configure(routes: &mut ServiceConfig) {
    routes
        .configure(admin::routes::configure)
        .service(at("/healthz").get(health::alive).head(health::alive))
        .service(at("/readyz").get(health::ready).head(health::ready))
        .service(at("/metrics").get(metrics::show))
        .configure(jobs)
        .configure(runs)
        .configure(alerts)
        .configure(accounts)
        .configure(others)
        .service(web::redirect("/api/docs", "/api/docs/"))
        .service(openapi::page())
        .default_service(web::to(no_such_path));
}

fn jobs(routes: &mut ServiceConfig) {
    use api::{job, job_actions, jobs, log_search};
    routes
        .service(at("/api/v1/jobs").get(jobs::list).post(jobs::add))
        .service(at("/api/v1/jobs/{job}").get(job::show).put(job::replace).delete(job::delete))
        .service(at("/api/v1/jobs/{job}/pause").post(job_actions::pause))
        .service(at("/api/v1/jobs/{job}/resume").post(job_actions::resume))
        .service(at("/api/v1/jobs/{job}/run").post(job_actions::run))
        .service(at("/api/v1/jobs/{job}/history").get(job_actions::history))
        .service(at("/api/v1/jobs/{job}/logs/search").get(log_search::show))
        .service(at("/api/v1/jobs/{job}/next").get(job_actions::next))
        .service(at("/api/v1/jobs/{job}/revisions").get(job_actions::revisions))
        .service(at("/api/v1/jobs/{job}/status").get(job_actions::status));
}

fn runs(routes: &mut ServiceConfig) {
    use api::{run_log, runs};
    routes
        .service(at("/api/v1/runs").get(runs::list))
        .service(at("/api/v1/runs/{id}").get(runs::show))
        .service(at("/api/v1/runs/{id}/log").get(run_log::show))
        .service(at("/api/v1/runs/{id}/kill").post(runs::kill));
}

fn alerts(routes: &mut ServiceConfig) {
    use api::{alerts, silences};
    routes
        .service(at("/api/v1/alerts").get(alerts::list))
        .service(at("/api/v1/alerts/history").get(alerts::history))
        .service(at("/api/v1/alerts/deliveries").get(alerts::deliveries))
        .service(at("/api/v1/alerts/{id}/acknowledge").post(alerts::acknowledge))
        .service(at("/api/v1/silences").get(silences::list).post(silences::add))
        .service(at("/api/v1/silences/{id}").delete(silences::end_now));
}

fn accounts(routes: &mut ServiceConfig) {
    use api::{tokens, users};
    routes
        .service(at("/api/v1/users").get(users::list).post(users::add))
        .service(at("/api/v1/users/{name}").get(users::show).put(users::change).delete(users::delete))
        .service(at("/api/v1/users/{name}/password").post(users::set_password))
        .service(at("/api/v1/tokens").get(tokens::list).post(tokens::add))
        .service(at("/api/v1/tokens/{name}").delete(tokens::revoke))
        .service(at("/api/v1/setup-link").post(users::set_up_link));
}

fn others(routes: &mut ServiceConfig) {
    use api::{apply, audit, channels, executor, nodes, schedule, secrets};
    routes
        .service(at("/api/v1/apply").post(apply::apply))
        .service(at("/api/v1/export").get(apply::export))
        .service(at("/api/v1/secrets").get(secrets::list))
        .service(at("/api/v1/secrets/{name}").put(secrets::set).delete(secrets::delete))
        .service(at("/api/v1/secret-rotation").post(secrets::rotate))
        .service(at("/api/v1/audit").get(audit::list))
        .service(at("/api/v1/audit/{id}").get(audit::show))
        .service(at("/api/v1/channels").get(channels::list))
        .service(at("/api/v1/channels/{name}/test").post(channels::test))
        .service(at("/api/v1/nodes").get(nodes::list))
        .service(at("/api/v1/nodes/{node}/config").get(nodes::config))
        .service(at("/api/v1/nodes/{node}/drain").post(nodes::drain))
        .service(at("/api/v1/nodes/{node}/undrain").post(nodes::undrain))
        .service(at("/api/v1/executor/hold").post(executor::hold))
        .service(at("/api/v1/schedule/preview").get(schedule::show))
        .service(at(openapi::PATH).get(openapi::show));
}

fn at(path: &str) -> Resource {
    web::resource(path)
}

async fn no_such_path(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let detail = format!(
        "there is nothing at `{}`; {} describes what there is, /api/docs shows it",
        request.path().chars().take(200).collect::<String>(),
        openapi::PATH
    );
    Err(Problem::plain(StatusCode::NOT_FOUND, detail))
}
