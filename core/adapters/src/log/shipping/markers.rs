//! Which logs are not sent to their end: a folder with a link to each.
//!
//! A link is one name on the disk, made before the log's first byte, removed after its last was acknowledged. What it
//! leads to may be gone: retention asks nobody.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cronbus_core::id::RunId;

use super::super::place;

/// The folder of the links, beside the days.
const FOLDER: &str = "unsent";

/// The links.
#[derive(Clone, Debug)]
pub(in crate::log) struct Markers {
    folder: Arc<Path>,
}

impl Markers {
    /// Those of the logs in a folder.
    pub(in crate::log) fn open(logs: &Path) -> io::Result<Self> {
        let folder = logs.join(FOLDER);
        fs::create_dir_all(&folder)?;
        Ok(Self { folder: folder.into() })
    }

    /// Notes that a log is to be sent.
    pub(in crate::log) fn set(&self, log: &Path) -> io::Result<()> {
        let Some(name) = log.file_name() else { return Ok(()) };
        let target = match log.strip_prefix(self.folder.parent().unwrap_or(&self.folder)) {
            Ok(inside) => Path::new("..").join(inside),
            Err(_) => log.to_owned(),
        };
        match symlink(target, self.folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether a log is to be sent still.
    pub(in crate::log) fn has(&self, run: RunId) -> bool {
        self.folder.join(format!("{run}.log")).symlink_metadata().is_ok()
    }

    /// Notes that a log was sent to its end, or never will be.
    pub(super) fn remove(&self, run: RunId) -> io::Result<()> {
        match fs::remove_file(self.folder.join(format!("{run}.log"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// At most `limit` of the logs that are to be sent and are not `known`.
    pub(super) fn list(&self, limit: usize, known: impl Fn(RunId) -> bool) -> io::Result<Vec<(RunId, PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            if found.len() >= limit {
                break;
            }
            let path = entry?.path();
            found.extend(place::run_of(&path).filter(|run| !known(*run)).map(|run| (run, path)));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::suite::log::subject;

    #[test]
    fn a_log_is_found_until_it_was_sent() {
        let folder = tempfile::tempdir().unwrap();
        let markers = Markers::open(folder.path()).unwrap();
        let subject = subject("a/b", 1_795_338_000, 1);
        let path = place::path(folder.path(), &subject);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "text").unwrap();
        markers.set(&path).unwrap();
        markers.set(&path).unwrap();
        let listed = Markers::open(folder.path()).unwrap().list(10, |_| false).unwrap();
        assert_eq!(listed.iter().map(|(run, _)| *run).collect::<Vec<_>>(), [subject.run]);
        assert_eq!(fs::read_to_string(&listed[0].1).unwrap(), "text");
        assert!(markers.list(10, |run| run == subject.run).unwrap().is_empty());
        markers.remove(subject.run).unwrap();
        markers.remove(subject.run).unwrap();
        assert!(markers.list(10, |_| false).unwrap().is_empty() && path.exists());
    }
}
