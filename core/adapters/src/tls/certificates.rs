//! Certificates for the connections to services: files, read. What is in them is judged by the drivers.

use std::path::{Path, PathBuf};

/// A file of certificates that is longer is not one.
const MAX_BYTES: u64 = 1 << 20;

/// What servers are checked against and what they are shown. All of it is PEM.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Certificates {
    /// What the servers' certificates are checked against; absent: the system's.
    pub authorities: Option<Vec<u8>>,
    /// What this node shows; absent: nothing.
    pub own: Option<Identity>,
}

/// A certificate and its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, and those between it and an authority.
    pub certificate: Vec<u8>,
    /// Its key.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { authorities, own } = self;
        write!(f, "Certificates {{ authorities: {}, own: {} }}", authorities.is_some(), own.is_some())
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

/// The certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("{key}: the file {} cannot be read: {reason}", path.display())]
    Unreadable {
        /// The key that names it.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Only one half of certificate and key was given.
    #[error("certificate_file and key_file belong together: give both or neither")]
    HalfAnIdentity,
}

impl Certificates {
    /// Reads the files of `ca_file`, `certificate_file` and `key_file`; an empty path stands for none.
    ///
    /// # Errors
    /// When a file cannot be read, or a certificate has no key or the other way round.
    pub fn read(authorities: &Path, certificate: &Path, key: &Path) -> Result<Self, Error> {
        let own = pair(certificate, key)?.map(|(certificate, key)| Identity::read(certificate, key)).transpose()?;
        let authorities = given(authorities).map(|path| content("ca_file", path)).transpose()?;
        Ok(Self { authorities, own })
    }

    /// Whether there is anything in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.authorities.is_none() && self.own.is_none()
    }
}

impl Identity {
    /// Reads the files of `certificate_file` and `key_file`.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, Error> {
        Ok(Self { certificate: content("certificate_file", certificate)?, key: content("key_file", key)? })
    }
}

/// A certificate and its key, or neither; an empty path stands for none.
///
/// # Errors
/// When there is one without the other.
pub fn pair<'path>(certificate: &'path Path, key: &'path Path) -> Result<Option<(&'path Path, &'path Path)>, Error> {
    match (given(certificate), given(key)) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        _ => Err(Error::HalfAnIdentity),
    }
}

fn given(path: &Path) -> Option<&Path> {
    (!path.as_os_str().is_empty()).then_some(path)
}

fn content(key: &'static str, path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |reason| Error::Unreadable { key, path: path.to_owned(), reason };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(unreadable(std::io::Error::other("it is too long for certificates")));
    }
    std::fs::read(path).map_err(unreadable)
}
