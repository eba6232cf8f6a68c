//! What a node says of itself.

use anyhow::Result;
use cronbus_core::config::Config;
use cronbus_core::id::NodeName;
use cronbus_core::port::membership::{Availability, Member, Role};
use cronbus_core::time::Timestamp;

use super::doors::{Door, Doors};
use crate::host;

/// The name of a node on a host that has none.
const NAMELESS: &str = "node";

/// What this node says of itself, started at `started_at`, asked at its doors, taking work or not.
///
/// # Errors
/// When the configured name cannot name a node.
pub(super) fn member(config: &Config, doors: &Doors, started_at: Timestamp, state: Availability) -> Result<Member> {
    let name = if config.node.name.is_empty() { usable(&host::name()) } else { config.node.name.clone() };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let executes = config.node.roles.contains(&Role::Executor);
    Ok(Member {
        name: NodeName::new(&name)?,
        address: Door::address(doors.web.as_ref()),
        health_address: Door::address(doors.health.as_ref()),
        roles: config.node.roles.iter().copied().collect(),
        groups: config.node.groups.iter().cloned().collect(),
        labels: config.node.labels.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        capacity: if executes { config.executor.slots_on(cores) } else { 0 },
        state,
        started_at,
        waits_for_leave: true,
        leased_at: None,
    })
}

/// A host's name as a node's: what a node's name may not have becomes `-`.
fn usable(host: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let name: String = host.chars().map(allowed).take(64).collect();
    let name = name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    if name.is_empty() { NAMELESS.to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_host_name_gives_a_usable_name(host in ".{0,80}") {
            prop_assert!(NodeName::new(&usable(&host)).is_ok());
        }
    }
}
