//! What a caller is told when a request cannot be done: a problem document (RFC 9457) that names the field.
//!
//! Every error of the web leaves as one of these, those of the framework included ([`every_error_as_problem`]).

use std::borrow::Cow;
use std::fmt;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, ResponseError};
use cronbus_core::alert::ChannelName;
use cronbus_core::id::RunId;
use cronbus_core::port::{log, membership, store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::admin::refusal::Refusal;

/// The media type of a problem document.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// The kinds that the command line has words of its own for.
pub(crate) mod kind {
    /// No job is called so.
    pub(crate) const NO_SUCH_JOB: &str = "urn:cronbus:problem:no-such-job";
    /// No run has this id.
    pub(crate) const NO_SUCH_RUN: &str = "urn:cronbus:problem:no-such-run";
    /// No living node is called so.
    pub(crate) const NO_SUCH_NODE: &str = "urn:cronbus:problem:no-such-node";
    /// Nothing of this id is wrong.
    pub(crate) const NO_SUCH_ALERT: &str = "urn:cronbus:problem:no-such-alert";
    /// No silence of this id is in force.
    pub(crate) const NO_SUCH_SILENCE: &str = "urn:cronbus:problem:no-such-silence";
    /// It takes a role that whoever asks has not.
    pub(crate) const FORBIDDEN: &str = "urn:cronbus:problem:forbidden";
    /// Somebody changed the job meanwhile.
    pub(crate) const REVISION_CONFLICT: &str = "urn:cronbus:problem:revision-conflict";
    /// The key has a run of something else.
    pub(crate) const KEY_TAKEN: &str = "urn:cronbus:problem:key-taken";
}

/// After how many seconds a caller may try again what failed for lack of a database.
const RETRY_AFTER_SECONDS: &str = "2";

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Problem {
    /// Which kind of problem: `about:blank` when the status says it all, or `urn:cronbus:problem:…`.
    #[serde(rename = "type")]
    pub(crate) kind: Cow<'static, str>,
    /// The kind in words, the same for every problem of the kind.
    pub(crate) title: Cow<'static, str>,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What was tried, on what, and what to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) detail: String,
    /// The field, parameter or header that is wrong, as a path like `job[2].retry.max`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// What it held; the beginning, when that is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    /// What it may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) allowed: Option<String>,
    /// Where to look next, as a request. Who speaks otherwise to people goes by `type` and says it in other words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// All that is wrong, where it is more than one thing; the first of them is also in the fields above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<FieldProblem>,
}

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// Its path.
    pub(crate) field: String,
    /// What it held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    /// What it may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) allowed: Option<String>,
    /// The same as a sentence.
    pub(crate) detail: String,
}

impl Problem {
    /// A problem whose status says it all.
    pub(crate) fn plain(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self::of_kind("about:blank", title, status, detail)
    }

    fn of_kind(kind: &'static str, title: &'static str, status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: Cow::Borrowed(kind),
            title: Cow::Borrowed(title),
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
            value: None,
            allowed: None,
            hint: None,
            errors: Vec::new(),
        }
    }

    fn with_hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }

    fn at(mut self, field: &str, value: &str) -> Self {
        self.field = Some(field.to_owned());
        self.value = Some(excerpt(value));
        self
    }

    /// A field that cannot be read; `reason` says what is allowed.
    pub(crate) fn invalid(field: &str, value: &str, reason: &dyn fmt::Display) -> Self {
        Self::unreadable(reason.to_string()).at(field, value)
    }

    /// A field that holds none of the values it may hold.
    pub(crate) fn not_one_of(field: &str, value: &str, allowed: &str) -> Self {
        let detail = format!("{field}: `{}` is not allowed; write {allowed}", excerpt(value));
        let mut problem = Self::unreadable(detail).at(field, value);
        problem.allowed = Some(allowed.to_owned());
        problem
    }

    /// A request that cannot be read, where no single field is to blame.
    pub(crate) fn unreadable(detail: impl Into<String>) -> Self {
        Self::of_kind("urn:cronbus:problem:invalid", "The request is not valid", StatusCode::BAD_REQUEST, detail)
    }

    /// A document whose fields were read and are wrong, all of them at once.
    pub(crate) fn wrong_fields(mut errors: Vec<FieldProblem>) -> Self {
        let detail = errors.first().map_or_else(String::new, |first| first.detail.clone());
        let mut problem = Self::of_kind(
            "urn:cronbus:problem:document",
            "The document says something that cannot be",
            StatusCode::UNPROCESSABLE_ENTITY,
            detail,
        );
        if let Some(first) = errors.first() {
            problem.field = Some(first.field.clone());
            problem.value.clone_from(&first.value);
            problem.allowed.clone_from(&first.allowed);
        }
        if errors.len() > 1 {
            errors.truncate(100);
            problem.errors = errors;
        }
        problem
    }

    /// The idempotency key has a run of something else, of which nothing is told.
    pub(crate) fn key_is_taken(key: &str) -> Self {
        let detail = format!("idempotency_key: `{}` is the key of another run; choose another key", excerpt(key));
        Self::of_kind(kind::KEY_TAKEN, "The idempotency key has a run of something else", StatusCode::CONFLICT, detail)
            .at("idempotency_key", key)
    }

    /// The same, about this field.
    pub(crate) fn of_field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// The system cannot make secrets now.
    pub(crate) fn no_random_bytes(error: &dyn fmt::Display) -> Self {
        Self::plain(StatusCode::SERVICE_UNAVAILABLE, format!("the system gave no random bytes for a secret: {error}"))
    }

    /// Whoever asks may not do that.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::of_kind(kind::FORBIDDEN, "Whoever asks may not do this", StatusCode::FORBIDDEN, detail)
    }

    /// No job is called so.
    pub(crate) fn no_such_job(id_or_name: &str) -> Self {
        let detail = format!("job: there is no job `{}`", excerpt(id_or_name));
        Self::of_kind(kind::NO_SUCH_JOB, "There is no such job", StatusCode::NOT_FOUND, detail)
            .at("job", id_or_name)
            .with_hint("GET /api/v1/jobs lists those there are")
    }

    /// No run has this id.
    pub(crate) fn no_such_run(id: RunId) -> Self {
        let detail = format!("id: there is no run {id}; it never was, or retention removed it");
        Self::of_kind(kind::NO_SUCH_RUN, "There is no such run", StatusCode::NOT_FOUND, detail)
            .at("id", &id.to_string())
            .with_hint("GET /api/v1/runs lists those that are kept")
    }

    /// No living node is called so.
    pub(crate) fn no_such_node(name: &str) -> Self {
        let detail = format!("node: no living node is called `{}`", excerpt(name));
        Self::of_kind(kind::NO_SUCH_NODE, "There is no such node", StatusCode::NOT_FOUND, detail)
            .at("node", name)
            .with_hint("GET /api/v1/nodes lists those that live")
    }

    /// No channel is called so.
    pub(crate) fn no_such_channel(name: &str, there_are: &[ChannelName]) -> Self {
        let names = there_are.iter().map(ChannelName::as_str).collect::<Vec<_>>().join(", ");
        let others = if names.is_empty() { "this node has none".to_owned() } else { format!("there are {names}") };
        let detail = format!("channel: there is no channel `{}`; {others}", excerpt(name));
        Self::of_kind("urn:cronbus:problem:no-such-channel", "There is no such channel", StatusCode::NOT_FOUND, detail)
            .at("channel", name)
    }

    /// Nothing of this id is wrong now.
    pub(crate) fn no_such_alert(id: &str) -> Self {
        let detail = format!("id: nothing of id `{}` is wrong now", excerpt(id));
        Self::of_kind(kind::NO_SUCH_ALERT, "There is no such alert", StatusCode::NOT_FOUND, detail)
            .at("id", id)
            .with_hint("GET /api/v1/alerts lists what is wrong now")
    }

    /// No silence of this id is in force.
    pub(crate) fn no_such_silence(id: &str) -> Self {
        let detail = format!("id: there is no silence `{}`, or it is over", excerpt(id));
        Self::of_kind(kind::NO_SUCH_SILENCE, "There is no such silence", StatusCode::NOT_FOUND, detail)
            .at("id", id)
            .with_hint("GET /api/v1/silences lists those in force")
    }

    /// The status as a type.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The beginning of a text that may be long or strange.
fn excerpt(text: &str) -> String {
    text.chars().take(120).collect()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.detail.is_empty() { f.write_str(&self.title) } else { f.write_str(&self.detail) }
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        response.content_type(MEDIA_TYPE).insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        // What leaves as an error goes around the headers that the server gives to every answer.
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        response.insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"));
        if self.status() == StatusCode::UNAUTHORIZED {
            response.append_header((header::WWW_AUTHENTICATE, r#"Bearer realm="cronbus""#));
            response.append_header((header::WWW_AUTHENTICATE, r#"Basic realm="cronbus", charset="UTF-8""#));
        }
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.append_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
        }
        response.body(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        let detail = error.to_string();
        match error {
            store::Error::Unavailable { .. }
            | store::Error::Refused { .. }
            | store::Error::Fenced { .. }
            | store::Error::Superseded { .. } => Self::of_kind(
                "urn:cronbus:problem:store-unavailable",
                "The database did not answer",
                StatusCode::SERVICE_UNAVAILABLE,
                detail,
            ),
            store::Error::NameTaken { name, .. } => Self::of_kind(
                "urn:cronbus:problem:name-taken",
                "Another job has the name",
                StatusCode::CONFLICT,
                detail,
            )
            .at("name", &name),
            store::Error::NoSuchJob { job } => Self::no_such_job(&job),
            store::Error::KeyTaken { key, .. } => Self::of_kind(
                kind::KEY_TAKEN,
                "The idempotency key has a run of something else",
                StatusCode::CONFLICT,
                detail,
            )
            .at("idempotency_key", &key),
            store::Error::RevisionConflict { expected, .. } => Self::of_kind(
                kind::REVISION_CONFLICT,
                "The job was changed meanwhile",
                StatusCode::PRECONDITION_FAILED,
                detail,
            )
            .at("revision", &expected.0.to_string()),
            store::Error::Damaged { .. } => Self::plain(StatusCode::INTERNAL_SERVER_ERROR, detail),
        }
    }
}

impl From<membership::Error> for Problem {
    fn from(error: membership::Error) -> Self {
        let status = if error.is_retryable() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::CONFLICT };
        Self::plain(status, error.to_string())
    }
}

impl From<log::Error> for Problem {
    fn from(error: log::Error) -> Self {
        let detail = error.to_string();
        match error {
            log::Error::NotFound { run } => {
                Self::of_kind("urn:cronbus:problem:no-log", "The run has no log", StatusCode::NOT_FOUND, detail)
                    .at("id", &run.to_string())
            }
            log::Error::HostAway { .. } | log::Error::Unreachable { .. } | log::Error::Io { .. } => {
                Self::plain(StatusCode::SERVICE_UNAVAILABLE, detail)
            }
        }
    }
}

/// Turns what the framework answers by itself (a body too large, a path that cannot be decoded) into problem documents.
///
/// # Errors
/// Passes on the problems of the handlers, which are documents already.
pub(crate) async fn every_error_as_problem(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    let response = match next.call(request).await {
        Ok(response) => response,
        Err(error) if error.as_error::<Problem>().is_some() || error.as_error::<Refusal>().is_some() => {
            return Err(error);
        }
        Err(error) => return Err(from_framework(&error).into()),
    };
    let status = response.status();
    // Ours are JSON (problems, and the state of a node that is not ready) and pages.
    let is_ours = response.headers().get(header::CONTENT_TYPE).is_some_and(is_ours_already);
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return Ok(response.map_into_left_body());
    }
    let told = response.response().error().map(from_framework);
    let (request, _) = response.into_parts();
    let document = told.unwrap_or_else(|| Problem::plain(status, "")).error_response();
    Ok(ServiceResponse::new(request, document).map_into_right_body())
}

fn is_ours_already(kind: &HeaderValue) -> bool {
    kind == MEDIA_TYPE || kind == "application/json" || kind == "text/html; charset=utf-8"
}

fn from_framework(error: &actix_web::Error) -> Problem {
    let status = error.as_response_error().status_code();
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = "the body is too large: send less at a time, or set `web.max_body` of the node higher";
        return Problem::plain(status, detail);
    }
    Problem::plain(status, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::{JobId, Revision};

    #[test]
    fn store_errors_name_the_field_and_the_status_fits() {
        let taken = store::Error::NameTaken { name: "a".to_owned(), taken_by: JobId(3) };
        let problem = Problem::from(taken);
        assert_eq!(
            (problem.status, problem.field.as_deref(), problem.value.as_deref()),
            (409, Some("name"), Some("a"))
        );

        let conflict = store::Error::RevisionConflict { job: JobId(3), expected: Revision(1), current: Revision(2) };
        assert_eq!(Problem::from(conflict).status, 412);

        let away = store::Error::Unavailable { what: "list jobs", reason: "gone".to_owned() };
        let response = Problem::from(away).error_response();
        assert_eq!(response.status(), 503);
        assert!(response.headers().contains_key(header::RETRY_AFTER));
    }

    #[test]
    fn several_wrong_fields_are_all_told() {
        let wrong = |field: &str| FieldProblem {
            field: field.to_owned(),
            value: Some("x".to_owned()),
            allowed: None,
            detail: format!("{field}: no"),
        };
        let one = Problem::wrong_fields(vec![wrong("a")]);
        assert_eq!((one.status, one.field.as_deref(), one.errors.len()), (422, Some("a"), 0));
        assert_eq!(Problem::wrong_fields(vec![wrong("a"), wrong("b")]).errors.len(), 2);
    }

    #[test]
    fn a_problem_reads_back() {
        let problem = Problem::not_one_of("state", "done", "created or running");
        let text = serde_json::to_string(&problem).unwrap();
        assert!(text.contains(r#""type":"urn:cronbus:problem:invalid""#), "{text}");
        assert_eq!(serde_json::from_str::<Problem>(&text).unwrap(), problem);
    }
}
