//! Files that only the node may read: tokens and keys.

use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use cronbus_core::config::Config;
use nix::unistd::{AccessFlags, access};

use super::finding::Finding;
use crate::cluster_key;

/// What is found about them.
pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut findings: Vec<Finding> = cluster(config).into_iter().collect();
    let token = config.token_path();
    if token.exists() {
        findings.push(file("token", &token));
    }
    let named = [
        ("web.key_file", &config.web.key_file),
        ("bus.credentials_file", &config.bus.credentials_file),
        ("bus.nkey_file", &config.bus.nkey_file),
        ("bus.key_file", &config.bus.key_file),
        ("membership.key_file", &config.membership.key_file),
        ("guard.key_file", &config.guard.key_file),
    ];
    let given = named.into_iter().filter(|(_, path)| !path.as_os_str().is_empty());
    findings.extend(given.map(|(key, path)| file(key, path)));
    findings
}

/// The cluster's key, where a node needs one: whoever has it can have anything executed.
fn cluster(config: &Config) -> Option<Finding> {
    if config.bus.url.scheme() == "local" {
        return None;
    }
    let advice = "every node needs the same key; `cronbus cluster init` makes one";
    Some(match cluster_key::of(&config.cluster) {
        Ok(_) => Finding::ok("cluster.key", "can be used"),
        Err(error) => Finding::fail("cluster.key", error.to_string(), advice),
    })
}

fn file(check: &'static str, path: &Path) -> Finding {
    let shown = path.display();
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Finding::fail(check, format!("{shown} is not there"), "put it there, or name another file");
        }
        Err(error) => return Finding::fail(check, format!("{shown}: {error}"), "run this as the node's user"),
    };
    if access(path, AccessFlags::R_OK).is_err() {
        let advice = "give it to the user that the node runs as, or run this as that user";
        return Finding::fail(check, format!("{shown} may not be read (owner {})", found.uid()), advice);
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let detail = format!("{shown} can be read by others (mode {mode:04o})");
        return Finding::warn(
            check,
            detail,
            format!("`chmod 600 {shown}`; if anyone may have seen it, make a new one"),
        );
    }
    Finding::ok(check, format!("{shown} is the node's own"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctl::doctor::finding::Level;

    #[test]
    fn keys_that_others_can_read_or_that_are_not_there_are_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert_eq!(file("web.key_file", &path).level, Level::Fail);
        std::fs::write(&path, "x").unwrap();
        for (mode, level) in [(0o600, Level::Ok), (0o640, Level::Warn)] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            assert_eq!(file("web.key_file", &path).level, level);
        }
    }
}
