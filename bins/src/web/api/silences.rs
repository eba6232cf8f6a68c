//! `/silences`: what nobody wants to hear of for a while.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::alert::{Matcher, Silence, SilenceId};
use cronbus_core::duration::Period;
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::web::alert_view::{SilenceListing, SilenceView};
use crate::web::problem::Problem;
use crate::web::query::{self, Parameters};
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::Listing;

/// The longest text that says why, in characters.
const LONGEST_WHY: usize = 1_000;

/// A silence that is asked for. At least one of `job`, `group`, `node` and `kind`, and one of `for` and `until`.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSilence {
    /// Jobs with a name of this pattern (`*` is any text, `?` one character).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) job: Option<String>,
    /// Jobs whose target is this group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    /// Nodes with a name of this pattern, and their services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) node: Option<String>,
    /// Events of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// How long, like `2h`.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub(crate) lasts: Option<String>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub(crate) until: Option<String>,
    /// Why.
    #[serde(default)]
    pub(crate) why: String,
}

/// The silences in force, the oldest first.
///
/// # Errors
/// 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/silences", tag = "alerts",
    responses((status = 200, body = SilenceListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let silences = site.store.silences(site.clock.now()).await?;
    let items: Vec<SilenceView> = silences.into_iter().map(SilenceView::from).collect();
    Ok(HttpResponse::Ok().json(Listing { items, next: None }))
}

/// Adds a silence. What happens is kept in the history and told nobody, until it ends.
///
/// # Errors
/// 400 and 422 for what cannot be, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/silences", tag = "alerts", request_body = NewSilence,
    responses((status = 201, body = SilenceView), (status = "4XX", body = Problem))
)]
pub(crate) async fn add(
    site: Data<Site>,
    request: HttpRequest,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let asked: NewSilence = query::json(&request, &body)?;
    let now = site.clock.now();
    let until = end(&asked, now)?;
    let matcher = matcher(&asked)?;
    if asked.why.chars().count() > LONGEST_WHY {
        return Err(Problem::not_one_of("why", "a longer text", "at most 1000 characters"));
    }
    let nonce = format!("{matcher:?}{until}");
    let silence = Silence::new(matcher, now, until, &by.name, &asked.why, &nonce);
    site.store.put_silence(&silence).await?;
    Ok(HttpResponse::Created().json(SilenceView::from(silence)))
}

fn end(asked: &NewSilence, now: Timestamp) -> Result<Timestamp, Problem> {
    let until = match (&asked.lasts, &asked.until) {
        (Some(text), None) => {
            let period: Period = text.parse().map_err(|error| Problem::invalid("for", text, &error))?;
            now + period.duration()
        }
        (None, Some(text)) => text.parse().map_err(|error| Problem::invalid("until", text, &error))?,
        _ => return Err(Problem::not_one_of("until", "", "one of `for` (like 2h) and `until` (an instant)")),
    };
    let is_ahead = until > now;
    is_ahead.then_some(until).ok_or_else(|| Problem::not_one_of("until", &until.to_string(), "an instant to come"))
}

fn matcher(asked: &NewSilence) -> Result<Matcher, Problem> {
    let read = |field: &str, text: &Option<String>| match text {
        Some(text) => text_of(field, text).map(Some),
        None => Ok(None),
    };
    let matcher = Matcher {
        job: read("job", &asked.job)?,
        group: asked.group.clone(),
        node: read("node", &asked.node)?,
        kind: match &asked.kind {
            Some(text) => Some(text.parse().map_err(|error| Problem::invalid("kind", text, &error))?),
            None => None,
        },
    };
    if matcher.is_everything() {
        return Err(Problem::not_one_of(
            "job",
            "",
            "at least one of job, group, node and kind; job = `*` is every job",
        ));
    }
    Ok(matcher)
}

fn text_of(field: &str, text: &str) -> Result<cronbus_core::alert::Pattern, Problem> {
    cronbus_core::alert::Pattern::new(text).map_err(|error| Problem::invalid(field, text, &error))
}

/// Ends a silence now.
///
/// # Errors
/// 400 for what is no id, 404 when there is no such silence, 503 without a database.
#[utoipa::path(
    delete, path = "/api/v1/silences/{id}", tag = "alerts", params(("id" = String, Path, description = "its id")),
    responses((status = 204), (status = "4XX", body = Problem))
)]
pub(crate) async fn end_now(
    site: Data<Site>,
    request: HttpRequest,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let id: SilenceId = path.parse().map_err(|error| Problem::invalid("id", &path, &error))?;
    let now = site.clock.now();
    let Some(silence) = site.store.silence(id).await?.filter(|silence| silence.until > now) else {
        let detail = format!("there is no silence `{id}`; `cronbus alert silence list` shows those there are");
        return Err(Problem::plain(StatusCode::NOT_FOUND, detail));
    };
    site.store.put_silence(&Silence { until: now, ..silence }).await?;
    Ok(HttpResponse::NoContent().finish())
}
