//! The admin token: made at a node's first start, kept in its data directory, shown by whoever asks the node anything.
//!
//! There is no default token and no way to run without one.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How many random bytes a token has.
const TOKEN_BYTES: usize = 32;

/// A token file holds one line of 64 characters; whatever is much longer is not one.
const LONGEST_FILE: u64 = 4096;

/// A secret text. It compares in constant time, and never shows itself in logs.
#[derive(Clone)]
pub(crate) struct Token {
    text: String,
    digest: [u8; 32],
}

impl Token {
    /// A token of this text.
    pub(crate) fn from_text(text: &str) -> Self {
        Self { text: text.to_owned(), digest: Sha256::digest(text.as_bytes()).into() }
    }

    /// The text, for the one place that sends it.
    pub(crate) fn reveal(&self) -> &str {
        &self.text
    }

    /// A number that another token has not: sessions that were opened with that one are over.
    pub(crate) fn generation(&self) -> i64 {
        let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(self.digest).into();
        i64::from(u32::from_be_bytes([a, b, c, d]))
    }

    /// Whether `shown` is this token. The time it takes tells nothing of where they differ, or of the token's length.
    pub(crate) fn matches(&self, shown: &[u8]) -> bool {
        let shown: [u8; 32] = Sha256::digest(shown).into();
        self.digest.ct_eq(&shown).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A token file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The system refused.
    #[error("the token file {} could not be {what}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Others can read it.
    #[error(
        "the token file {} can be read by others (mode {mode:04o}): `chmod 600` it, and if anyone may have seen it, \
         remove it and start the node again, which makes a new one",
        path.display()
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds nothing that could be a token.
    #[error(
        "the token file {} holds no token of 32 to 512 printable characters: remove it and start the node again, \
         which makes a new one",
        path.display()
    )]
    Unusable {
        /// Which file.
        path: PathBuf,
    },
}

/// The token in the file `path`, made now if there is none yet. Several nodes may be given the same file: one of
/// them makes it.
///
/// # Errors
/// When the file cannot be read or made, others can read it, or it holds no token.
pub(crate) fn ensure(path: &Path) -> Result<Token, Error> {
    match read(path) {
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => match create(path) {
            // Another node, which is given the same file, was first.
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => read(path),
            made => made,
        },
        other => other,
    }
}

/// The token in the file `path`.
///
/// # Errors
/// As [`ensure`], and when there is no such file.
pub(crate) fn read(path: &Path) -> Result<Token, Error> {
    let failed = |what| move |source| Error::Io { path: path.to_owned(), what, source };
    let file = File::open(path).map_err(failed("opened"))?;
    let mode = file.metadata().map_err(failed("looked at"))?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Error::Exposed { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.take(LONGEST_FILE).read_to_string(&mut text).map_err(failed("read"))?;
    let text = text.trim();
    let is_plausible = (32..=512).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic());
    if is_plausible { Ok(Token::from_text(text)) } else { Err(Error::Unusable { path: path.to_owned() }) }
}

/// Writes a new token beside its place and links it there, so that no crash leaves half of one, and no one's token is
/// ever replaced.
fn create(path: &Path) -> Result<Token, Error> {
    let failed = |what| move |source| Error::Io { path: path.to_owned(), what, source };
    let mut random = [0_u8; TOKEN_BYTES];
    getrandom::fill(&mut random).map_err(|error| failed("given random bytes")(io::Error::other(error)))?;
    let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();

    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(failed("created"))?;
    let written = writeln!(file, "{text}").and_then(|()| file.sync_all());
    let linked = written.and_then(|()| std::fs::hard_link(&draft, path));
    std::fs::remove_file(&draft).map_err(failed("tidied up"))?;
    linked.map_err(failed("written"))?;
    Ok(Token::from_text(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("admin.token");
        let first = ensure(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(first.reveal().len(), 64);
        assert!(ensure(&path).unwrap().matches(first.reveal().as_bytes()));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        assert!(!format!("{first:?}").contains(first.reveal()));
    }

    #[test]
    fn all_who_need_it_at_once_have_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("admin.token");
        let first = create(&path).unwrap();
        assert!(
            matches!(create(&path), Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists)
        );
        assert!(ensure(&path).unwrap().matches(first.reveal().as_bytes()));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_that_others_can_read_or_that_is_empty_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("admin.token");
        let first = ensure(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(ensure(&path), Err(Error::Exposed { mode: 0o644, .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "\n").unwrap();
        assert!(matches!(ensure(&path), Err(Error::Unusable { .. })));
        assert!(!first.matches(b""));
    }
}
