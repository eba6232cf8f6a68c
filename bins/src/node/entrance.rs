//! Waiting for the register of members: a node that starts while it is away has nobody to work with yet.

use std::time::Duration;

use anyhow::Result;
use cronbus_core::port::health::Service;
use cronbus_core::port::membership::Member;
use cronbus_core::port::{Clock, Membership};
use tokio::sync::watch;

use super::waiting::{Receiving, Reception};
use crate::signal::{Signals, Wish};

/// Between two tries.
const RETRY: Duration = Duration::from_millis(500);

/// Registers this node as soon as the register answers; until then, those who ask the node are told that it waits. False
/// when a signal ended the wait.
///
/// # Errors
/// When the register refuses this node, or a socket cannot be used.
pub(super) async fn enter(
    membership: &dyn Membership,
    member: &Member,
    clock: &dyn Clock,
    receptions: &[Reception<'_>],
    signals: &mut Signals,
) -> Result<bool> {
    let reason = watch::Sender::new(String::new());
    let mut receiving = None;
    let entered = loop {
        let joined = tokio::select! {
            joined = membership.join(member.clone()) => joined,
            () = end(signals) => break Ok(false),
        };
        match joined {
            Err(error) if error.is_retryable() => {
                tracing::debug!(%error, "waiting for the register of members");
                reason.send_replace(error.to_string());
            }
            other => break other.map(|()| true),
        }
        if receiving.is_none() {
            receiving = Some(Receiving::begin(receptions, Service::Membership, &reason)?);
        }
        tokio::select! {
            () = clock.sleep(RETRY) => {}
            () = end(signals) => break Ok(false),
        }
    };
    if let Some(receiving) = receiving {
        receiving.end().await;
    }
    Ok(entered?)
}

async fn end(signals: &mut Signals) {
    while signals.next().await != Wish::End {}
}
