//! `/alerts/deliveries`: what was told over which channel, and how that went, the newest first.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::alert::{ChannelName, Delivery, MessageId, Progress};
use cronbus_core::port::store::{DeliveryFilter, Page};

use super::words::{progress_badge, progress_word};
use crate::web::admin::frame::{Frame, answer};
use crate::web::admin::link::QueryText;
use crate::web::admin::parts::{Badge, When};
use crate::web::admin::visit::Visit;
use crate::web::admin::words::Language;
use crate::web::problem::Problem;
use crate::web::query::{Parameters, one_of};
use crate::web::site::Site;

/// How many messages a page has.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "admin/alert_deliveries.html")]
struct DeliveriesPage {
    frame: Frame,
    channel: String,
    progress: String,
    channels: Vec<String>,
    all_progress: Vec<(&'static str, String)>,
    deliveries: Vec<DeliveryRow>,
    first: Option<String>,
    next: Option<String>,
}

/// A message on its way, or one that has arrived.
#[derive(Debug)]
pub(super) struct DeliveryRow {
    pub(super) badge: Badge,
    pub(super) channel: String,
    pub(super) title: String,
    pub(super) grouped: u64,
    pub(super) at: When,
    /// When it is tried again, while it waits.
    pub(super) again: Option<When>,
    pub(super) tries: u32,
    pub(super) detail: String,
}

impl DeliveryRow {
    pub(super) fn of(delivery: Delivery, language: Language) -> Self {
        let waits = delivery.progress == Progress::Waiting;
        Self {
            badge: progress_badge(delivery.progress, language),
            channel: delivery.channel.to_string(),
            title: delivery.message.title,
            grouped: delivery.message.grouped.into(),
            at: When::at(delivery.created_at),
            again: (waits && delivery.tries > 0).then(|| When::at(delivery.due_at)),
            tries: delivery.tries,
            detail: delivery.detail,
        }
    }
}

/// The list.
///
/// # Errors
/// 400 for what cannot be read, 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let mut text = |name| read.text(name).unwrap_or_default().trim().to_owned();
    let [channel, progress] = ["channel", "progress"].map(&mut text);
    let after: Option<MessageId> = read.read("cursor")?;
    read.finish()?;
    let filter = DeliveryFilter { channel: channel_of(&channel)?, progress: progress_of(&progress)? };
    let (deliveries, next) = site.store.deliveries(&filter, &Page { after, limit: PAGE }).await?;
    let href = |cursor: &str| {
        let query = QueryText::default().with("channel", &channel).with("progress", &progress).with("cursor", cursor);
        format!("/alerts/deliveries{}", query.text())
    };
    answer(&DeliveriesPage {
        frame: visit.frame(&site, "nav-alerts", visit.say("alerts-deliveries")),
        channels: site.notifier.channels().iter().map(ToString::to_string).collect(),
        all_progress: Progress::ALL.map(|one| (one.as_str(), progress_word(one, visit.language))).into(),
        deliveries: deliveries.into_iter().map(|delivery| DeliveryRow::of(delivery, visit.language)).collect(),
        first: after.map(|_| href("")),
        next: next.map(|id| href(&id.to_string())),
        channel,
        progress,
    })
}

fn channel_of(text: &str) -> Result<Option<ChannelName>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    ChannelName::new(text).map(Some).map_err(|error| Problem::invalid("channel", text, &error))
}

fn progress_of(text: &str) -> Result<Option<Progress>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let found = Progress::ALL.into_iter().find(|progress| progress.as_str() == text);
    let allowed = one_of(Progress::ALL.iter().map(|progress| progress.as_str()));
    found.map(Some).ok_or_else(|| Problem::not_one_of("progress", text, &allowed))
}
