//! The page: what is wrong now first, then silences, what was told last, channels, rules.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::account::{Action, Place};
use cronbus_core::alert::{EventId, Incident, MessageId, Silence};
use cronbus_core::port::store::{DeliveryFilter, EventFilter, Page};
use cronbus_core::time::Timestamp;

use super::deliveries::DeliveryRow;
use super::history::EventRow;
use super::rules::RuleCard;
use super::words::{About, about, kind_badge, kind_word, kinds};
use crate::web::access::{Can, may_see_all, place_of};
use crate::web::admin::frame::{Frame, answer};
use crate::web::admin::link::{self, QueryText};
use crate::web::admin::parts::{Badge, When, span, why};
use crate::web::admin::visit::Visit;
use crate::web::admin::words::Language;
use crate::web::alert_acts;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::session::Principal;
use crate::web::site::Site;

/// How much of what is wrong is shown.
const OPEN: usize = 100;

/// How much of the histories.
const NEWEST: usize = 10;

#[derive(Template)]
#[template(path = "admin/alerts.html")]
struct AlertsPage {
    frame: Frame,
    open: Vec<OpenRow>,
    has_more: bool,
    silences: Vec<SilenceRow>,
    /// What stands in the form for a silence.
    draft: Draft,
    kinds: Vec<(&'static str, String)>,
    events: Vec<EventRow>,
    deliveries: Vec<DeliveryRow>,
    channels: Vec<ChannelRow>,
    rules: Vec<RuleCard>,
    /// The channels that jobs name themselves, with the number of those jobs; absent while they are counted.
    by_jobs: Option<Vec<(String, u64)>>,
    can: Can,
    /// Whether what is told to all, and over what, is shown.
    sees_all: bool,
    can_test: bool,
}

/// The fields of the form for a silence, as the address has them: by a link beside something that is wrong, or as they
/// were sent and refused.
#[derive(Debug, Default)]
pub(super) struct Draft {
    job: String,
    group: String,
    node: String,
    kind: String,
    lasts: String,
    until: String,
    why: String,
}

/// The fields by their names.
pub(super) const FIELDS: [&str; 7] = ["job", "group", "node", "kind", "for", "until", "why"];

impl Draft {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut read = Parameters::of(request)?;
        let [job, group, node, kind, lasts, until, why] = FIELDS.map(|name| read.text(name));
        read.finish()?;
        let [job, group, node, kind, until, why] = [job, group, node, kind, until, why].map(Option::unwrap_or_default);
        Ok(Self { job, group, node, kind, lasts: lasts.unwrap_or_else(|| "2h".to_owned()), until, why })
    }
}

/// Something that is wrong.
#[derive(Debug)]
struct OpenRow {
    id: String,
    badge: Badge,
    about: About,
    run: Option<String>,
    reason: String,
    since: When,
    lasts: String,
    count: u32,
    told: String,
    acknowledged: Option<(String, When, String)>,
    /// Where to silence it.
    silence: String,
    can: Can,
}

#[derive(Debug)]
struct SilenceRow {
    id: String,
    of: String,
    until: When,
    left: String,
    by: String,
    why: String,
    can: Can,
}

#[derive(Debug)]
struct ChannelRow {
    name: String,
    kind: String,
    to: String,
}

/// The page.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let draft = Draft::of(&request)?;
    site.admin.watch.look(&site);
    let (now, language) = (site.clock.now(), visit.language);
    let by = &visit.principal;
    let (mut open, next) = alert_acts::incidents(&site, Page { after: None::<EventId>, limit: OPEN }, by).await?;
    // What nobody looks after stands first, the worst before the rest; then the newest, as they came.
    open.sort_by_key(|one| (one.acknowledgement.is_some(), std::cmp::Reverse(one.last.kind.severity())));
    let silences = alert_acts::silences(&site, by).await?;
    let newest: Page<EventId> = Page { after: None, limit: NEWEST };
    let (events, _) = alert_acts::events(&site, &EventFilter::default(), newest, by).await?;
    let newest: Page<MessageId> = Page { after: None, limit: NEWEST };
    let sees_all = may_see_all(by);
    let (deliveries, _) = match sees_all {
        true => site.store.deliveries(&DeliveryFilter::default(), &newest).await?,
        false => (Vec::new(), None),
    };
    let channels = if sees_all { alert_acts::channels(&site) } else { Vec::new() };
    let left = |at: Timestamp| span(now.millis_since(at));
    answer(&AlertsPage {
        frame: visit.frame(&site, "nav-alerts", visit.say("nav-alerts")),
        open: open.into_iter().map(|incident| open_row(incident, left, language, by)).collect(),
        has_more: next.is_some(),
        silences: silences.into_iter().map(|silence| silence_row(silence, left, language, by)).collect(),
        draft,
        kinds: kinds(language),
        events: events.into_iter().map(|event| EventRow::of(event, language)).collect(),
        deliveries: deliveries.into_iter().map(|delivery| DeliveryRow::of(delivery, language)).collect(),
        channels: channels.into_iter().map(channel_row).collect(),
        rules: site.admin.rules.iter().map(|rule| RuleCard::of(rule, language)).collect(),
        by_jobs: site.admin.watch.channels_of_jobs().filter(|_| sees_all),
        can: Can::somewhere(by),
        sees_all,
        can_test: by.may(Action::Operate, Place::Whole),
    })
}

fn open_row(incident: Incident, ago: impl Fn(Timestamp) -> String, language: Language, by: &Principal) -> OpenRow {
    let acknowledged = incident.acknowledgement.map(|one| (one.by, When::at(one.at), one.note));
    let told: Vec<String> = incident.told.keys().map(ToString::to_string).collect();
    let (job, node) = (incident.subject.job(), incident.subject.node());
    let [job, node] =
        [job.map(|job| job.name.to_string()), node.map(ToString::to_string)].map(Option::unwrap_or_default);
    // Who may silence his groups only has to name one.
    let group = incident.subject.job().and_then(|job| job.group.clone()).filter(|_| !may_see_all(by));
    let query = QueryText::default().with("group", &group.unwrap_or_default());
    let query = query.with("job", &job).with("node", &node).with("kind", incident.last.kind.as_str());
    let silence = format!("/alerts{}#silence", query.text());
    OpenRow {
        id: incident.id.to_string(),
        badge: kind_badge(incident.last.kind, language),
        about: about(&incident.subject, language),
        run: incident.last.run.map(link::run),
        reason: why(&incident.last.reason, incident.last.exit_code, language),
        since: When::at(incident.since),
        lasts: ago(incident.since),
        count: incident.count,
        told: if told.is_empty() { language.say("alert-told-nobody") } else { told.join(", ") },
        acknowledged,
        silence,
        can: Can::at(by, place_of(&incident.subject)),
    }
}

fn silence_row(silence: Silence, ago: impl Fn(Timestamp) -> String, language: Language, by: &Principal) -> SilenceRow {
    let can = Can::at(by, Place::of(silence.matcher.group.as_deref()));
    let matcher = silence.matcher;
    let part = |key: &str, text: Option<String>| Some(format!("{} {}", language.say(key), text?));
    let of = [
        part("run-job", matcher.job.map(|pattern| pattern.to_string())),
        part("job-group", matcher.group),
        part("run-node", matcher.node.map(|pattern| pattern.to_string())),
        part("alert-what", matcher.kind.map(|kind| kind_word(kind, language))),
    ];
    SilenceRow {
        id: silence.id.to_string(),
        of: of.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        until: When::at(silence.until),
        left: ago(silence.until).trim_start_matches('−').to_owned(),
        by: silence.by,
        why: silence.why,
        can,
    }
}

fn channel_row(channel: alert_acts::ChannelView) -> ChannelRow {
    let to = channel.leads_to().trim_matches('"').to_owned();
    ChannelRow { name: channel.name, kind: channel.kind, to }
}
