//! `/alerts/history`: what happened that people may have wanted to be told of, the newest first.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::alert::{Event, EventId, EventKind};
use cronbus_core::port::store::{EventFilter, Page};

use super::words::{About, about, kind_badge, kinds};
use crate::web::access::Sight;
use crate::web::admin::frame::{Frame, answer};
use crate::web::admin::link::{self, QueryText};
use crate::web::admin::parts::{Badge, When, why};
use crate::web::admin::visit::Visit;
use crate::web::admin::words::Language;
use crate::web::alert_acts;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::site::Site;

/// How many events a page has.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "admin/alert_history.html")]
struct HistoryPage {
    frame: Frame,
    job: String,
    kind: String,
    kinds: Vec<(&'static str, String)>,
    events: Vec<EventRow>,
    first: Option<String>,
    next: Option<String>,
}

/// Something that happened.
#[derive(Debug)]
pub(super) struct EventRow {
    pub(super) badge: Badge,
    pub(super) at: When,
    pub(super) about: About,
    pub(super) run: Option<String>,
    pub(super) node: String,
    pub(super) reason: String,
}

impl EventRow {
    pub(super) fn of(event: Event, language: Language) -> Self {
        Self {
            badge: kind_badge(event.kind, language),
            at: When::at(event.at),
            about: about(&event.subject, language),
            run: event.run.map(link::run),
            node: event.node.map(|node| node.to_string()).unwrap_or_default(),
            reason: why(&event.reason, event.exit_code, language),
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
    let [job, kind] = ["job", "kind"].map(&mut text);
    let after: Option<EventId> = read.read("cursor")?;
    read.finish()?;
    let parsed: Option<EventKind> = match kind.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|error| Problem::invalid("kind", text, &error))?),
    };
    let known = if job.is_empty() { None } else { site.store.job_remembered(&job).await? };
    let known = known.filter(|job| Sight::of(&site, &visit.principal).sees(job));
    let (mut events, mut next) = (Vec::new(), None);
    // A job that is not there has no history; the page says so rather than showing that of all.
    if job.is_empty() || known.is_some() {
        let filter = EventFilter { job: known.map(|job| job.id), kind: parsed };
        (events, next) = alert_acts::events(&site, &filter, Page { after, limit: PAGE }, &visit.principal).await?;
    }
    let href = |cursor: &str| {
        let query = QueryText::default().with("job", &job).with("kind", &kind).with("cursor", cursor);
        format!("/alerts/history{}", query.text())
    };
    answer(&HistoryPage {
        frame: visit.frame(&site, "nav-alerts", visit.say("alerts-history")),
        kinds: kinds(visit.language),
        events: events.into_iter().map(|event| EventRow::of(event, visit.language)).collect(),
        first: after.map(|_| href("")),
        next: next.map(|id| href(&id.to_string())),
        job,
        kind,
    })
}
