//! What makes a node the same before and after a restart: a random number kept in its data directory.
//!
//! It is no secret and proves nothing; it tells a node's own leftovers in the register of members from another node that
//! was given the same name.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result};

/// The name of the file in the data directory.
const FILE_NAME: &str = "node.identity";
/// In hexadecimal digits.
const LENGTH: usize = 32;

/// The identity kept in the directory, made at the first start.
///
/// # Errors
/// When the file cannot be read or written, or no random numbers can be had.
pub(super) fn ensure(directory: &Path) -> Result<String> {
    let path = directory.join(FILE_NAME);
    if let Some(kept) = read(&path) {
        return Ok(kept);
    }
    let mut bytes = [0_u8; LENGTH / 2];
    getrandom::fill(&mut bytes).context("no random number could be had for this node's identity")?;
    let mut identity = String::with_capacity(LENGTH);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(identity, "{byte:02x}");
    }
    let draft = directory.join(".node.identity.draft");
    let shown = path.display();
    std::fs::write(&draft, &identity).with_context(|| format!("{shown} could not be written"))?;
    std::fs::rename(&draft, &path).with_context(|| format!("{shown} could not be written"))?;
    Ok(identity)
}

/// What is not an identity is made anew.
fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    std::fs::File::open(path).ok()?.take(1_024).read_to_string(&mut text).ok()?;
    let identity = text.trim();
    let fits = identity.len() == LENGTH && identity.bytes().all(|digit| digit.is_ascii_hexdigit());
    fits.then(|| identity.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_made_once_and_kept() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = ensure(here.path()).unwrap();
        assert_eq!(ensure(here.path()).unwrap(), first);
        assert_ne!(ensure(there.path()).unwrap(), first);
        std::fs::write(here.path().join(FILE_NAME), "damaged").unwrap();
        assert_ne!(ensure(here.path()).unwrap(), first);
    }
}
