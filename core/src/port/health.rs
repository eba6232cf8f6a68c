//! Whether a service that a node leans on answers, and what it means when it does not.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What a node leans on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// The truth.
    Database,
    /// Messages between nodes.
    Bus,
    /// Which nodes live.
    Membership,
    /// What keeps the losers of a race away from the database.
    Guard,
}

impl Service {
    /// All of them, the one that is missed most first.
    pub const ALL: [Self; 4] = [Self::Database, Self::Bus, Self::Membership, Self::Guard];

    /// The word for it in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Bus => "bus",
            Self::Membership => "membership",
            Self::Guard => "guard",
        }
    }

    /// What a node does, and does not do, while it is away.
    #[must_use]
    pub const fn without(self) -> &'static str {
        match self {
            Self::Database => "nothing fires until it answers; then the gap is caught up",
            Self::Bus => "runs are created and wait; what executes goes on, and its outcomes are kept on disk",
            Self::Membership => {
                "the members last heard of are kept and nobody takes over partitions; a node whose lease may have \
                 ended starts nothing new"
            }
            Self::Guard => "runs are created by the database alone: more slowly, and still once",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a service answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It does.
    Up,
    /// It does not, or refuses.
    Away,
}

/// How a service was when this node last had to do with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Which service.
    pub service: Service,
    /// Whether it answers.
    pub state: Condition,
    /// Since when; absent when it has been so since this node started.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
    /// Where it is, or why it is away and what that means.
    pub detail: String,
}

impl Health {
    /// A service inside this process, which cannot be away.
    #[must_use]
    pub fn local(service: Service) -> Self {
        Self { service, state: Condition::Up, since: None, detail: "in this process".to_owned() }
    }

    /// Whether it answers.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.state == Condition::Up
    }
}
