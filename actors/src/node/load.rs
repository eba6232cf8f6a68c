//! How many runs each node executes. Decides nothing: it is for people to look at.

use std::collections::HashMap;

use cronbus_core::dispatch::Handover;
use cronbus_core::id::NodeName;
use cronbus_core::port::membership::Member;

use super::operations::PATIENCE;
use super::start::Node;
use crate::dispatcher;

/// Among how many runs that are not over those that execute are counted, oldest first: what executes is among the oldest.
const LOOKED_AT: usize = 100_000;

impl Node {
    /// How many runs each of the members executes; nodes with none may be left out. A dispatcher that is the only one
    /// knows. Among others each knows of its partitions alone, so the store is asked; while that is away, nothing is known.
    pub(super) async fn running(&self, members: &[Member]) -> HashMap<NodeName, u32> {
        match (&self.dispatcher, self.settings.dispatch.handover) {
            (Some(dispatcher), Handover::Sole) => {
                // A dispatcher that was drained has let go of what this node still executes.
                let mut running = self.running_here();
                for member in members {
                    let asked = dispatcher.ask(dispatcher::Running(member.name.clone()), PATIENCE).await;
                    let known = running.entry(member.name.clone()).or_default();
                    *known = asked.unwrap_or(0).max(*known);
                }
                running
            }
            _ => self.running_by_store().await,
        }
    }

    /// A node that only executes knows of itself.
    fn running_here(&self) -> HashMap<NodeName, u32> {
        let executing = self.observer.counter("executor", "executing").get();
        HashMap::from([(self.name(), u32::try_from(executing).unwrap_or(0))])
    }

    async fn running_by_store(&self) -> HashMap<NodeName, u32> {
        let Some(store) = &self.ports.store else { return self.running_here() };
        store.executing(LOOKED_AT).await.unwrap_or_default().into_iter().collect()
    }
}
