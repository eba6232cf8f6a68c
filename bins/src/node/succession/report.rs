//! `upgrade.json` in the data directory: how far the newest upgrade is, for `cronbus upgrade`.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The name of the file in the data directory.
const FILE_NAME: &str = "upgrade.json";

/// Whatever is longer is not such a file.
const LONGEST: u64 = 64 << 10;

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub(crate) enum Stage {
    /// The new process gets ready.
    UnderWay,
    /// The new process is the node.
    Done {
        /// Its number.
        new_process: u32,
        /// The version of its executable.
        new_version: String,
        /// How many runs go on in the old process.
        stayed: usize,
    },
    /// The old process goes on.
    Failed {
        /// Why.
        reason: String,
    },
}

/// The newest upgrade of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The process that was asked.
    pub(crate) process: u32,
    /// The version of its executable.
    pub(crate) version: String,
    /// How far it is.
    #[serde(flatten)]
    pub(crate) stage: Stage,
}

impl Report {
    /// What stands in the data directory.
    pub(crate) fn read(directory: &Path) -> Option<Self> {
        let mut text = String::new();
        fs::File::open(directory.join(FILE_NAME)).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Removes what stands there.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn clear(directory: &Path) -> io::Result<()> {
        match fs::remove_file(directory.join(FILE_NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Of this process.
    pub(super) fn note(directory: &Path, stage: Stage) {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let report = Self { process: std::process::id(), version, stage };
        let draft = directory.join(".upgrade.json.draft");
        let written =
            serde_json::to_vec_pretty(&report).map_err(io::Error::from).and_then(|text| fs::write(&draft, text));
        if let Err(error) = written.and_then(|()| fs::rename(&draft, directory.join(FILE_NAME))) {
            tracing::warn!(%error, "{FILE_NAME} could not be written: `cronbus upgrade` does not learn how far this is");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_until_it_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Report::read(folder.path()), None);
        Report::note(folder.path(), Stage::UnderWay);
        Report::note(folder.path(), Stage::Failed { reason: "because".to_owned() });
        let report = Report::read(folder.path()).unwrap();
        assert_eq!(
            (report.process, report.stage),
            (std::process::id(), Stage::Failed { reason: "because".to_owned() })
        );
        Report::clear(folder.path()).unwrap();
        Report::clear(folder.path()).unwrap();
        assert_eq!(Report::read(folder.path()), None);
    }
}
