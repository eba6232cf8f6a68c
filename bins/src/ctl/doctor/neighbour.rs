//! The node that runs on this data directory, if one does: how it is, as it says itself.

use std::time::Duration;

use cronbus_adapters::runner::Groups;
use cronbus_core::config::Config;
use cronbus_core::port::membership::Role;
use cronbus_core::port::operations::Health;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::finding::Finding;
use crate::ctl::client::Client;
use crate::ctl::connection::Connection;
use crate::node_file::{self, NodeFile};

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is found about it.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let directory = &config.node.data_dir;
    let Some(node) = node_file::read(directory).filter(lives) else {
        return vec![Finding::ok("node", "none with a web runs on this data directory")];
    };
    let connection = Connection::beside(directory);
    let asked = async { Client::new(&connection)?.health().await };
    let health = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(health)) => health,
        Ok(Err(error)) => return vec![silent(&node, &format!("{error:#}"))],
        Err(_) => return vec![silent(&node, &format!("no answer within {} s", PATIENCE.as_secs()))],
    };
    let mut findings = vec![of_version(&node)];
    findings.extend(of_limits(&node, config));
    findings.extend(ailing(&health));
    findings
}

/// Whether its process is there; one of another user counts, too.
fn lives(node: &NodeFile) -> bool {
    let Ok(pid) = i32::try_from(node.pid) else { return false };
    !matches!(kill(Pid::from_raw(pid), None), Err(nix::errno::Errno::ESRCH))
}

fn silent(node: &NodeFile, reason: &str) -> Finding {
    let detail = format!("{} (process {}) does not answer: {reason}", node.name, node.pid);
    Finding::fail("node", detail, "look at its log; start it again if it hangs")
}

fn of_version(node: &NodeFile) -> Finding {
    let NodeFile { name, version, pid, .. } = node;
    let detail = format!("{name} runs (process {pid}, version {version})");
    if version == env!("CARGO_PKG_VERSION") {
        return Finding::ok("node", detail);
    }
    let advice = format!("the executable here is {}: restart the node to run it", env!("CARGO_PKG_VERSION"));
    Finding::warn("node", detail, advice)
}

/// Whether it can hold runs to limits. One that cannot lacks nothing unless jobs have some.
fn of_limits(node: &NodeFile, config: &Config) -> Option<Finding> {
    config.node.roles.contains(&Role::Executor).then(|| {
        let detail = if Groups::has(node.pid) {
            "runs can be limited in memory, CPU and processes"
        } else {
            "runs of jobs with `limits` are not started by this node: see docs/operations.md, \"Limits of runs\""
        };
        Finding::ok("limits", detail)
    })
}

/// What it says is not well.
fn ailing(health: &Health) -> Vec<Finding> {
    let ill = health.parts.iter().filter(|(_, part)| !part.ok);
    let told = ill.map(|(name, part)| {
        let detail = format!("{name}: {}", part.detail);
        let advice = "see docs/operations.md, \"What an alarm asks of you\"";
        if name == Health::CLUSTER {
            Finding::warn("node", detail, advice)
        } else {
            Finding::fail("node", detail, advice)
        }
    });
    let mut findings: Vec<Finding> = told.collect();
    if findings.is_empty() {
        findings.push(Finding::ok(
            "node",
            if health.ready { "it is ready" } else { "it does not say why it is not ready" },
        ));
    }
    findings
}
