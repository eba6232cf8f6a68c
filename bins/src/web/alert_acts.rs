//! What people and programs do about alerts: the same for REST and for the pages. Reading what was asked, and showing what
//! came of it, is the caller's.

use actix_web::http::StatusCode;
use cronbus_core::account::{Action, Place};
use cronbus_core::alert::template::sample;
use cronbus_core::alert::{
    Acknowledgement, ChannelName, Event, EventId, Incident, Matcher, MessageId, Pattern, Silence, SilenceId,
};
use cronbus_core::audit::{self, Object, ObjectKind};
use cronbus_core::duration::Period;
use cronbus_core::port::notifier;
use cronbus_core::port::store::{EventFilter, Page};
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::{Builder, Uuid};

use super::access::{Sight, permit, place_of, sift};
use super::problem::Problem;
use super::record;
use super::session::Principal;
use super::site::Site;
use super::view::SettingView;

/// The longest note and the longest reason, in characters.
const LONGEST_TEXT: usize = 1_000;

/// How much of what is wrong is searched for one.
const MOST_OPEN: usize = 10_000;

/// What the keys of channels begin with.
const PREFIX: &str = "alerts.channel.";

/// What became of an acknowledgement.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Acknowledged {
    /// Which alert.
    pub(crate) id: String,
    /// Who looks after it: the first who said so.
    pub(crate) by: String,
}

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

/// A channel.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ChannelView {
    /// Its name.
    pub(crate) name: String,
    /// `email`, `webhook`, `slack`, `dingtalk`, `feishu`, `wecom`, `teams`, `pagerduty` or `sms`.
    pub(crate) kind: String,
    /// Its keys; secrets are hidden.
    #[schema(value_type = Vec<crate::web::schema::Setting>)]
    pub(crate) settings: Vec<SettingView>,
}

impl ChannelView {
    /// Where it leads, as far as its keys say that.
    pub(crate) fn leads_to(&self) -> &str {
        const KEYS: [&str; 4] = ["to", "url", "url_file", "host"];
        let value = |key: &str| self.settings.iter().find(|setting| setting.key == key).map(|setting| &*setting.value);
        KEYS.into_iter().find_map(value).unwrap_or_default()
    }
}

/// What came of a test.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Tested {
    /// The channel.
    pub(crate) channel: String,
    /// The id of the message.
    #[schema(value_type = String)]
    pub(crate) message: MessageId,
    /// What the other end answered.
    pub(crate) detail: String,
}

/// Says that somebody looks after what is wrong: nobody else is told because nobody does.
///
/// # Errors
/// 400 for what is no id and for a note that is too long, 404 when nothing of this id is wrong, 503 without a database.
pub(crate) async fn acknowledge(site: &Site, id: &str, note: String, by: &Principal) -> Result<Acknowledged, Problem> {
    let id: EventId = id.parse().map_err(|error| Problem::invalid("id", id, &error))?;
    check_length("note", &note)?;
    permit_incident(site, id, by).await?;
    let acknowledgement = Acknowledgement { by: by.name.clone(), at: site.clock.now(), note };
    let record =
        record::entry(site, by, audit::Action::AlertAcknowledge, Object::named(ObjectKind::Alert, id.to_string()))?;
    let record = record.changing(None, Some(json!({ "note": acknowledgement.note })));
    if !site.store.acknowledge(id, &acknowledgement, &record).await? {
        return Err(Problem::no_such_alert(&id.to_string()));
    }
    let all = site.store.acknowledgements().await?;
    let by = all.into_iter().find(|(other, _)| *other == id).map_or(acknowledgement.by, |(_, first)| first.by);
    Ok(Acknowledged { id: id.to_string(), by })
}

/// Has nobody told of something for a while.
///
/// # Errors
/// 400 for what cannot be, 503 without a database.
pub(crate) async fn silence(site: &Site, asked: &NewSilence, by: &Principal) -> Result<Silence, Problem> {
    let now = site.clock.now();
    let until = end(asked, now)?;
    let matcher = matcher(asked)?;
    check_length("why", &asked.why)?;
    permit(by, Action::Operate, Place::of(matcher.group.as_deref()))?;
    let nonce = format!("{matcher:?}{until}");
    let silence = Silence::new(matcher, now, until, &by.name, &asked.why, &nonce);
    let record = record::entry(site, by, audit::Action::SilenceCreate, named(&silence))?;
    site.store.put_silence(&silence, &record.changing(None, Some(told(&silence)))).await?;
    Ok(silence)
}

/// Ends a silence now.
///
/// # Errors
/// 400 for what is no id, 404 when there is no such silence, 503 without a database.
pub(crate) async fn end_silence(site: &Site, id: &str, by: &Principal) -> Result<(), Problem> {
    let id: SilenceId = id.parse().map_err(|error| Problem::invalid("id", id, &error))?;
    let now = site.clock.now();
    let Some(silence) = site.store.silence(id).await?.filter(|silence| silence.until > now) else {
        return Err(Problem::no_such_silence(&id.to_string()));
    };
    if !Sight::of(site, by).sees_matcher(&silence.matcher) {
        return Err(Problem::no_such_silence(&id.to_string()));
    }
    permit(by, Action::Operate, Place::of(silence.matcher.group.as_deref()))?;
    let record = record::entry(site, by, audit::Action::SilenceEnd, named(&silence))?;
    let ended = Silence { until: now, ..silence.clone() };
    Ok(site.store.put_silence(&ended, &record.changing(Some(told(&silence)), Some(told(&ended)))).await?)
}

/// What is wrong and may be seen, the newest first, and where to go on.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn incidents(
    site: &Site,
    page: Page<EventId>,
    by: &Principal,
) -> Result<(Vec<Incident>, Option<EventId>), Problem> {
    let sight = Sight::of(site, by);
    if sight.sees_all() {
        return Ok(site.store.incidents(&page).await?);
    }
    let read = async |page| Ok(site.store.incidents(&page).await?);
    sift(page, |one: &Incident| one.id, read, async |one| Ok(sight.sees_subject(&one.subject))).await
}

/// What happened and may be seen, the newest first, and where to go on.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn events(
    site: &Site,
    filter: &EventFilter,
    page: Page<EventId>,
    by: &Principal,
) -> Result<(Vec<Event>, Option<EventId>), Problem> {
    let sight = Sight::of(site, by);
    if sight.sees_all() {
        return Ok(site.store.alert_events(filter, &page).await?);
    }
    let read = async |page| Ok(site.store.alert_events(filter, &page).await?);
    sift(page, |one: &Event| one.id, read, async |one| Ok(sight.sees_subject(&one.subject))).await
}

/// The silences in force that may be seen, the oldest first.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn silences(site: &Site, by: &Principal) -> Result<Vec<Silence>, Problem> {
    let sight = Sight::of(site, by);
    let silences = site.store.silences(site.clock.now()).await?;
    Ok(silences.into_iter().filter(|silence| sight.sees_matcher(&silence.matcher)).collect())
}

/// Whether somebody who may not everything may look after this.
///
/// # Errors
/// 404 when he may not see it, 403 when he may do no more than that.
async fn permit_incident(site: &Site, id: EventId, by: &Principal) -> Result<(), Problem> {
    if by.may(Action::Operate, Place::Whole) {
        return Ok(());
    }
    let page = Page { after: None, limit: MOST_OPEN };
    let (open, _) = site.store.incidents(&page).await?;
    let found = open.into_iter().find(|incident| incident.id == id);
    let found = found.filter(|incident| Sight::of(site, by).sees_subject(&incident.subject));
    let found = found.ok_or_else(|| Problem::no_such_alert(&id.to_string()))?;
    permit(by, Action::Operate, place_of(&found.subject))
}

/// The channels of this node, by name.
pub(crate) fn channels(site: &Site) -> Vec<ChannelView> {
    let settings = site.configurations.own();
    let view = |name: ChannelName| {
        let prefix = format!("{PREFIX}{name}.");
        let of_it = settings.iter().filter_map(|setting| {
            let key = setting.key.strip_prefix(&prefix)?.to_owned();
            Some(SettingView { key, ..setting.clone() })
        });
        let settings: Vec<_> = of_it.collect();
        let kind = settings.iter().find(|setting| setting.key == "kind");
        let kind = kind.map(|kind| kind.value.trim_matches('"').to_owned()).unwrap_or_default();
        ChannelView { name: name.to_string(), kind, settings }
    };
    site.notifier.channels().into_iter().map(view).collect()
}

/// Sends a message over a channel that says that it is a test, from this node.
///
/// # Errors
/// 404 when there is no such channel, 502 with what the other end said when it did not take the message.
pub(crate) async fn test_channel(site: &Site, name: &str, by: &Principal) -> Result<Tested, Problem> {
    let unknown = || Problem::no_such_channel(name, &site.notifier.channels());
    let channel = ChannelName::new(name).map_err(|_| unknown())?;
    let id = MessageId(random()?);
    let delivered = site.notifier.deliver(&channel, &sample(channel.as_str(), id, site.clock.now())).await;
    if !matches!(delivered, Err(notifier::Error::NoSuchChannel { .. })) {
        let object = Object::named(ObjectKind::Channel, channel.as_str());
        let after = json!({ "delivered": delivered.is_ok() });
        record::keep(site, by, audit::Action::ChannelTest, object, Some(after)).await?;
    }
    match delivered {
        Ok(receipt) => Ok(Tested { channel: channel.to_string(), message: id, detail: receipt.detail }),
        Err(notifier::Error::NoSuchChannel { .. }) => Err(unknown()),
        Err(error) => Err(Problem::plain(StatusCode::BAD_GATEWAY, error.to_string())),
    }
}

/// A silence as the audit trail has it.
fn named(silence: &Silence) -> Object {
    Object::named(ObjectKind::Silence, silence.id.to_string())
}

fn told(silence: &Silence) -> Value {
    serde_json::to_value(silence).unwrap_or_default()
}

fn check_length(field: &str, text: &str) -> Result<(), Problem> {
    let fits = text.chars().count() <= LONGEST_TEXT;
    fits.then_some(()).ok_or_else(|| Problem::not_one_of(field, text, "at most 1000 characters"))
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
    let pattern = |field: &str, text: &Option<String>| {
        let read = |text: &String| Pattern::new(text).map_err(|error| Problem::invalid(field, text, &error));
        text.as_ref().map(read).transpose()
    };
    let kind = asked.kind.as_ref();
    let kind = kind.map(|text| text.parse().map_err(|error| Problem::invalid("kind", text, &error)));
    let matcher = Matcher {
        job: pattern("job", &asked.job)?,
        group: asked.group.clone(),
        node: pattern("node", &asked.node)?,
        kind: kind.transpose()?,
    };
    if matcher.is_everything() {
        let allowed = "at least one of job, group, node and kind; job = `*` is every job";
        return Err(Problem::not_one_of("job", "", allowed));
    }
    Ok(matcher)
}

/// An id of version 4.
fn random() -> Result<Uuid, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        let detail = format!("the system gave no random bytes for the id of a message: {error}");
        Problem::plain(StatusCode::INTERNAL_SERVER_ERROR, detail)
    })?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}
