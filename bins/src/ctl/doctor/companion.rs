//! What a node starts besides jobs: their shell, and the supervisors that let their runs outlive it.

use std::path::PathBuf;

use cronbus_core::config::Config;
use cronbus_core::job::Isolation;
use cronbus_core::port::membership::Role;
use nix::unistd::{AccessFlags, access};

use super::finding::Finding;

/// What is found about it.
pub(super) fn look(config: &Config) -> Vec<Finding> {
    if !config.node.roles.contains(&Role::Executor) {
        return Vec::new();
    }
    std::iter::once(shell(config)).chain(shim(config)).collect()
}

fn shell(config: &Config) -> Finding {
    let shell = &config.executor.shell;
    let shown = shell.display();
    if access(shell, AccessFlags::X_OK).is_ok() {
        return Finding::ok("shell", format!("{shown} can be executed"));
    }
    let advice = "name another (executor.shell): no command of a job can run";
    Finding::fail("shell", format!("{shown} cannot be executed"), advice)
}

/// A node whose runs are inline needs none.
fn shim(config: &Config) -> Option<Finding> {
    if config.executor.isolation != Isolation::Shim {
        return None;
    }
    let beside = || Some(std::env::current_exe().ok()?.with_file_name("cronbus-shim"));
    let named = Some(config.executor.shim.clone()).filter(|path: &PathBuf| !path.as_os_str().is_empty());
    let path = named.or_else(beside)?;
    let shown = path.display();
    if access(&path, AccessFlags::X_OK).is_ok() {
        return Some(Finding::ok("shim", format!("{shown} can be executed: shell runs outlive the node")));
    }
    let advice = "install it beside `cronbus`, name it (executor.shim), or write executor.isolation = \"inline\": without it \
                  shell runs end with the node";
    Some(Finding::warn("shim", format!("{shown} cannot be executed"), advice))
}
