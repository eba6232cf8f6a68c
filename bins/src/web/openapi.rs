//! The description of the REST interface (OpenAPI 3.1), and the page to read it on. Both need no other server.

use actix_web::HttpResponse;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{alert_acts, api, health, metrics, problem, schema};
use crate::explain;

/// Where the description is served.
pub(crate) const PATH: &str = "/api/v1/openapi.json";

/// Every path of the interface.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "cronbus",
        description = "Jobs, runs, logs and nodes of a cronbus node. Lists page by key: give `next` of a page as \
                       `cursor` of the next request. Errors are problem documents (RFC 9457).",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(
        api::jobs::list, api::jobs::add,
        api::job::show, api::job::replace, api::job::delete,
        api::job_actions::pause, api::job_actions::resume, api::job_actions::run, api::job_actions::history,
        api::job_actions::next, api::job_actions::revisions, api::job_actions::status,
        api::log_search::show,
        api::apply::apply, api::apply::export,
        api::runs::list, api::runs::show, api::runs::kill, api::run_log::show,
        api::channels::list, api::channels::test,
        api::nodes::list, api::nodes::config, api::nodes::drain, api::nodes::undrain, api::executor::hold, api::schedule::show,
        api::alerts::list, api::alerts::history, api::alerts::deliveries, api::alerts::acknowledge,
        api::silences::list, api::silences::add, api::silences::end_now,
        api::secrets::list, api::secrets::set, api::secrets::delete, api::secrets::rotate,
        api::audit::list, api::audit::show,
        api::users::list, api::users::show, api::users::add, api::users::change, api::users::delete,
        api::users::set_password, api::users::set_up_link,
        api::tokens::list, api::tokens::add, api::tokens::revoke,
        health::alive, health::ready, metrics::show,
    ),
    components(schemas(
        problem::Problem, problem::FieldProblem,
        schema::JobDefinition, schema::JobDocument, schema::JobListing, schema::JobCommand, schema::Http, schema::Target,
        schema::Dst, schema::Misfire, schema::Retry, schema::Limits, schema::LogKeep, schema::JobPause, schema::Status,
        schema::Run, schema::RunListing, schema::Usage, schema::Output, schema::Submitted, schema::Killed,
        schema::Log, schema::LogChunk, schema::Node, schema::NodeListing, schema::Setting, schema::SettingListing, schema::Alive, schema::Readiness,
        schema::PartState, schema::JobList, schema::Plan, schema::PlannedChange, schema::PlannedField,
        alert_acts::ChannelView, api::channels::ChannelListing, alert_acts::Tested,
        explain::Explanation, explain::MovedFire,
    )),
    tags(
        (name = "jobs", description = "What shall run, and when"),
        (name = "runs", description = "What ran, what did not, and why"),
        (name = "nodes", description = "Who does it"),
        (name = "alerts", description = "What is wrong, who is told, and over what"),
        (name = "secrets", description = "What jobs name and nobody reads"),
        (name = "audit", description = "Who did what"),
        (name = "accounts", description = "Who may do what"),
        (name = "schedule", description = "What a rule means"),
        (name = "health", description = "How a node is"),
    ),
    security(("token" = [])),
    modifiers(&TokenScheme)
)]
pub(crate) struct Description;

struct TokenScheme;

impl Modify for TokenScheme {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API token, or the text of `admin.token` in the node's data directory"))
            .build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The description as JSON.
pub(crate) async fn show() -> HttpResponse {
    HttpResponse::Ok().json(Description::openapi())
}

/// The page, its scripts included.
pub(crate) fn page() -> SwaggerUi {
    SwaggerUi::new("/api/docs/{_:.*}").config(Config::from(PATH))
}
