//! What the keeper leaves for those who ask.

use std::time::Duration;

use cronbus_core::id::NodeName;
use cronbus_core::port::membership::{Availability, Error, Member, Snapshot};
use tokio::sync::{oneshot, watch};

use super::lease::Lease;
use crate::watched::Watched;

/// Written by the keeper, read by everybody.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) lease: Lease,
    pub(super) snapshot: watch::Sender<Snapshot>,
    pub(super) watched: Watched,
}

/// What the keeper is asked to do.
#[derive(Debug)]
pub(super) enum Command {
    /// Register this node, or change its record.
    Join(Box<Member>, oneshot::Sender<Result<(), Error>>),
    /// Say on a node's behalf whether it takes work.
    SetState(NodeName, Availability, oneshot::Sender<Result<bool, Error>>),
    /// Take it out.
    Leave(oneshot::Sender<Result<(), Error>>),
    /// Act for it no more, and leave its record to its successor.
    Retire(oneshot::Sender<()>),
}

/// How the keeper works.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    pub(super) identity: String,
    pub(super) time_to_live: Duration,
}

impl Manner {
    /// Between two beats, and how long a request may take: several fail before the lease is over.
    pub(super) fn beat(&self) -> Duration {
        self.time_to_live / 4
    }
}

pub(super) fn unreachable(reason: impl ToString) -> Error {
    Error::Unreachable { reason: reason.to_string() }
}

pub(super) fn taken(name: &NodeName, address: &str) -> Error {
    Error::NameTaken { name: name.clone(), address: address.to_owned() }
}
