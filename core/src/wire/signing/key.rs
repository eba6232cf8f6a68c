//! The secrets that the nodes of a cluster share. Keeping them in files is the caller's business.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// How many bytes a key has.
const KEY_BYTES: usize = 32;

/// How many keys are valid at a time: the one that signs, and the one before or after it while keys are changed.
const MOST_KEYS: usize = 2;

/// One secret of 32 random bytes. It never shows itself.
#[derive(Clone)]
pub struct Key {
    id: [u8; 4],
    /// Begun with the key, so that a message does not pay for that.
    mac: Hmac<Sha256>,
}

/// The keys in force: the first signs, all of them are accepted.
#[derive(Clone)]
pub struct Keyring {
    signing: Key,
    also: Option<Key>,
}

/// A text is no keyring. It never says what the text was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A word of it is no key.
    #[error("key number {number} is not 64 hexadecimal digits (32 bytes)")]
    Unreadable {
        /// Counted from 1.
        number: usize,
    },
    /// It has none.
    #[error("there is no key in it")]
    Empty,
    /// It has more than two.
    #[error("there are {count} keys in it: at most two are valid at a time, and the first signs")]
    TooMany {
        /// How many there are.
        count: usize,
    },
}

impl Key {
    /// The key of these bytes.
    #[must_use]
    pub fn new(bytes: &[u8; KEY_BYTES]) -> Self {
        let digest = Sha256::new().chain_update(b"cronbus key id\0").chain_update(bytes).finalize();
        let mut id = [0; 4];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        let mac = Hmac::<Sha256>::new(&padded(bytes));
        Self { id, mac }
    }

    /// A key for something else, that tells nothing of this one (the expanding half of HKDF, RFC 5869, 2.3).
    fn derived(&self, what: &str) -> [u8; KEY_BYTES] {
        let mac = self.mac.clone().chain_update(what.as_bytes()).chain_update([1]);
        mac.finalize().into_bytes().into()
    }

    pub(super) const fn id(&self) -> [u8; 4] {
        self.id
    }

    pub(super) fn mac(&self) -> Hmac<Sha256> {
        self.mac.clone()
    }

    fn parse(word: &str) -> Option<Self> {
        let mut bytes = [0_u8; KEY_BYTES];
        if word.len() != 2 * KEY_BYTES || !word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(word.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self::new(&bytes))
    }
}

/// A key shorter than SHA-256's block is filled with zeros (RFC 2104).
fn padded(bytes: &[u8; KEY_BYTES]) -> hmac::digest::common::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::common::Key::<Hmac<Sha256>>::default();
    block.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    block
}

impl Keyring {
    /// The keys of a text: one or two words of 64 hexadecimal digits, between blanks, commas or lines. The first signs.
    /// What follows a `#` on a line is a comment.
    ///
    /// # Errors
    /// When it has none, more than two, or something else.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let without_comments = text.lines().map(|line| line.split('#').next().unwrap_or_default());
        let words: Vec<&str> = without_comments
            .flat_map(|line| line.split(|c: char| c.is_whitespace() || c == ','))
            .filter(|word| !word.is_empty())
            .collect();
        if words.len() > MOST_KEYS {
            return Err(KeyError::TooMany { count: words.len() });
        }
        let numbered = words.iter().zip(1..);
        let mut keys = numbered.map(|(word, number)| Key::parse(word).ok_or(KeyError::Unreadable { number }));
        let signing = keys.next().ok_or(KeyError::Empty)??;
        Ok(Self { signing, also: keys.next().transpose()? })
    }

    /// Keys for something else, in the same order.
    #[must_use]
    pub fn derived(&self, what: &str) -> Vec<[u8; KEY_BYTES]> {
        [Some(&self.signing), self.also.as_ref()].into_iter().flatten().map(|key| key.derived(what)).collect()
    }

    /// A keyring of one key.
    #[must_use]
    pub const fn of(key: Key) -> Self {
        Self { signing: key, also: None }
    }

    pub(super) const fn signing(&self) -> &Key {
        &self.signing
    }

    pub(super) fn with_id(&self, id: [u8; 4]) -> Option<&Key> {
        std::iter::once(&self.signing).chain(&self.also).find(|key| key.id == id)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.also.is_some() { "Keyring(two keys)" } else { "Keyring(one key)" })
    }
}
