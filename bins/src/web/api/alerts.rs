//! `/alerts`: what is wrong now, what happened, what was told, and saying that somebody looks after it.

use std::fmt::Display;
use std::str::FromStr;

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::account::Action;
use cronbus_core::alert::{ChannelName, Progress};
use cronbus_core::port::store::{DeliveryFilter, EventFilter, Page};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::web::alert_acts::{self, Acknowledged};
use crate::web::alert_view::{AlertListing, AlertView, DeliveryListing, DeliveryView, EventListing, EventView};
use crate::web::problem::Problem;
use crate::web::query::{self, Parameters};
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::Listing;

/// The words for how far a message has come.
pub(crate) const PROGRESS: [(&str, Progress); 4] = [
    (Progress::Waiting.as_str(), Progress::Waiting),
    (Progress::Delivered.as_str(), Progress::Delivered),
    (Progress::Refused.as_str(), Progress::Refused),
    (Progress::GaveUp.as_str(), Progress::GaveUp),
];

/// Which part of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct PageQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most this many; 100 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Which events.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct EventsQuery {
    /// Of this job: an id or a name.
    job: Option<String>,
    /// Of this kind.
    kind: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most this many; 100 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Which messages.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct DeliveriesQuery {
    /// Over this channel.
    channel: Option<String>,
    /// `waiting`, `delivered`, `refused` or `gave_up`.
    progress: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most this many; 100 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// What is wrong now, the newest first.
///
/// # Errors
/// 400 for parameters that cannot be read, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/alerts", tag = "alerts", params(PageQuery),
    responses((status = 200, body = AlertListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest, by: Principal) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let page = page(&mut read)?;
    read.finish()?;
    Ok(HttpResponse::Ok().json(Listing::<AlertView>::part(alert_acts::incidents(&site, page, &by).await?)))
}

/// What happened that people may have wanted to be told of, the newest first.
///
/// # Errors
/// 400 for parameters that cannot be read, 404 when there is no such job, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/alerts/history", tag = "alerts", params(EventsQuery),
    responses((status = 200, body = EventListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn history(site: Data<Site>, request: HttpRequest, by: Principal) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let job = read.text("job");
    let kind = read.read("kind")?;
    let page = page(&mut read)?;
    read.finish()?;
    let job = match job {
        Some(text) => Some(site.job(&text, &by, Action::View).await?.id),
        None => None,
    };
    let found = alert_acts::events(&site, &EventFilter { job, kind }, page, &by).await?;
    Ok(HttpResponse::Ok().json(Listing::<EventView>::part(found)))
}

/// What was told, or is to be told, the newest first.
///
/// # Errors
/// 400 for parameters that cannot be read, 503 without a database.
#[utoipa::path(
    get, path = "/api/v1/alerts/deliveries", tag = "alerts", params(DeliveriesQuery),
    responses((status = 200, body = DeliveryListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn deliveries(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let filter =
        DeliveryFilter { channel: read.read::<ChannelName>("channel")?, progress: read.choice("progress", &PROGRESS)? };
    let page = page(&mut read)?;
    read.finish()?;
    Ok(HttpResponse::Ok().json(Listing::<DeliveryView>::part(site.store.deliveries(&filter, &page).await?)))
}

/// Somebody looks after it.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    /// In his or her words.
    #[serde(default)]
    pub(crate) note: String,
}

/// Says that somebody looks after it: nobody else is told because nobody does.
///
/// # Errors
/// 400 for what is no id, 404 when nothing of this id is wrong, 503 without a database.
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/acknowledge", tag = "alerts", request_body = Note,
    params(("id" = String, Path, description = "its id")),
    responses((status = 200, body = Acknowledged), (status = "4XX", body = Problem))
)]
pub(crate) async fn acknowledge(
    site: Data<Site>,
    request: HttpRequest,
    path: Path<String>,
    body: Bytes,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let Note { note } = query::json_or_default(&request, &body)?;
    Ok(HttpResponse::Ok().json(alert_acts::acknowledge(&site, &path, note, &by).await?))
}

/// Which part of a list.
fn page<K: FromStr<Err: Display>>(read: &mut Parameters) -> Result<Page<K>, Problem> {
    Ok(Page { after: read.read("cursor")?, limit: read.limit()? })
}
