//! Roles that nobody plays: said in the log when it begins and when it ends, and to those who ask how the cluster is.
//!
//! A node cannot do anything about it, and does what it is there for all the same: it stays ready.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::port::membership::{Member, Role};
use cronbus_core::port::operations::PartHealth;
use cronbus_core::port::{Clock, Membership};
use cronbus_core::route;

/// What is lacking no longer than this is not worth a line: a node that is started again, a cluster that is coming up.
const WORTH_A_LINE: Duration = Duration::from_secs(5);

/// Follows the members and says what is lacking, for ever.
pub(super) async fn tell(membership: Arc<dyn Membership>, clock: Arc<dyn Clock>) {
    let mut told = Vec::new();
    loop {
        let snapshot = membership.snapshot();
        let mut lacking = route::lacking(&snapshot.members);
        if lacking.iter().any(|role| !told.contains(role)) {
            clock.sleep(WORTH_A_LINE).await;
            let now = route::lacking(&membership.snapshot().members);
            lacking.retain(|role| now.contains(role));
        }
        for role in lacking.iter().filter(|role| !told.contains(*role)) {
            tracing::warn!("{}", route::lack(*role));
        }
        for role in told.iter().filter(|role: &&Role| !lacking.contains(*role)) {
            tracing::info!("an active node plays {} again", role.as_str());
        }
        told = lacking;
        membership.changed(snapshot.revision).await;
    }
}

/// How the cluster is, as far as its roles go.
pub(super) fn health(members: &[Member]) -> PartHealth {
    let lacking = route::lacking(members);
    if lacking.is_empty() {
        return PartHealth::well("every role that is needed is played");
    }
    PartHealth::ill(lacking.into_iter().map(route::lack).collect::<Vec<_>>().join(". "))
}
