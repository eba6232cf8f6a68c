//! The data directory: whether a node can keep what it must keep, and for how long.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use cronbus_core::config::Config;
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};

use super::finding::Finding;

/// Less room than this is used up by one busy day.
const ROOM: Limits = Limits { fail: 64 << 20, warn: 1 << 30 };

/// Each log and each outcome on its way is a file.
const FILES: Limits = Limits { fail: 1_000, warn: 50_000 };

/// When less is left than this, it is too little, or nearly so.
struct Limits {
    fail: u64,
    warn: u64,
}

/// What is found about it.
pub(super) fn look(config: &Config) -> Vec<Finding> {
    let path = &config.node.data_dir;
    match std::fs::metadata(path) {
        Ok(found) if !found.is_dir() => vec![Finding::fail(
            "data",
            format!("{} is no directory", path.display()),
            "name another one (node.data_dir, --data-dir)",
        )],
        Ok(found) => std::iter::once(usable(path, &found)).chain(left(path)).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let above = path.ancestors().skip(1).map(or_here).find(|above| above.is_dir()).unwrap_or(Path::new("/"));
            std::iter::once(can_be_made(path, above)).chain(left(above)).collect()
        }
        Err(error) => vec![Finding::fail("data", format!("{}: {error}", path.display()), OWNER)],
    }
}

/// What helps where the system refuses.
const OWNER: &str = "give it to the user that the node runs as, or run this as that user";

/// The folder above `data` is the one that we are in.
fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

fn can_be_made(path: &Path, above: &Path) -> Finding {
    let shown = path.display();
    if access(above, AccessFlags::W_OK | AccessFlags::X_OK).is_err() {
        return Finding::fail(
            "data",
            format!("{shown} is not there, and {} may not be written to", above.display()),
            OWNER,
        );
    }
    Finding::ok("data", format!("{shown} is not there yet; the first start makes it"))
}

fn usable(path: &Path, found: &Metadata) -> Finding {
    let shown = path.display();
    if access(path, AccessFlags::R_OK | AccessFlags::W_OK | AccessFlags::X_OK).is_err() {
        return Finding::fail("data", format!("{shown} may not be read and written (owner {})", found.uid()), OWNER);
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let advice = format!("`chmod 700 {shown}`: it has the administrator's token and what jobs print");
        return Finding::warn("data", format!("{shown} can be looked into by others (mode {mode:04o})"), advice);
    }
    Finding::ok("data", format!("{shown} is the node's own"))
}

/// How much room and how many files are left.
fn left(path: &Path) -> Vec<Finding> {
    let Ok(found) = statvfs(path) else { return Vec::new() };
    let room = found.blocks_available().saturating_mul(found.fragment_size());
    let gibibytes = room / (1 << 30);
    let mebibytes = room / (1 << 20);
    let told = if gibibytes > 0 { format!("{gibibytes} GiB are free") } else { format!("{mebibytes} MiB are free") };
    let mut findings =
        vec![judged("disk", room, &ROOM, told, "make room, or lower retention.runs_age and retention.log_age")];
    // Some file systems count no files.
    if found.files() > 0 {
        let files = found.files_available();
        let advice = "remove what is not needed, or lower retention.log_age: each log is a file";
        findings.push(judged("inodes", files, &FILES, format!("{files} more files can be made"), advice));
    }
    findings
}

fn judged(check: &'static str, left: u64, limits: &Limits, told: String, advice: &str) -> Finding {
    match left {
        left if left < limits.fail => Finding::fail(check, told, advice),
        left if left < limits.warn => Finding::warn(check, told, advice),
        _ => Finding::ok(check, told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctl::doctor::finding::Level;

    #[test]
    fn what_is_left_is_judged_by_both_limits() {
        let limits = Limits { fail: 10, warn: 100 };
        for (left, level) in
            [(0, Level::Fail), (9, Level::Fail), (10, Level::Warn), (99, Level::Warn), (100, Level::Ok)]
        {
            assert_eq!(judged("disk", left, &limits, String::new(), "").level, level, "{left}");
        }
    }

    #[test]
    fn a_directory_that_others_may_look_into_is_told_of_and_none_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.node.data_dir = folder.path().join("a/b");
        assert_eq!(look(&config)[0].level, Level::Ok);
        assert!(!config.node.data_dir.exists() && !folder.path().join("a").exists());

        config.node.data_dir = folder.path().to_owned();
        for (mode, level) in [(0o700, Level::Ok), (0o755, Level::Warn)] {
            std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
            assert_eq!(look(&config)[0].level, level);
        }
    }
}
