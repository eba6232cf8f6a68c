//! Keys that nodes share: made once, given to every node that needs it, read when a node starts. One is what the nodes of a
//! cluster know each other by, one is what secrets are sealed with.
//!
//! What is done with them is in the core; here they are files that only their owner may read, or variables.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use cronbus_core::config::{Cluster, Secret};
use cronbus_core::wire::signing::{KeyError, Keyring};

/// How many random bytes a key has.
const KEY_BYTES: usize = 32;

/// Two keys with comments; whatever is much longer is not a key file.
const LONGEST_FILE: u64 = 4096;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The nodes of a cluster know each other by it.
    Cluster,
    /// Secrets are sealed with it.
    Secrets,
}

impl Purpose {
    /// The section of the configuration that has it.
    const fn section(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Secrets => "secrets",
        }
    }

    /// What makes one.
    const fn maker(self) -> &'static str {
        match self {
            Self::Cluster => "cronbus cluster init --key-file FILE",
            Self::Secrets => "cronbus secret init --key-file FILE",
        }
    }
}

/// A key that cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// None was given.
    #[error(
        "bus.url leads to other hosts, and there is no cluster key to know their messages by: make one with `cronbus \
         cluster init --key-file FILE`, give the same to every node, and set cluster.key_file (or CRONBUS_CLUSTER__KEY)"
    )]
    Missing,
    /// The system refused.
    #[error("the key file {} could not be {what}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// There is one already.
    #[error(
        "{} is there already and is left as it is: whoever shares the key in it needs it still. Choose another file; to \
         change the key, put the new one beside the old one in the file of every node",
        path.display()
    )]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// Others can read it.
    #[error(
        "the key file {} can be read by others (mode {mode:04o}): `chmod 600` it, and if anyone may have seen it, make a \
         new one",
        path.display()
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// What was given is no key.
    #[error("{place}: {reason}; `{}` makes a key", purpose.maker())]
    Unusable {
        /// What it is for.
        purpose: Purpose,
        /// Where it was given.
        place: String,
        /// What is wrong with it.
        reason: KeyError,
    },
}

/// The keys that a node is given.
///
/// # Errors
/// When it is given none, or what it is given cannot be used.
pub(crate) fn of(cluster: &Cluster) -> Result<Keyring, Error> {
    given(&cluster.key, &cluster.key_file, Purpose::Cluster)?.ok_or(Error::Missing)
}

/// The keys of a variable, or of a file; absent when neither is given.
///
/// # Errors
/// When what is given cannot be used.
pub(crate) fn given(key: &Secret, file: &Path, purpose: Purpose) -> Result<Option<Keyring>, Error> {
    if let Some(text) = key.reveal() {
        let place = || format!("{}.key", purpose.section());
        return Keyring::parse(text).map(Some).map_err(|reason| Error::Unusable { purpose, place: place(), reason });
    }
    if file.as_os_str().is_empty() {
        return Ok(None);
    }
    in_file(file, purpose).map(Some)
}

/// The keys of a file.
///
/// # Errors
/// When it cannot be read, others can, or it has no keys.
pub(crate) fn in_file(file: &Path, purpose: Purpose) -> Result<Keyring, Error> {
    let text = read(file)?;
    let place = || format!("the key file {} ({}.key_file)", file.display(), purpose.section());
    Keyring::parse(&text).map_err(|reason| Error::Unusable { purpose, place: place(), reason })
}

fn read(path: &Path) -> Result<String, Error> {
    let failed = |what| move |source| Error::Io { path: path.to_owned(), what, source };
    let file = File::open(path).map_err(failed("opened"))?;
    let mode = file.metadata().map_err(failed("looked at"))?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Error::Exposed { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.take(LONGEST_FILE).read_to_string(&mut text).map_err(failed("read"))?;
    Ok(text)
}

/// Makes a key in a file that is not there yet.
///
/// # Errors
/// When the file is there, or cannot be made.
pub(crate) fn create(path: &Path) -> Result<(), Error> {
    let failed = |what| move |source| Error::Io { path: path.to_owned(), what, source };
    let mut random = [0_u8; KEY_BYTES];
    getrandom::fill(&mut random).map_err(|error| failed("given random bytes")(io::Error::other(error)))?;
    let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Error::Exists { path: path.to_owned() });
        }
        opened => opened.map_err(failed("created"))?,
    };
    writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(failed("written"))
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};

    use super::*;

    fn given(path: &Path) -> Cluster {
        Cluster { key_file: path.to_owned(), ..Cluster::default() }
    }

    #[test]
    fn it_is_made_once_and_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cluster.key");
        create(&path).unwrap();
        of(&given(&path)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(matches!(create(&path), Err(Error::Exists { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(of(&given(&path)), Err(Error::Exposed { mode: 0o640, .. })));
    }

    #[test]
    fn it_comes_from_the_environment_first_and_none_is_an_error_that_says_how_to_make_one() {
        let key = Secret::new("ab".repeat(32));
        of(&Cluster { key, ..given(Path::new("/nowhere")) }).unwrap();
        assert!(of(&Cluster::default()).unwrap_err().to_string().contains("cronbus cluster init"));
        let error = of(&Cluster { key: Secret::new("hunter2"), ..Cluster::default() }).unwrap_err();
        assert!(!error.to_string().contains("hunter2") && error.to_string().contains("cluster.key"), "{error}");
    }
}
