//! What the manager of services (systemd) is told while the node lives: that it is ready, how it is, and that it does not
//! hang.
//!
//! Ready is what `/readyz` calls so. A sign of life is sent only after every actor has come to what was sent to it, each on
//! its own thread: a timer alone would go on beside a scheduler that hangs. A node that is not ready because a service is
//! away lives; starting it again would not bring the service back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use cronbus_core::port::Operations;
use cronbus_core::port::operations::Health;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::service_manager::{Manager, News, watchdog};

/// How often to look whether the node is ready, before it was.
const UNTIL_READY: Duration = Duration::from_millis(200);

/// How often to look how it is, afterwards.
const AFTERWARDS: Duration = Duration::from_secs(5);

/// How often to knock within the manager's patience.
const KNOCKS: u32 = 4;

/// Tells it, until this is dropped.
#[derive(Debug)]
pub(super) struct Reporting {
    manager: Arc<Manager>,
    /// Whether it was told that the node is ready.
    ready: Arc<AtomicBool>,
    state: Option<JoinHandle<()>>,
    life: Option<JoinHandle<()>>,
}

impl Reporting {
    /// Tells it from now on, if anybody wants to know.
    pub(super) fn begin(operations: &Arc<dyn Operations>, has_succeeded: bool) -> Self {
        let manager = Arc::new(Manager::of_environment());
        let ready = Arc::new(AtomicBool::new(false));
        let told = manager.listens();
        let telling = || tell_state(Arc::clone(&manager), Arc::clone(operations), Arc::clone(&ready));
        let state = told.then(|| actix_rt::spawn(telling()));
        let patience = watchdog(has_succeeded).filter(|_| told);
        let life = patience.map(|patience| {
            actix_rt::spawn(tell_life(Arc::clone(&manager), Arc::clone(operations), patience / KNOCKS))
        });
        Self { manager, ready, state, life }
    }

    /// The configuration is being read again.
    pub(super) fn reloading(&self) {
        self.once_ready(News::Reloading);
    }

    /// It was.
    pub(super) fn reloaded(&self) {
        self.once_ready(News::Ready);
    }

    /// A node that is still starting reloads nothing, as the manager sees it.
    fn once_ready(&self, news: News) {
        if self.ready.load(Relaxed) {
            self.manager.tell(&[news]);
        }
    }

    /// The node ends, within `longest` at most. Signs of life go on meanwhile.
    pub(super) fn stopping(&mut self, longest: Duration) {
        if let Some(state) = self.state.take() {
            state.abort();
        }
        self.manager.tell(&[News::Stopping(longest), News::Status("ending: what runs may end".to_owned())]);
    }
}

impl Drop for Reporting {
    fn drop(&mut self) {
        [&self.state, &self.life].into_iter().flatten().for_each(JoinHandle::abort);
    }
}

async fn tell_state(manager: Arc<Manager>, operations: Arc<dyn Operations>, ready: Arc<AtomicBool>) {
    let mut told = String::new();
    loop {
        let health = operations.health().await;
        let status = status(&health);
        let was_ready = ready.load(Relaxed);
        if health.ready && !was_ready {
            ready.store(true, Relaxed);
            manager.tell(&[News::Ready, News::Status(status.clone())]);
        } else if status != told {
            manager.tell(&[News::Status(status.clone())]);
        }
        told = status;
        sleep(if ready.load(Relaxed) { AFTERWARDS } else { UNTIL_READY }).await;
    }
}

/// How the node is, in a line.
fn status(health: &Health) -> String {
    if health.ready {
        return format!("{} is ready", health.node);
    }
    let ill = health.parts.iter().filter(|(name, part)| !part.ok && *name != Health::CLUSTER);
    let ill: Vec<String> = ill.map(|(name, part)| format!("{name}: {}", part.detail)).collect();
    format!("{} is not ready: {}", health.node, ill.join("; "))
}

async fn tell_life(manager: Arc<Manager>, operations: Arc<dyn Operations>, pause: Duration) {
    loop {
        let hanging = operations.hanging(pause).await;
        if hanging.is_empty() {
            manager.tell(&[News::Alive]);
            sleep(pause).await;
        } else {
            tracing::error!("{} did not come to a knock within {pause:?}: no sign of life is sent", hanging.join(", "));
        }
    }
}

#[cfg(test)]
mod tests {
    use cronbus_core::id::NodeName;
    use cronbus_core::port::operations::PartHealth;

    use super::*;

    #[test]
    fn a_status_names_what_keeps_the_node_from_being_ready() {
        let node = NodeName::new("a").unwrap();
        let away = PartHealth::ill("no answer".to_owned());
        let parts = [("database".to_owned(), away.clone()), (Health::CLUSTER.to_owned(), away)];
        let mut health = Health { ready: false, node, parts: parts.into() };
        assert_eq!(status(&health), "a is not ready: database: no answer");
        health.ready = true;
        assert_eq!(status(&health), "a is ready");
    }
}
