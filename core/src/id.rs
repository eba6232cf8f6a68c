//! The names of things: jobs, slots, runs, nodes, partitions, epochs.
//!
//! A run id is derived from its slot and never allocated, so that every node computes the same one and the primary key
//! of `runs` is the fence that makes creation happen once.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::time::Timestamp;

/// A job's number, given by the store when the job is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

impl JobId {
    /// The job of ad-hoc submissions that name no job.
    pub const ADHOC: Self = Self(0);

    /// The partition this job belongs to, for ever: a hash of its number.
    #[must_use]
    pub fn partition(self) -> Partition {
        // Fibonacci hashing: consecutive ids spread evenly over the high bits.
        let mixed = self.0.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Partition((mixed >> 56) as u8)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One of the [`Partition::COUNT`] groups that jobs are hashed into; each has one owner at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Partition(pub u8);

impl Partition {
    /// How many partitions there are.
    pub const COUNT: usize = 256;

    /// All partitions, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self)
    }

    /// As an index into a table of [`Partition::COUNT`] entries.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The fencing number of a partition's owner: it only grows, and the store refuses writes with an older one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub i64);

/// The revision of a job's definition; 1 when it is added, one more at every edit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub i32);

/// Which of a slot's runs: 0 for the one that any node may execute, from 1 on for those that are for one node each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shard(pub u32);

impl Shard {
    /// Its place among the runs of its slot, from 0, as jobs are told.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0.saturating_sub(1)
    }
}

/// Which try of a slot: 1 for the first, one more for each retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attempt(pub u32);

impl Attempt {
    /// The first try.
    pub const FIRST: Self = Self(1);

    /// The try after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// One due moment of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// When it is due.
    pub due_at: Timestamp,
    /// Whose moment it is.
    pub job: JobId,
    /// Which of the slot's runs.
    pub shard: Shard,
}

impl Slot {
    /// The single slot of a job that is not a broadcast.
    #[must_use]
    pub const fn new(job: JobId, due_at: Timestamp) -> Self {
        Self { due_at, job, shard: Shard(0) }
    }

    /// The id of the run that executes this slot at this attempt.
    #[must_use]
    pub fn run_id(self, attempt: Attempt) -> RunId {
        RunId::derive(self.due_at, self.job, self.shard, attempt)
    }
}

/// The id of a run: a UUID of version 8 (RFC 9562), 48 bits of due instant in milliseconds, then a hash.
///
/// Ids sort by due instant, in memory and in the database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(Uuid);

impl RunId {
    /// The id of a slot's run: the same on every node.
    #[must_use]
    pub fn derive(due_at: Timestamp, job: JobId, shard: Shard, attempt: Attempt) -> Self {
        let mut message = [0_u8; 16];
        let (job_part, rest) = message.split_at_mut(8);
        let (shard_part, attempt_part) = rest.split_at_mut(4);
        job_part.copy_from_slice(&job.0.to_be_bytes());
        shard_part.copy_from_slice(&shard.0.to_be_bytes());
        attempt_part.copy_from_slice(&attempt.0.to_be_bytes());
        Self::assemble(due_at, &message)
    }

    /// The id of a slot's run that is for one node: whoever makes it, and whichever other nodes he knows, the node gets
    /// one.
    #[must_use]
    pub fn on_node(due_at: Timestamp, job: JobId, node: &NodeName, attempt: Attempt) -> Self {
        let mut message = Vec::with_capacity(17 + node.as_str().len());
        message.extend_from_slice(&job.0.to_be_bytes());
        message.extend_from_slice(b"node:");
        message.extend_from_slice(&attempt.0.to_be_bytes());
        message.extend_from_slice(node.as_str().as_bytes());
        Self::assemble(due_at, &message)
    }

    /// The id of the row that stands for all slots of a job from `first` to before `before`, which have no rows of their
    /// own. No slot has this id, whatever its node, nor another span.
    #[must_use]
    pub fn summary(first: Timestamp, job: JobId, before: Timestamp) -> Self {
        let mut message = Vec::with_capacity(23);
        message.extend_from_slice(&job.0.to_be_bytes());
        message.extend_from_slice(b"missed:");
        message.extend_from_slice(&before.millis().to_be_bytes());
        Self::assemble(first, &message)
    }

    /// The id of a manual or ad-hoc run: `nonce` makes it differ from every slot's id and from other submissions.
    #[must_use]
    pub fn submission(at: Timestamp, job: JobId, nonce: &str) -> Self {
        let mut message = Vec::with_capacity(12 + nonce.len());
        message.extend_from_slice(&job.0.to_be_bytes());
        message.extend_from_slice(b"sub:");
        message.extend_from_slice(nonce.as_bytes());
        Self::assemble(at, &message)
    }

    /// The id of the next attempt of a run that was not derived from a slot, or of any run: a hash of the first id and
    /// the attempt, due at `due_at`.
    #[must_use]
    pub fn retry_of(first: Self, due_at: Timestamp, attempt: Attempt) -> Self {
        let mut message = [0_u8; 20];
        let (id_part, attempt_part) = message.split_at_mut(16);
        id_part.copy_from_slice(first.0.as_bytes());
        attempt_part.copy_from_slice(&attempt.0.to_be_bytes());
        Self::assemble(due_at, &message)
    }

    fn assemble(due_at: Timestamp, message: &[u8]) -> Self {
        let hash = Sha256::digest(message);
        let mut bytes = [0_u8; 16];
        let due = due_at.millis().max(0).to_be_bytes();
        for (to, from) in bytes.iter_mut().zip(due.iter().skip(2).chain(hash.iter())) {
            *to = *from;
        }
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The smallest id of a run due at `at`: for range scans by time.
    #[must_use]
    pub fn floor(at: Timestamp) -> Self {
        let mut bytes = [0_u8; 16];
        let due = at.millis().max(0).to_be_bytes();
        for (to, from) in bytes.iter_mut().zip(due.iter().skip(2)) {
            *to = *from;
        }
        Self(Uuid::from_bytes(bytes))
    }

    /// The due instant within the id.
    #[must_use]
    pub fn due_at(self) -> Timestamp {
        let high = (self.0.as_u128() >> 80) as i64;
        Timestamp::from_millis(high)
    }

    /// The sixteen bytes, in sorting order.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// From the sixteen bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not a run id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a run id: write all 36 characters of it, like 019a9e6c-7c00-8000-8000-000000000000")]
pub struct ParseRunIdError {
    text: String,
}

impl FromStr for RunId {
    type Err = ParseRunIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self).map_err(|_| ParseRunIdError { text: text.chars().take(64).collect() })
    }
}

/// The name of a node: 1 to 64 letters, digits, `-`, `_` and `.`, since it becomes a part of subjects and keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct NodeName(Arc<str>);

/// The text cannot be a node's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` cannot name a node: use 1 to 64 letters, digits, `-`, `_` or `.`, starting with a letter or digit")]
pub struct NodeNameError {
    text: String,
}

impl NodeName {
    /// Checks the rule above.
    ///
    /// # Errors
    /// When the text breaks it.
    pub fn new(text: &str) -> Result<Self, NodeNameError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let starts_well = text.chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
        if starts_well && text.len() <= 64 && text.chars().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(NodeNameError { text: text.chars().take(80).collect() })
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for NodeName {
    type Err = NodeNameError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for NodeName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_slot_has_one_id_and_another_slot_another(due in 0_i64..1 << 47, job in any::<i64>(), shard in any::<u32>(), attempt in 1_u32..9) {
            let slot = Slot { due_at: Timestamp::from_millis(due), job: JobId(job), shard: Shard(shard) };
            let id = slot.run_id(Attempt(attempt));
            prop_assert_eq!(id, slot.run_id(Attempt(attempt)));
            prop_assert_eq!(id.due_at(), slot.due_at);
            prop_assert_ne!(id, slot.run_id(Attempt(attempt + 1)));
            prop_assert_ne!(id, Slot { job: JobId(job ^ 1), ..slot }.run_id(Attempt(attempt)));
            prop_assert_eq!(id.to_string().parse::<RunId>().unwrap(), id);
            prop_assert_eq!(id.to_string().as_bytes()[14], b'8');
        }

        #[test]
        fn ids_sort_by_due_instant(a in 0_i64..1 << 47, b in 0_i64..1 << 47, job in any::<i64>()) {
            let id = |due| Slot::new(JobId(job), Timestamp::from_millis(due)).run_id(Attempt::FIRST);
            prop_assert!((a < b) <= (id(a) < id(b)));
            prop_assert!(RunId::floor(Timestamp::from_millis(a)) <= id(a));
        }
    }

    #[test]
    fn consecutive_jobs_spread_over_the_partitions() {
        let mut counts = [0_u32; Partition::COUNT];
        for job in 1..=25_600 {
            counts[JobId(job).partition().index()] += 1;
        }
        assert!(counts.iter().all(|n| (90..=110).contains(n)), "{counts:?}");
    }

    #[test]
    fn a_node_name_cannot_reach_into_a_subject() {
        for bad in ["", "a b", "a*", ">", ".a", "a/b", &"x".repeat(65)] {
            assert!(NodeName::new(bad).is_err(), "{bad}");
        }
        assert_eq!(NodeName::new("php-1.lan").unwrap().as_str(), "php-1.lan");
    }
}
