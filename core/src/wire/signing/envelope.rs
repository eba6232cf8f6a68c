//! Putting a message under seal, and looking at one that came.

use hmac::Mac;

use super::key::Keyring;
use crate::id::NodeName;
use crate::time::Timestamp;
use std::time::Duration;

const MAGIC: &[u8; 3] = b"CBW";
const VERSION: u8 = 1;
const MAC_BYTES: usize = 32;

/// Keeps what is signed here from being taken for something else that is signed with the same key.
const DOMAIN: &[u8] = b"cronbus message 1\0";

/// How many bytes a seal adds to the content, at the most.
pub const OVERHEAD: usize = 37 + 64 + MAC_BYTES;

/// Nothing may count for longer, whatever its sender says: it bounds how long receivers must remember it.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// What a sealed message says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Who sends it.
    pub sender: NodeName,
    /// When the sender started: its numbers begin again with each life.
    pub life: Timestamp,
    /// Its number among what this life sent to this subject, from 1 on.
    pub sequence: u64,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Which part of the message it is, from 0 on.
    pub part: u16,
    /// How many parts the message has.
    pub parts: u16,
}

/// A message that was sealed with a key of the cluster, for this subject, and has not expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<'message> {
    /// What it says of itself.
    pub stamp: Stamp,
    /// What is in it.
    pub content: &'message [u8],
}

/// Why a message is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It does not have the form of a sealed message.
    #[error("it is not a message of cronbus: {what}")]
    Malformed {
        /// What is wrong with it.
        what: &'static str,
    },
    /// It has a form that this version does not know.
    #[error("it has version {version} of the message layout, and this node knows version {VERSION}: update the node")]
    Version {
        /// The version it names.
        version: u8,
    },
    /// No key that is valid here made it.
    #[error("it is signed with a key that is not valid here: all nodes need the same cluster key (cluster.key_file)")]
    UnknownKey,
    /// It was not made with the key it names, or was changed, or was meant for another subject.
    #[error("its signature is wrong")]
    Signature,
    /// Its time is over.
    #[error("it expired at {expires_at}: it waited too long (cluster.message_ttl), or the clocks of the nodes differ")]
    Expired {
        /// When.
        expires_at: Timestamp,
    },
    /// It claims to count for longer than anything may.
    #[error("it is valid until {expires_at}, longer than a day from now: the clocks of the nodes differ")]
    TooFarAhead {
        /// Until when it says it counts.
        expires_at: Timestamp,
    },
    /// It was taken before, or nobody can tell whether it was.
    #[error("it came before")]
    Replayed,
}

impl Refusal {
    /// A word for counting: one for each kind of refusal.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::Version { .. } => "version",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Expired { .. } | Self::TooFarAhead { .. } => "expired",
            Self::Replayed => "replayed",
        }
    }
}

/// Whether something claims to be under seal; whether it is, [`Keyring::open`] says.
#[must_use]
pub fn is_sealed(message: &[u8]) -> bool {
    message.starts_with(MAGIC)
}

impl Keyring {
    /// Puts content under seal for a subject.
    #[must_use]
    pub fn seal(&self, subject: &str, stamp: &Stamp, content: &[u8]) -> Vec<u8> {
        let key = self.signing();
        let name = stamp.sender.as_str().as_bytes();
        let mut sealed = Vec::with_capacity(OVERHEAD + content.len());
        sealed.extend_from_slice(MAGIC);
        sealed.push(VERSION);
        sealed.extend_from_slice(&key.id());
        sealed.extend_from_slice(&stamp.expires_at.millis().to_be_bytes());
        sealed.extend_from_slice(&stamp.life.millis().to_be_bytes());
        sealed.extend_from_slice(&stamp.sequence.to_be_bytes());
        sealed.extend_from_slice(&stamp.part.to_be_bytes());
        sealed.extend_from_slice(&stamp.parts.to_be_bytes());
        // A name has at most 64 bytes.
        sealed.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        sealed.extend_from_slice(name);
        sealed.extend_from_slice(content);
        let mut mac = key.mac();
        cover(&mut mac, subject, &sealed);
        sealed.extend_from_slice(&mac.finalize().into_bytes());
        sealed
    }

    /// Looks at a message that came on a subject. Clocks may differ by `skew`. Whether it came before is asked of
    /// [`super::Seen`].
    ///
    /// # Errors
    /// The reason not to take it. The signature is checked before anything that the message says is believed.
    pub fn open<'message>(
        &self,
        subject: &str,
        message: &'message [u8],
        now: Timestamp,
        skew: Duration,
    ) -> Result<Opened<'message>, Refusal> {
        let opened = self.open_kept(subject, message)?;
        let expires_at = opened.stamp.expires_at;
        if now > expires_at + skew {
            return Err(Refusal::Expired { expires_at });
        }
        if expires_at > now + LONGEST_LIFETIME + skew {
            return Err(Refusal::TooFarAhead { expires_at });
        }
        Ok(opened)
    }

    /// Looks at a message that is kept to be read, later and more than once, rather than to be acted on: it does not
    /// expire.
    ///
    /// # Errors
    /// As [`Self::open`], but for time.
    pub fn open_kept<'message>(&self, subject: &str, message: &'message [u8]) -> Result<Opened<'message>, Refusal> {
        let (signed, tag) = message.split_last_chunk::<MAC_BYTES>().ok_or(malformed("it is too short"))?;
        let mut reader = Reader(signed);
        if reader.array::<3>()? != *MAGIC {
            return Err(malformed("it does not begin as one"));
        }
        match reader.array::<1>()? {
            [VERSION] => {}
            [version] => return Err(Refusal::Version { version }),
        }
        let key = self.with_id(reader.array()?).ok_or(Refusal::UnknownKey)?;
        let mut mac = key.mac();
        cover(&mut mac, subject, signed);
        mac.verify_slice(tag).map_err(|_| Refusal::Signature)?;
        reader.opened()
    }
}

fn cover(mac: &mut impl Mac, subject: &str, signed: &[u8]) {
    mac.update(DOMAIN);
    mac.update(&(subject.len() as u64).to_be_bytes());
    mac.update(subject.as_bytes());
    mac.update(signed);
}

const fn malformed(what: &'static str) -> Refusal {
    Refusal::Malformed { what }
}

/// What is still to be read of a header.
struct Reader<'message>(&'message [u8]);

impl<'message> Reader<'message> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let (first, rest) = self.0.split_first_chunk().ok_or(malformed("it is too short"))?;
        self.0 = rest;
        Ok(*first)
    }

    fn opened(mut self) -> Result<Opened<'message>, Refusal> {
        let expires_at = Timestamp::from_millis(i64::from_be_bytes(self.array()?));
        let life = Timestamp::from_millis(i64::from_be_bytes(self.array()?));
        let sequence = u64::from_be_bytes(self.array()?);
        let part = u16::from_be_bytes(self.array()?);
        let parts = u16::from_be_bytes(self.array()?);
        let [length] = self.array()?;
        let (name, content) = self.0.split_at_checked(length.into()).ok_or(malformed("its sender is cut off"))?;
        let name = std::str::from_utf8(name).map_err(|_| malformed("its sender is not text"))?;
        let sender = NodeName::new(name).map_err(|_| malformed("its sender cannot name a node"))?;
        if part >= parts {
            return Err(malformed("it is a part beyond its last"));
        }
        Ok(Opened { stamp: Stamp { sender, life, sequence, expires_at, part, parts }, content })
    }
}
