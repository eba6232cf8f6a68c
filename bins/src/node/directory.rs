//! The data directory of a node, and the lock that keeps a second node out of it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The file that is locked; it holds the process id of who locked it.
const LOCK_FILE: &str = "node.lock";

/// A data directory that this process alone uses, until this is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    lock: File,
}

impl DataDirectory {
    /// Makes the directory where it is missing, for its owner only, and locks it.
    ///
    /// # Errors
    /// When it cannot be made or written to, or another node uses it.
    pub(super) fn lock(path: &Path) -> Result<Self> {
        let shown = path.display();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("the data directory {shown} could not be made; choose another with --data-dir"))?;
        let path = path.canonicalize().with_context(|| format!("the data directory {shown} could not be found"))?;
        let lock = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path.join(LOCK_FILE));
        let mut lock = lock.with_context(|| format!("the data directory {shown} cannot be written to"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "the data directory {shown} is used by another node (process {}): stop that one, or give this one \
                 another --data-dir",
                number(&mut lock).map_or_else(|| "unknown".to_owned(), |number| number.to_string())
            ),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("the data directory {shown} could not be locked"));
            }
        }
        let mut directory = Self { path, lock };
        directory.sign()?;
        Ok(directory)
    }

    /// One that a predecessor has locked for its successor, too.
    ///
    /// # Errors
    /// When it is not there.
    pub(super) fn inherited(path: &Path, lock: OwnedFd) -> Result<Self> {
        let shown = path.display();
        let path = path.canonicalize().with_context(|| format!("the data directory {shown} could not be found"))?;
        Ok(Self { path, lock: lock.into() })
    }

    /// Says which process uses it.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub(super) fn sign(&mut self) -> Result<()> {
        // Whoever reads meanwhile sees the one or the other.
        let text = format!("{}\n", std::process::id());
        self.lock.rewind()?;
        self.lock.write_all(text.as_bytes())?;
        self.lock.set_len(text.len() as u64)?;
        Ok(())
    }

    /// The lock, for a successor.
    ///
    /// # Errors
    /// When there is no descriptor left.
    pub(super) fn lock_again(&self) -> std::io::Result<OwnedFd> {
        self.lock.try_clone().map(OwnedFd::from)
    }

    /// The process that uses a data directory; `None` where none does.
    ///
    /// # Errors
    /// When there is no such directory, or one may not look.
    pub(crate) fn user(path: &Path) -> Result<Option<u32>> {
        let shown = path.display();
        let lock = OpenOptions::new().read(true).write(true).open(path.join(LOCK_FILE));
        let mut lock = match lock {
            Err(error) if error.kind() == ErrorKind::NotFound && path.is_dir() => return Ok(None),
            lock => lock.with_context(|| {
                format!(
                    "the data directory {shown} could not be looked into; name the node's with --data-dir or --config"
                )
            })?,
        };
        match lock.try_lock() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(number(&mut lock)),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("the lock of {shown} could not be seen"))
            }
        }
    }

    /// Where it is, from the root.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn number(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.take(32).read_to_string(&mut text).ok()?;
    text.lines().next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_second_node_is_kept_out_and_told_by_whom() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let first = DataDirectory::lock(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let message = DataDirectory::lock(&path).unwrap_err().to_string();
        assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
        assert_eq!(DataDirectory::user(&path).unwrap(), Some(std::process::id()));
        let again = DataDirectory::inherited(&path, first.lock_again().unwrap()).unwrap();
        drop(first);
        assert!(DataDirectory::lock(&path).is_err(), "who inherited it has it");
        drop(again);
        assert_eq!(DataDirectory::user(&path).unwrap(), None);
        DataDirectory::lock(&path).unwrap();
    }
}
