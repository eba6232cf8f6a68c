//! Where a server lives, and small helpers of its preparation.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::network;

/// Its ports and its folder.
#[derive(Debug)]
pub(crate) struct Place {
    /// Where clients connect.
    pub(crate) port: u16,
    /// A second port, for what only the server itself uses.
    pub(crate) inner_port: u16,
    /// A third, where one that speaks TLS is asked without it whether it is ready.
    pub(crate) plain_port: u16,
    /// Its data, its log and nothing else.
    pub(crate) folder: PathBuf,
    /// Arguments of whoever started it.
    pub(crate) extra: Vec<String>,
    /// What it shows to its clients, where it speaks TLS with them.
    pub(crate) encryption: Option<Encryption>,
}

/// How a server speaks TLS, all of it files in PEM.
#[derive(Clone, Debug)]
pub struct Encryption {
    /// Its certificate.
    pub certificate: PathBuf,
    /// The key to it.
    pub key: PathBuf,
    /// The authorities.
    pub authorities: PathBuf,
    /// Whether its clients must show a certificate from one of them.
    pub asks_clients: bool,
}

impl Encryption {
    /// The three files as arguments, after these words.
    pub(crate) fn arguments(&self, [certificate, key, authorities]: [&str; 3]) -> [String; 6] {
        let text = |path: &Path| path.display().to_string();
        [
            certificate.to_owned(),
            text(&self.certificate),
            key.to_owned(),
            text(&self.key),
            authorities.to_owned(),
            text(&self.authorities),
        ]
    }
}

impl Place {
    /// A file or folder of the server.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What the server answers to `question`, its first bytes; with an empty question what it says by itself.
    pub(crate) fn ask(&self, question: &[u8]) -> Option<Vec<u8>> {
        Self::ask_at(self.port, question)
    }

    /// The same of another of its ports.
    pub(crate) fn ask_at(port: u16, question: &[u8]) -> Option<Vec<u8>> {
        let mut stream = network::connect(port)?;
        stream.write_all(question).ok()?;
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer).ok()?;
        answer.truncate(length);
        Some(answer)
    }
}

/// The first of `places` that exists; names without a slash are looked for in the search path.
pub(crate) fn find(
    program: &'static str,
    package: &'static str,
    places: impl IntoIterator<Item = PathBuf>,
) -> Result<PathBuf, Error> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .chain([Path::new("/usr/sbin").join(program)])
        .chain(places)
        .find(|place| place.is_file())
        .ok_or(Error::Missing { program, package })
}

/// Runs a command that prepares something, to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let output = command.output().map_err(Error::system("start a command that prepares a server"))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(Error::Preparation { command: format!("{command:?}"), output: String::from_utf8_lossy(&printed).into_owned() })
}
