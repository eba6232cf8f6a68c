//! The file that sessions are kept in while a node restarts: hashes, names and times, no secret.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::principal::Principal;
use super::secret::{Hash, hex};
use super::sessions::Session;

/// A file that is much larger is not one of ours.
const LONGEST_FILE: u64 = 1 << 20;

#[derive(Serialize, Deserialize)]
struct Kept {
    hash: String,
    #[serde(flatten)]
    principal: Principal,
    opened_at: Timestamp,
}

/// What the file tells; nothing when there is none, or it cannot be read. Who could use a session before a restart may
/// go on: it counts as used at `now`.
pub(super) fn read(file: &Path, now: Timestamp) -> HashMap<Hash, Session> {
    let mut text = String::new();
    let read =
        OpenOptions::new().read(true).open(file).and_then(|file| file.take(LONGEST_FILE).read_to_string(&mut text));
    let kept: Vec<Kept> = match read {
        Ok(_) => serde_json::from_str(&text).unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    kept.into_iter().filter_map(|kept| Some((bytes(&kept.hash)?, session(kept, now)))).collect()
}

/// Writes it anew, for its owner only, all of it or nothing.
pub(super) fn write(file: &Path, open: &HashMap<Hash, Session>) -> io::Result<()> {
    let kept: Vec<Kept> = open.iter().map(|(hash, session)| Kept::of(hash, session)).collect();
    let draft = file.with_extension("draft");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    out.write_all(&serde_json::to_vec(&kept)?)?;
    std::fs::rename(&draft, file)
}

impl Kept {
    fn of(hash: &Hash, session: &Session) -> Self {
        Self { hash: hex(hash), principal: session.principal.clone(), opened_at: session.opened_at }
    }
}

fn session(kept: Kept, now: Timestamp) -> Session {
    Session { principal: kept.principal, opened_at: kept.opened_at, used_at: now, flash: None }
}

fn bytes(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if text.len() != 2 * hash.len() || !text.is_ascii() {
        return None;
    }
    for (byte, place) in hash.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
    }
    Some(hash)
}
