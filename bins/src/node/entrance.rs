//! Waiting for the register of members: a node that starts while it is away has nobody to work with yet.

use std::time::Duration;

use cronbus_core::port::membership::{Error, Member};
use cronbus_core::port::{Clock, Membership};

use crate::signal::{Signals, Wish};

/// Between two tries.
const RETRY: Duration = Duration::from_millis(500);

/// Registers this node as soon as the register answers. False when a signal ended the wait.
///
/// # Errors
/// When the register refuses this node.
pub(super) async fn enter(
    membership: &dyn Membership,
    member: &Member,
    clock: &dyn Clock,
    signals: &mut Signals,
) -> Result<bool, Error> {
    loop {
        let joined = tokio::select! {
            joined = membership.join(member.clone()) => joined,
            () = end(signals) => return Ok(false),
        };
        match joined {
            Err(error) if error.is_retryable() => tracing::debug!(%error, "waiting for the register of members"),
            other => return other.map(|()| true),
        }
        tokio::select! {
            () = clock.sleep(RETRY) => {}
            () = end(signals) => return Ok(false),
        }
    }
}

async fn end(signals: &mut Signals) {
    while signals.next().await != Wish::End {}
}
