//! Where the supervisors of runs are found, and what is done where they are not.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cronbus_adapters::runner::{Groups, ShimSettings};
use cronbus_core::config::{Config, Origin, Provenance};
use cronbus_core::job::Isolation;

/// The name of the executable.
const NAME: &str = "cronbus-shim";

/// How runs outlive this node; `None` where they do not.
///
/// # Errors
/// When somebody said that they shall, and the executable is not there.
pub(super) fn settings(config: &Config, provenance: &[Provenance], runs: &Path) -> Result<Option<ShimSettings>> {
    let is_default = config.executor.isolation == Isolation::Shim;
    let executable = executable(&config.executor.shim)?;
    if nix::unistd::access(&executable, nix::unistd::AccessFlags::X_OK).is_ok() {
        // The node may be started with a path that means something else in the folder of a shim.
        let executable = executable.canonicalize().unwrap_or(executable);
        let groups = Groups::of_this_process();
        if let Some(why) = groups.lack() {
            tracing::debug!(why, "runs of jobs with `limits` are not started on this node");
        }
        return Ok(Some(ShimSettings { executable, folder: absolute(runs)?, is_default, groups }));
    }
    let asked = |key: &str| provenance.iter().any(|entry| entry.key == key && !matches!(entry.origin, Origin::Default));
    if is_default && (asked("executor.isolation") || asked("executor.shim")) {
        bail!(
            "executor.isolation = \"shim\": there is no executable {}: install it beside `cronbus`, name it by \
             executor.shim, or write executor.isolation = \"inline\"",
            executable.display()
        );
    }
    if is_default {
        tracing::warn!(
            "there is no executable {}: shell runs do not outlive this node (executor.isolation is \"inline\" in effect)",
            executable.display()
        );
    }
    Ok(None)
}

fn executable(named: &Path) -> Result<PathBuf> {
    if !named.as_os_str().is_empty() {
        return Ok(named.to_owned());
    }
    Ok(crate::executable::path()?.with_file_name(NAME))
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("{} is no path", path.display()))
}
