//! What stands under a node's key: the member as JSON, and what tells a node's own leftovers from another node.

use cronbus_core::id::NodeName;
use cronbus_core::port::membership::Member;
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A longer value is not a record.
const MAX_BYTES: usize = 64 << 10;

/// A node's record. Readers who know the member alone read it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(flatten)]
    pub(super) member: Member,
    /// Of the data directory, which one process at a time can use: two processes with the same identity are one node
    /// before and after a restart.
    #[serde(default)]
    pub(super) identity: String,
}

impl Record {
    /// Reads the value under the key of `name`; `None` when it is no record of that node.
    pub(super) fn read(name: &str, value: &[u8]) -> Option<Self> {
        if value.len() > MAX_BYTES {
            return None;
        }
        let record: Self = serde_json::from_slice(value).ok()?;
        (record.member.name.as_str() == name).then_some(record)
    }

    /// As it is written under a lease that was had at this moment.
    pub(super) fn text(&self, leased_at: Timestamp) -> Vec<u8> {
        let member = Member { leased_at: Some(leased_at), ..self.member.clone() };
        // A record has nothing that JSON cannot say.
        serde_json::to_vec(&Self { member, identity: self.identity.clone() }).unwrap_or_default()
    }

    /// Whether the other was written by the same process.
    pub(super) fn is_same_life(&self, other: &Self) -> bool {
        let life = |record: &Self| (record.member.pid, record.member.started_at);
        self.identity == other.identity && life(self) == life(other)
    }
}

/// The keys of a register.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    folder: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self { folder: format!("/{prefix}/nodes/") }
    }

    /// What all of them begin with.
    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    pub(super) fn of(&self, name: &NodeName) -> String {
        format!("{}{name}", self.folder)
    }

    /// The name in a key.
    pub(super) fn name<'a>(&self, key: &'a [u8]) -> Option<&'a str> {
        std::str::from_utf8(key).ok()?.strip_prefix(&self.folder)
    }
}

#[cfg(test)]
mod tests {
    use cronbus_core::suite::membership::member;

    use super::*;

    #[test]
    fn a_record_is_the_member_and_more() {
        let leased_at = Timestamp::from_seconds(7);
        let text = Record { member: member("a"), identity: "x".to_owned() }.text(leased_at);
        let member = Member { leased_at: Some(leased_at), ..member("a") };
        let record = Record { member, identity: "x".to_owned() };
        assert_eq!(Record::read("a", &text), Some(record.clone()));
        assert_eq!(serde_json::from_slice::<Member>(&text).unwrap(), record.member);
        assert_eq!(Record::read("b", &text), None, "under another node's key");
        let bare = serde_json::to_vec(&record.member).unwrap();
        assert_eq!(Record::read("a", &bare).unwrap().identity, "");
        assert_eq!(Record::read("a", b"{}"), None);
        assert_eq!(Record::read("a", &[b' '; MAX_BYTES + 1]), None);
    }
}
