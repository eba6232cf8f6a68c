//! Whether a node takes work, kept over its restarts: who drained a node for maintenance finds it drained after the
//! reboot, until it is undrained.
//!
//! The register of members says it to everybody; the file in the data directory says it to the node's next life.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cronbus_core::id::NodeName;
use cronbus_core::port::Membership;
use cronbus_core::port::membership::Availability;

/// The file in the data directory; it is there while the node is drained.
const FILE_NAME: &str = "node.draining";

/// What the former life of a node was told last.
pub(super) fn kept(directory: &Path) -> Availability {
    if directory.join(FILE_NAME).exists() { Availability::Draining } else { Availability::Active }
}

/// Follows what the register says of the node and keeps it, for ever.
pub(super) async fn note(membership: Arc<dyn Membership>, name: NodeName, directory: PathBuf) {
    let mut snapshot = membership.snapshot();
    loop {
        // A node that is not registered at the moment is told nothing.
        if let Some(member) = snapshot.members.iter().find(|member| member.name == name) {
            keep(&directory, member.state);
        }
        snapshot = membership.changed(snapshot.revision).await;
    }
}

fn keep(directory: &Path, state: Availability) {
    if kept(directory) == state {
        return;
    }
    let path = directory.join(FILE_NAME);
    let done = match state {
        Availability::Draining => std::fs::write(&path, "`cronbus nodes undrain` removes this file\n"),
        Availability::Active => std::fs::remove_file(&path),
    };
    match done {
        Ok(()) => tracing::info!("this node is {} now", state.as_str()),
        Err(error) => {
            tracing::warn!(%error, "{} could not be changed: a restart forgets that this node is {}", path.display(), state.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::local::membership::LocalMembership;
    use cronbus_core::suite::membership::member;

    #[tokio::test]
    async fn what_the_register_says_is_kept_over_restarts() {
        let directory = tempfile::tempdir().unwrap();
        let membership = Arc::new(LocalMembership::default());
        membership.join(member("a")).await.unwrap();
        let name = NodeName::new("a").unwrap();
        let noting = tokio::spawn(note(membership.clone(), name.clone(), directory.path().to_owned()));
        for state in [Availability::Draining, Availability::Active] {
            membership.set_state(&name, state).await.unwrap();
            tokio::time::timeout(std::time::Duration::from_secs(60), async {
                while kept(directory.path()) != state {
                    tokio::task::yield_now().await;
                }
            })
            .await
            .unwrap();
        }
        noting.abort();
    }
}
