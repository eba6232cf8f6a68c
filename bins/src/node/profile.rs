//! The configuration of a node, as people are shown it: that of this one, and that of others, which are asked.
//!
//! Passwords and keys were hidden before it gets here; what is shown never leaves this process with them.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use cronbus_adapters::bus::{Answers, NatsBus};
use cronbus_core::config::Provenance;
use cronbus_core::id::NodeName;

use super::parts::Reach;
use crate::web::configurations::{Configurations, Unknown};
use crate::web::view::SettingView;

/// What such questions between nodes are about.
const ABOUT: &str = "config";

/// What this node says of itself, and whom it can ask about others.
#[derive(Debug)]
pub(super) struct Profile {
    name: NodeName,
    settings: Mutex<Vec<SettingView>>,
    bus: Option<Arc<NatsBus>>,
}

impl Profile {
    /// Of the node of this name.
    pub(super) fn new(name: NodeName, provenance: &[Provenance], reach: &Reach) -> Self {
        let bus = match reach {
            Reach::Alone => None,
            Reach::Nats(bus) => Some(Arc::clone(bus)),
        };
        let profile = Self { name, settings: Mutex::default(), bus };
        profile.take(provenance);
        profile
    }

    /// Says this from now on.
    pub(super) fn take(&self, provenance: &[Provenance]) {
        let settings = provenance.iter().map(SettingView::from).collect();
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    /// Answers other nodes from now on.
    pub(super) fn answer(self: Arc<Self>, bus: &NatsBus) {
        bus.answer(ABOUT, self);
    }

    fn settings(&self) -> Vec<SettingView> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Answers for Profile {
    async fn answer(&self, _question: &[u8], _most: usize) -> Vec<u8> {
        serde_json::to_vec(&self.settings()).unwrap_or_default()
    }
}

#[async_trait]
impl Configurations for Profile {
    fn own(&self) -> Vec<SettingView> {
        self.settings()
    }

    async fn of(&self, node: &NodeName) -> Result<Vec<SettingView>, Unknown> {
        if *node == self.name {
            return Ok(self.settings());
        }
        let Some(bus) = &self.bus else { return Err(Unknown::NoSuchNode) };
        let unreachable = |reason: String| Unknown::Unreachable { reason };
        let answer = bus.ask(node, ABOUT, b"").await.map_err(|error| unreachable(error.to_string()))?;
        serde_json::from_slice(&answer).map_err(|error| unreachable(format!("its answer cannot be read: {error}")))
    }
}
