//! Nodes that are gone without having been drained, and nodes that are back.

use std::collections::BTreeMap;

use cronbus_core::alert::{Aspect, Event, EventKind, Subject};
use cronbus_core::id::NodeName;
use cronbus_core::port::membership::Availability;
use cronbus_core::time::Timestamp;

use super::actor::Mind;

/// The nodes that were seen, and when last.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    seen: BTreeMap<NodeName, (Timestamp, Availability)>,
}

impl Nodes {
    /// The nodes that are gone for longer than `limit`, each once. One that was drained was meant to go.
    fn gone(&mut self, now: Timestamp, limit: std::time::Duration) -> Vec<(NodeName, Timestamp)> {
        let is_gone = |at: Timestamp| now.since(at) > limit;
        let gone = self.seen.iter().filter(|(_, (at, _))| is_gone(*at));
        let lost = gone.filter(|(_, (_, state))| *state == Availability::Active);
        let lost = lost.map(|(name, (at, _))| (name.clone(), *at)).collect();
        self.seen.retain(|_, (at, _)| !is_gone(*at));
        lost
    }
}

impl Mind {
    /// Notes who lives. Every monitor does so, so that whoever takes over knows who was there.
    pub(super) fn see_nodes(&self) {
        let now = self.now();
        let mut nodes = self.nodes.borrow_mut();
        for member in self.setup.ports.membership.snapshot().members.iter() {
            nodes.seen.insert(member.name.clone(), (now, member.state));
        }
    }

    /// What there is to tell of nodes, and of services of nodes that began anew.
    pub(super) fn nodes_gone_and_back(&self, now: Timestamp) -> Vec<Event> {
        let limit = self.setup.settings.node_lost_after;
        let lost = self.nodes.borrow_mut().gone(now, limit);
        let members = self.setup.ports.membership.snapshot().members;
        let mut noticed = Vec::new();
        for (node, last_seen) in lost {
            let subject = Subject::Node { node };
            if self.setup.rules.want(EventKind::NodeLost, &subject) {
                let event = Event::new(EventKind::NodeLost, subject, last_seen + limit);
                noticed.push(event.because(&format!("it was seen last at {last_seen} and was not drained")));
            }
        }
        let lead = self.lead.borrow();
        for incident in lead.iter().flat_map(|lead| lead.engine.incidents()) {
            let Some(member) = members.iter().find(|member| Some(&member.name) == incident.subject.node()) else {
                continue;
            };
            let kind = match incident.aspect {
                Aspect::Presence => EventKind::NodeBack,
                // Its new life tells again if it has to.
                Aspect::Service if member.started_at > incident.last.at => EventKind::ServiceBack,
                _ => continue,
            };
            noticed.push(Event::new(kind, incident.subject.clone(), now));
        }
        noticed
    }
}
