//! `node.json` in a node's data directory: where it listens, for the command line beside it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use cronbus_core::id::NodeName;
use serde::{Deserialize, Serialize};

/// The name of the file in the data directory.
const FILE_NAME: &str = "node.json";

/// Whatever is longer is not such a file.
const LONGEST_FILE: u64 = 64 << 10;

/// What a running node says of itself to those on its machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NodeFile {
    /// Its name.
    pub(crate) name: NodeName,
    /// Where its web listens, as a URL; empty without the web role.
    pub(crate) address: String,
    /// The certificate that its web shows, which is trusted on this machine; absent without TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) certificate_file: Option<PathBuf>,
    /// Where it answers for its health alone, as a URL; empty where it does not.
    #[serde(default)]
    pub(crate) health: String,
    /// Its process.
    pub(crate) pid: u32,
    /// The version of its executable.
    pub(crate) version: String,
}

/// What the node of a data directory says of itself; absent when none ever ran there, or it has no web.
pub(crate) fn read(directory: &Path) -> Option<NodeFile> {
    let mut text = String::new();
    let file = std::fs::File::open(directory.join(FILE_NAME)).ok()?;
    file.take(LONGEST_FILE).read_to_string(&mut text).ok()?;
    let node: NodeFile = serde_json::from_str(&text).ok()?;
    (!node.address.is_empty()).then_some(node)
}

/// Writes the file, whole or not at all.
///
/// # Errors
/// When the system refuses.
pub(crate) fn write(directory: &Path, node: &NodeFile) -> io::Result<()> {
    let draft = directory.join(".node.json.draft");
    std::fs::write(&draft, serde_json::to_vec_pretty(node)?)?;
    std::fs::rename(&draft, directory.join(FILE_NAME))
}

/// Removes the file: the node listens no more.
pub(crate) fn remove(directory: &Path) {
    drop(std::fs::remove_file(directory.join(FILE_NAME)));
}
