//! What the actors of a node are doing, for people and metrics: the figures of their mailboxes and their own.
//!
//! Publishing them (REST, Prometheus) is the executable's business.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::Actor;
use cronbus_core::port::operations::ActorStatus;

use crate::mailbox::{Gauges, Mailbox};

/// The register of a node's actors. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Observer {
    actors: Arc<Mutex<BTreeMap<String, Watched>>>,
}

#[derive(Debug, Default)]
struct Watched {
    gauges: Option<Arc<Gauges>>,
    counters: BTreeMap<String, Counter>,
}

impl Observer {
    /// Shows the figures of a mailbox under its actor's name, in place of an older mailbox of that name.
    pub fn watch<A: Actor>(&self, mailbox: &Mailbox<A>) {
        let gauges = mailbox.gauges();
        self.actors().entry(gauges.name().to_string()).or_default().gauges = Some(gauges.clone());
    }

    /// A figure of an actor's own: the same one for the same names, so it goes on counting after a restart.
    #[must_use]
    pub fn counter(&self, actor: &str, name: &str) -> Counter {
        self.actors().entry(actor.to_owned()).or_default().counters.entry(name.to_owned()).or_default().clone()
    }

    /// All actors, ordered by name, as they are now.
    #[must_use]
    pub fn statuses(&self) -> Vec<ActorStatus> {
        self.actors().iter().map(|(name, watched)| watched.status(name)).collect()
    }

    fn actors(&self) -> MutexGuard<'_, BTreeMap<String, Watched>> {
        self.actors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn status(&self, name: &str) -> ActorStatus {
        let status = match &self.gauges {
            Some(gauges) => gauges.status(),
            None => ActorStatus { name: name.to_owned(), ..ActorStatus::default() },
        };
        let counters = self.counters.iter().map(|(name, counter)| (name.clone(), counter.get())).collect();
        ActorStatus { counters, ..status }
    }
}

/// One figure: a counter that only grows, or a gauge. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<AtomicI64>);

impl Counter {
    /// Counts `n` more.
    pub fn add(&self, n: usize) {
        self.0.fetch_add(i64::try_from(n).unwrap_or(i64::MAX), Relaxed);
    }

    /// Shows `value` from now on.
    pub fn set(&self, value: i64) {
        self.0.store(value, Relaxed);
    }

    /// What it shows.
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Idle;
    impl Actor for Idle {
        type Context = actix::Context<Self>;
    }

    #[test]
    fn shows_mailboxes_and_counters_together_as_json() {
        let observer = Observer::default();
        let created = observer.counter("dispatcher", "created");
        created.add(2);
        observer.counter("dispatcher", "created").add(1);
        observer.counter("dispatcher", "staged").set(-4);
        let (mailbox, _inlet) = crate::mailbox::open::<Idle>("dispatcher", 8);
        observer.watch(&mailbox);
        assert_eq!(created.get(), 3);
        assert_eq!(
            serde_json::to_value(observer.statuses()).unwrap(),
            serde_json::json!([{
                "name": "dispatcher", "queued": 0, "capacity": 8, "handled": 0, "handling_us": 0,
                "backpressure_us": 0, "restarts": 0, "counters": { "created": 3, "staged": -4 }
            }])
        );
    }
}
