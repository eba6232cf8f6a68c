//! Being the alerter, one node at a time, and stopping to be it.

use std::rc::Rc;
use std::time::Duration;

use cronbus_core::alert::{Engine, Incident};
use cronbus_core::id::Epoch;
use cronbus_core::port::membership::Role;
use cronbus_core::port::store::{Error, Page, Result};
use cronbus_core::time::Timestamp;

use super::actor::Mind;

/// How many incidents are read at a time when this node takes over.
const AT_A_TIME: usize = 1_000;

/// How long to stand back when another node has taken over, or the store does not do what it is asked.
const STAND_BACK: Duration = Duration::from_secs(2);

/// What the alerter knows while it is that.
#[derive(Debug)]
pub(super) struct Lead {
    pub(super) epoch: Epoch,
    pub(super) engine: Engine,
    /// When to look for what nobody tells of.
    pub(super) next_look: Timestamp,
}

impl Mind {
    /// Is the alerter whenever this node is the first of the living monitors, for ever.
    pub(super) async fn keep_leading(self: Rc<Self>) {
        let clock = &self.setup.ports.clock;
        loop {
            clock.sleep(self.setup.settings.every).await;
            self.see_nodes();
            if !self.is_first() {
                self.step_down();
            } else if let Err(error) = self.lead_on().await {
                self.setup.figures.store_failures.add(1);
                // Whether a step was made is not known: what is durable is read again.
                self.step_down();
                if matches!(error, Error::Superseded { .. }) {
                    tracing::warn!(%error, "this node looks after the alerts no more");
                } else {
                    tracing::debug!(%error, "alerts wait");
                }
                clock.sleep(STAND_BACK).await;
            }
        }
    }

    /// Whether this node is the one to be the alerter. A node whose lease may have ended may have been replaced.
    fn is_first(&self) -> bool {
        let membership = &self.setup.ports.membership;
        let members = membership.snapshot().members;
        let first = members.iter().find(|member| member.has(Role::Monitor));
        membership.holds_lease() && first.is_some_and(|member| member.name == self.setup.node)
    }

    fn step_down(&self) {
        self.lead.replace(None);
        self.setup.figures.leads.set(0);
    }

    async fn lead_on(&self) -> Result<()> {
        if self.lead.borrow().is_none() {
            let lead = self.take_over().await?;
            tracing::info!(epoch = lead.epoch.0, "this node looks after the alerts");
            self.lead.replace(Some(lead));
            self.setup.figures.leads.set(1);
        }
        self.turn().await
    }

    async fn take_over(&self) -> Result<Lead> {
        let store = &self.setup.store;
        let at_least = Epoch(self.setup.ports.membership.snapshot().revision);
        let epoch = store.claim_alerts(&self.setup.node, at_least).await?;
        let (incidents, desks) = (self.incidents().await?, store.alert_desks().await?);
        let settings = &self.setup.settings;
        let rules = self.setup.rules.clone();
        let engine = Engine::new(rules, settings.spared.clone(), settings.url.clone(), incidents, desks);
        Ok(Lead { epoch, engine, next_look: self.now() + settings.look_every })
    }

    async fn incidents(&self) -> Result<Vec<Incident>> {
        let mut page = Page { after: None, limit: AT_A_TIME };
        let mut all = Vec::new();
        loop {
            let (some, next) = self.setup.store.incidents(&page).await?;
            all.extend(some);
            if next.is_none() {
                return Ok(all);
            }
            page.after = next;
        }
    }
}
