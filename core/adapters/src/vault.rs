//! Sealing and opening: AES-256-GCM by ring, with a key of its own for each thing that is sealed.
//!
//! A sealed text is `v1.KEY.BASE64`, where `KEY` says by four bytes of a hash which key it takes, and the rest is a
//! random nonce, what was encrypted, and the tag. What it is bound to ([`Vault::seal`]) is not in it: who opens it says
//! what it must be, so that a sealed text put in the place of another is refused.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// How many bytes a key has.
pub const KEY_BYTES: usize = 32;

const LAYOUT: &str = "v1";

/// The keys in force: the first seals, all of them open. It never shows them.
#[derive(Clone)]
pub struct Vault {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    derive: hmac::Key,
}

/// What is sealed cannot be opened, or nothing can be sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Sealed with a key that is not here.
    #[error(
        "it was sealed with the key {key}, and there is only {here} here: give this node the key that it was sealed \
         with (secrets.key_file), beside the new one until `cronbus secret rotate` has run"
    )]
    OtherKey {
        /// The key's id.
        key: String,
        /// The ids of those that are here.
        here: String,
    },
    /// Not what was sealed, or not for this.
    #[error("it is not as it was sealed: somebody changed it, or put it in the place of another")]
    Changed,
    /// No random bytes.
    #[error("the system gave no random bytes")]
    Random,
}

impl Vault {
    /// A vault of these keys, of which the first seals.
    #[must_use]
    pub fn new(keys: &[[u8; KEY_BYTES]]) -> Self {
        let key = |bytes: &[u8; KEY_BYTES]| {
            let hash = digest(&SHA256, &[b"cronbus vault key id\0", bytes.as_slice()].concat());
            let id = hash.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            Key { id, derive: hmac::Key::new(hmac::HMAC_SHA256, bytes) }
        };
        Self { keys: keys.iter().map(key).collect() }
    }

    /// Whether a sealed text was sealed with the key that seals now.
    #[must_use]
    pub fn is_newest(&self, sealed: &str) -> bool {
        self.keys.first().is_some_and(|key| Parts::of(sealed).is_some_and(|parts| parts.key == key.id))
    }

    /// Seals a text so that it opens for the same `bound_to` alone.
    ///
    /// # Errors
    /// When there is no key, or the system has no random bytes.
    pub fn seal(&self, bound_to: &str, text: &[u8]) -> Result<String, Error> {
        let key = self.keys.first().ok_or(Error::Random)?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| Error::Random)?;
        let mut sealed = text.to_vec();
        let cipher = key.cipher(bound_to)?;
        let aad = Aad::from(bound_to.as_bytes());
        let tag = cipher.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed);
        let tag = tag.map_err(|_| Error::Changed)?;
        let all = [&nonce, sealed.as_slice(), tag.as_ref()].concat();
        Ok(format!("{LAYOUT}.{}.{}", key.id, STANDARD_NO_PAD.encode(all)))
    }

    /// Opens what was sealed for `bound_to`.
    ///
    /// # Errors
    /// `OtherKey` when its key is not here, `Changed` when it is anything but what was sealed for this.
    pub fn open(&self, bound_to: &str, sealed: &str) -> Result<Vec<u8>, Error> {
        let parts = Parts::of(sealed).ok_or(Error::Changed)?;
        let ids = || self.keys.iter().map(|key| key.id.as_str()).collect::<Vec<_>>().join(" and ");
        let other = || Error::OtherKey { key: parts.key.chars().take(8).collect(), here: ids() };
        let key = self.keys.iter().find(|key| key.id == parts.key).ok_or_else(other)?;
        let all = STANDARD_NO_PAD.decode(parts.text).map_err(|_| Error::Changed)?;
        let (nonce, text) = all.split_first_chunk::<NONCE_LEN>().ok_or(Error::Changed)?;
        let mut text = text.to_vec();
        let aad = Aad::from(bound_to.as_bytes());
        let opened = key.cipher(bound_to)?.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut text);
        Ok(opened.map_err(|_| Error::Changed)?.to_vec())
    }
}

impl Key {
    /// A key for what is bound to this alone, so that no number of sealed texts makes nonces meet.
    fn cipher(&self, bound_to: &str) -> Result<LessSafeKey, Error> {
        let own = hmac::sign(&self.derive, format!("cronbus vault {bound_to}").as_bytes());
        UnboundKey::new(&AES_256_GCM, own.as_ref()).map(LessSafeKey::new).map_err(|_| Error::Changed)
    }
}

struct Parts<'a> {
    key: &'a str,
    text: &'a str,
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a str) -> Option<Self> {
        let (key, text) = sealed.strip_prefix(LAYOUT)?.strip_prefix('.')?.split_once('.')?;
        Some(Self { key, text })
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({} keys)", self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_what_it_is_bound_to_alone() {
        let vault = Vault::new(&[[7; 32]]);
        let sealed = vault.seal("a 1", b"hunter2").unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_eq!(vault.open("a 1", &sealed).as_deref(), Ok(b"hunter2".as_slice()));
        assert_ne!(sealed, vault.seal("a 1", b"hunter2").unwrap(), "a nonce is used once");
        for other in ["a 2", "b 1", ""] {
            assert_eq!(vault.open(other, &sealed), Err(Error::Changed), "{other}");
        }
    }

    #[test]
    fn what_was_changed_is_refused() {
        let vault = Vault::new(&[[7; 32]]);
        let sealed = vault.seal("a", b"hunter2").unwrap();
        for place in 0..sealed.len() {
            let mut other = sealed.clone().into_bytes();
            other[place] = if other[place] == b'A' { b'B' } else { b'A' };
            assert!(vault.open("a", &String::from_utf8(other).unwrap()).is_err(), "{place}");
        }
        for text in ["", "v1", "v1..", "v1.x.", "v2.aa.bb", &sealed[..20]] {
            assert!(vault.open("a", text).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_are_changed_while_both_are_there_and_a_wrong_one_is_explained() {
        let [old, new] = [[1; 32], [2; 32]];
        let sealed = Vault::new(&[old]).seal("a", b"hunter2").unwrap();
        let both = Vault::new(&[new, old]);
        assert_eq!(both.open("a", &sealed).as_deref(), Ok(b"hunter2".as_slice()));
        assert!(!both.is_newest(&sealed) && both.is_newest(&both.seal("a", b"x").unwrap()));
        let error = Vault::new(&[new]).open("a", &sealed).unwrap_err();
        assert!(error.to_string().contains("secrets.key_file"), "{error}");
        assert!(!format!("{both:?}").contains('2'.to_string().repeat(8).as_str()));
    }
}
