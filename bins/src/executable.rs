//! Where this program's file is: the one that was started, or what has been put in its place since.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// What the kernel says behind the path of a file that has been replaced or removed (proc(5), `/proc/[pid]/exe`).
const GONE: &[u8] = b" (deleted)";

/// The path of the file.
///
/// # Errors
/// When the system does not say.
pub(crate) fn path() -> Result<PathBuf> {
    let path = std::env::current_exe().context("the path of this executable could not be found")?;
    let bytes = path.as_os_str().as_bytes();
    Ok(bytes.strip_suffix(GONE).map_or_else(|| path.clone(), |path| OsStr::from_bytes(path).into()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_there() {
        assert!(super::path().unwrap().is_file());
    }
}
