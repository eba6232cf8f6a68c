//! What a node starts besides jobs: their shell.

use cronbus_core::config::Config;
use cronbus_core::port::membership::Role;
use nix::unistd::{AccessFlags, access};

use super::finding::Finding;

/// What is found about it.
pub(super) fn look(config: &Config) -> Vec<Finding> {
    if !config.node.roles.contains(&Role::Executor) {
        return Vec::new();
    }
    let shell = &config.executor.shell;
    let shown = shell.display();
    if access(shell, AccessFlags::X_OK).is_ok() {
        return vec![Finding::ok("shell", format!("{shown} can be executed"))];
    }
    let advice = "name another (executor.shell): no command of a job can run";
    vec![Finding::fail("shell", format!("{shown} cannot be executed"), advice)]
}
