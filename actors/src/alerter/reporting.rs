//! What this node has to tell of itself: services that do not answer it, messages that nobody signed. Kept here until the
//! store has it.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use cronbus_core::alert::{Event, EventKind, Subject};
use cronbus_core::port::health::{Condition, Health, Service};
use cronbus_core::time::Timestamp;

use super::actor::Mind;

/// How often to look.
const LOOK: Duration = Duration::from_secs(2);

/// How often bad signatures are told of at most.
const SIGNATURES_EVERY: Duration = Duration::from_secs(60);

/// How much is kept while the store is away; what is older goes.
const KEPT: usize = 1_000;

/// The counters of the bus that count messages which nobody of the cluster had signed.
const UNSIGNED: [&str; 3] = ["refused_signature", "refused_unknown_key", "refused_unsigned"];

/// What was noticed and what is to be told.
#[derive(Debug, Default)]
struct Report {
    /// Since when a service is away, and whether that was told.
    away: BTreeMap<Service, (Timestamp, bool)>,
    unsigned: u64,
    signatures_at: Timestamp,
    waiting: VecDeque<Event>,
}

impl Mind {
    /// Reports, for ever. Costs nothing where nobody wants to hear of any of it.
    pub(super) async fn keep_reporting(self: Rc<Self>) {
        let rules = &self.setup.rules;
        if !rules.are_about(EventKind::ServiceDegraded) && !rules.are_about(EventKind::BadSignatures) {
            return;
        }
        let mut report = Report { unsigned: self.unsigned(), ..Report::default() };
        loop {
            self.setup.ports.clock.sleep(LOOK).await;
            let now = self.now();
            for health in self.services().await {
                self.note_service(&mut report, &health, now);
            }
            self.note_signatures(&mut report, now);
            self.pass_on(&mut report).await;
        }
    }

    async fn services(&self) -> Vec<Health> {
        let ports = &self.setup.ports;
        let database = match self.setup.store.silences(Timestamp::MAX).await {
            Ok(_) => Health::local(Service::Database),
            Err(error) => {
                Health { state: Condition::Away, detail: error.to_string(), ..Health::local(Service::Database) }
            }
        };
        vec![database, ports.bus.health(), ports.membership.health(), ports.guard.health()]
    }

    fn note_service(&self, report: &mut Report, health: &Health, now: Timestamp) {
        let subject = Subject::Service { node: self.setup.node.clone(), service: health.service };
        if !self.setup.rules.want(EventKind::ServiceDegraded, &subject) {
            return;
        }
        if health.is_up() {
            if let Some((_, true)) = report.away.remove(&health.service) {
                report.waiting.push_back(Event::new(EventKind::ServiceBack, subject, now));
            }
            return;
        }
        let (since, told) = report.away.entry(health.service).or_insert((now, false));
        if !*told && now.since(*since) >= self.setup.settings.service_lost_after {
            *told = true;
            let event = Event::new(EventKind::ServiceDegraded, subject, *since);
            report.waiting.push_back(event.because(&health.detail));
        }
    }

    fn unsigned(&self) -> u64 {
        let counters = self.setup.ports.bus.counters();
        UNSIGNED.iter().filter_map(|name| counters.get(*name)).fold(0, |sum, count| sum.saturating_add(*count))
    }

    fn note_signatures(&self, report: &mut Report, now: Timestamp) {
        let count = self.unsigned();
        let more = count.saturating_sub(report.unsigned);
        if more == 0 || now.since(report.signatures_at) < SIGNATURES_EVERY {
            return;
        }
        (report.unsigned, report.signatures_at) = (count, now);
        let subject = Subject::Messages { node: self.setup.node.clone() };
        if self.setup.rules.want(EventKind::BadSignatures, &subject) {
            let reason = format!("{more} messages that nobody of the cluster had signed were not taken");
            report.waiting.push_back(Event::new(EventKind::BadSignatures, subject, now).because(&reason));
        }
    }

    async fn pass_on(&self, report: &mut Report) {
        let surplus = report.waiting.len().saturating_sub(KEPT);
        report.waiting.drain(..surplus);
        if report.waiting.is_empty() {
            return;
        }
        match self.setup.store.raise(report.waiting.make_contiguous()).await {
            Ok(()) => report.waiting.clear(),
            Err(error) => tracing::debug!(%error, "what this node has to tell of itself waits"),
        }
    }
}
