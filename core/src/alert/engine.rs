//! The alerter's mind: which incidents there are, who knows of them, what each channel is told next.
//!
//! [`Engine`] is a plain state machine. It is told events and the time, and collects what changed ([`Changes`]) for the
//! caller to make durable; when that fails, it is built anew from what is durable.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::desk::{Desk, Spared};
use super::event::{Event, EventId};
use super::incident::{Acknowledgement, Escalating, Incident, Key, Told};
use super::kind::Aspect;
use super::message::{ChannelName, Message};
use super::rule::{Interest, Rules};
use super::silence::Silence;
use super::wording::{self, Purpose};
use crate::time::Timestamp;

/// How many events are known again. The store hands each of them over once; this is for a caller that does not.
const REMEMBERED: usize = 10_000;

/// An incident without an end is over when nothing happened for so long.
const QUIET: Duration = Duration::from_secs(600);

/// What is to be made durable together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Incidents as they are now.
    pub kept: Vec<Incident>,
    /// Incidents that are over.
    pub over: Vec<EventId>,
    /// Desks as they are now.
    pub desks: Vec<Desk>,
    /// What goes out.
    pub messages: Vec<(ChannelName, Message)>,
}

impl Changes {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.over.is_empty() && self.desks.is_empty() && self.messages.is_empty()
    }
}

/// Which incidents there are and who knows of them.
#[derive(Clone, Debug)]
pub struct Engine {
    rules: Arc<Rules>,
    spared: Spared,
    /// Where the web admin is found, for links; empty when nobody said so.
    base: String,
    incidents: BTreeMap<Key, Incident>,
    desks: BTreeMap<ChannelName, Desk>,
    seen: HashSet<EventId>,
    order: VecDeque<EventId>,
    changed: BTreeSet<Key>,
    over: Vec<EventId>,
    touched: BTreeSet<ChannelName>,
    messages: Vec<(ChannelName, Message)>,
}

impl Engine {
    /// One that knows what is durable.
    #[must_use]
    pub fn new(
        rules: Arc<Rules>,
        spared: impl Into<Spared>,
        base: String,
        incidents: impl IntoIterator<Item = Incident>,
        desks: impl IntoIterator<Item = Desk>,
    ) -> Self {
        let mut engine = Self {
            rules,
            spared: spared.into(),
            base,
            incidents: incidents.into_iter().map(|incident| (incident.key(), incident)).collect(),
            desks: desks.into_iter().map(|desk| (desk.channel.clone(), desk)).collect(),
            seen: HashSet::new(),
            order: VecDeque::new(),
            changed: BTreeSet::new(),
            over: Vec::new(),
            touched: BTreeSet::new(),
            messages: Vec::new(),
        };
        let known: Vec<EventId> =
            engine.incidents.values().flat_map(|incident| [incident.id, incident.last.id]).collect();
        for id in known {
            engine.remember(id);
        }
        engine
    }

    /// Whether it was told of this event, as far back as it remembers.
    #[must_use]
    pub fn is_known(&self, event: EventId) -> bool {
        self.seen.contains(&event)
    }

    /// What is wrong now.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values()
    }

    /// What is wrong with the subject of this key, in this respect.
    #[must_use]
    pub fn incident(&self, subject: &str, aspect: Aspect) -> Option<&Incident> {
        self.incidents.get(&(subject.to_owned(), aspect))
    }

    /// How many messages wait at desks.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.desks.values().fold(0, |sum, desk| sum.saturating_add(desk.waiting()))
    }

    /// Something happened. The same event again changes nothing.
    pub fn handle(&mut self, event: &Event, silences: &[Silence], now: Timestamp) {
        if !self.remember(event.id) {
            return;
        }
        let is_silenced = silences.iter().any(|silence| silence.covers(event, now));
        if event.kind.is_good() {
            self.end(event, is_silenced, now);
        } else {
            self.begin_or_go_on(event, is_silenced, now);
        }
    }

    fn remember(&mut self, id: EventId) -> bool {
        if !self.seen.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }

    fn begin_or_go_on(&mut self, event: &Event, is_silenced: bool, now: Timestamp) {
        let key = (event.subject.key(), event.aspect);
        let mut incident = self.incidents.remove(&key).unwrap_or_else(|| Incident::begin(event));
        incident.count(event);
        if !is_silenced {
            let mut told = BTreeSet::new();
            for interest in self.rules.clone().interests(event) {
                self.tell(&mut incident, event, &interest, &mut told, now);
            }
        }
        self.changed.insert(key.clone());
        self.incidents.insert(key, incident);
    }

    /// Tells whoever is interested, each channel once of one event.
    fn tell(
        &mut self,
        incident: &mut Incident,
        event: &Event,
        interest: &Interest,
        told: &mut BTreeSet<ChannelName>,
        now: Timestamp,
    ) {
        if incident.count < interest.after {
            return;
        }
        let mut is_news = false;
        for channel in &interest.channels {
            if interest.only_on_change && !incident.is_news_to(channel, event.kind) {
                continue;
            }
            is_news = true;
            if told.insert(channel.clone()) {
                self.hold(incident, event, channel, Purpose::Tell, now);
            }
        }
        let is_pending = || incident.escalations.iter().any(|pending| pending.rule == interest.rule);
        let is_looked_after = incident.acknowledgement.is_some();
        if let Some(escalation) = interest.escalate.as_ref().filter(|_| is_news && !is_looked_after && !is_pending()) {
            let at = now + escalation.after.duration();
            let channels = escalation.channels.clone();
            incident.escalations.push(Escalating { rule: interest.rule.clone(), at, channels });
        }
    }

    fn hold(&mut self, incident: &mut Incident, event: &Event, to: &ChannelName, why: Purpose, now: Timestamp) {
        let message = wording::message(incident, event, to, (why, now), &self.base);
        incident.told.insert(to.clone(), Told { kind: event.kind, at: now });
        self.put_on_desk(to, message, now);
    }

    fn put_on_desk(&mut self, channel: &ChannelName, message: Message, now: Timestamp) {
        let desk = self.desks.entry(channel.clone()).or_insert_with(|| Desk::new(channel.clone()));
        desk.hold(message, now, self.spared.limits(channel));
        self.touched.insert(channel.clone());
    }

    /// It is well again: those who know of it are told.
    fn end(&mut self, event: &Event, is_silenced: bool, now: Timestamp) {
        let key = (event.subject.key(), event.aspect);
        let Some(incident) = self.incidents.remove(&key) else { return };
        self.changed.remove(&key);
        self.over.push(incident.id);
        if is_silenced {
            return;
        }
        for channel in incident.told.keys() {
            let message = wording::message(&incident, event, channel, (Purpose::Tell, now), &self.base);
            self.put_on_desk(channel, message, now);
        }
    }

    /// Ends what is wrong with the subject of this key without telling anybody: there is no such thing any more.
    pub fn forget(&mut self, subject: &str) {
        let keys: Vec<Key> = self.incidents.keys().filter(|(key, _)| key == subject).cloned().collect();
        for key in keys {
            self.drop_incident(&key);
        }
    }

    fn drop_incident(&mut self, key: &Key) {
        self.changed.remove(key);
        self.over.extend(self.incidents.remove(key).map(|incident| incident.id));
    }

    /// Somebody looks after an incident: nobody else has to be told of it.
    pub fn acknowledged(&mut self, id: EventId, acknowledgement: &Acknowledgement) {
        let Some((key, incident)) = self.incidents.iter_mut().find(|(_, incident)| incident.id == id) else { return };
        if incident.acknowledgement.as_ref() == Some(acknowledgement) {
            return;
        }
        incident.acknowledgement = Some(acknowledgement.clone());
        incident.escalations.clear();
        self.changed.insert(key.clone());
    }

    /// Time has passed: tells others what nobody acknowledged, and lets out what waits at desks.
    pub fn tick(&mut self, silences: &[Silence], now: Timestamp) {
        self.escalate(silences, now);
        let is_over = |incident: &Incident| incident.aspect == Aspect::Trust && now > incident.last.at + QUIET;
        let quiet: Vec<Key> =
            self.incidents.iter().filter(|(_, incident)| is_over(incident)).map(|(key, _)| key.clone()).collect();
        quiet.iter().for_each(|key| self.drop_incident(key));
        for (channel, desk) in &mut self.desks {
            if desk.is_due(now) {
                let out = desk.flush(now, self.spared.limits(channel));
                self.messages.extend(out.into_iter().map(|out| (channel.clone(), out)));
                self.touched.insert(channel.clone());
            }
        }
    }

    fn escalate(&mut self, silences: &[Silence], now: Timestamp) {
        let is_due = |incident: &Incident| incident.escalations.iter().any(|pending| pending.at <= now);
        let is_silenced = |incident: &Incident| silences.iter().any(|silence| silence.covers(&incident.last, now));
        let due: Vec<Key> = self
            .incidents
            .iter()
            .filter(|(_, incident)| is_due(incident) && !is_silenced(incident))
            .map(|(key, _)| key.clone())
            .collect();
        for key in due {
            let Some(mut incident) = self.incidents.remove(&key) else { continue };
            let (ripe, later): (Vec<_>, Vec<_>) =
                std::mem::take(&mut incident.escalations).into_iter().partition(|pending| pending.at <= now);
            // What went out stays, long past, so that the same rule does not begin anew while it goes on.
            let spent =
                |pending: &Escalating| Escalating { at: Timestamp::MAX, channels: Vec::new(), ..pending.clone() };
            incident.escalations = later.into_iter().chain(ripe.iter().map(spent)).collect();
            let event = incident.last.clone();
            let channels: BTreeSet<ChannelName> = ripe.into_iter().flat_map(|pending| pending.channels).collect();
            for channel in &channels {
                self.hold(&mut incident, &event, channel, Purpose::Escalate, now);
            }
            self.changed.insert(key.clone());
            self.incidents.insert(key, incident);
        }
    }

    /// What changed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        let changed = std::mem::take(&mut self.changed);
        let touched = std::mem::take(&mut self.touched);
        Changes {
            kept: changed.iter().filter_map(|key| self.incidents.get(key)).cloned().collect(),
            over: std::mem::take(&mut self.over),
            desks: touched.iter().filter_map(|channel| self.desks.get(channel)).cloned().collect(),
            messages: std::mem::take(&mut self.messages),
        }
    }
}
