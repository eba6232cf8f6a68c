//! The members by what was heard of them. No network here.

use std::collections::BTreeMap;
use std::sync::Arc;

use cronbus_core::port::membership::Snapshot;

use super::record::Record;

/// The members, by name.
#[derive(Debug, Default)]
pub(super) struct Roster {
    records: BTreeMap<String, Record>,
    /// Everything up to this revision of the register is in it.
    revision: i64,
    snapshot: Snapshot,
}

/// One change of one key.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) name: String,
    pub(super) revision: i64,
    /// `None`: the key is gone, or holds no record.
    pub(super) record: Option<Record>,
}

impl Roster {
    /// Everything is as in `records` now.
    pub(super) fn replace(&mut self, revision: i64, records: Vec<Record>) {
        let named = records.into_iter().map(|record| (record.member.name.as_str().to_owned(), record));
        self.records = named.collect();
        self.revision = self.revision.max(revision);
        self.publish();
    }

    /// These changes were heard, in order.
    pub(super) fn apply(&mut self, changes: Vec<Change>) {
        for Change { name, revision, record } in changes {
            match record {
                Some(record) => self.records.insert(name, record),
                None => self.records.remove(&name),
            };
            self.revision = self.revision.max(revision);
        }
        self.publish();
    }

    pub(super) fn revision(&self) -> i64 {
        self.revision
    }

    pub(super) fn record(&self, name: &str) -> Option<&Record> {
        self.records.get(name)
    }

    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// A register that was set up anew counts from one again; the snapshot's revision grows all the same.
    fn publish(&mut self) {
        let members: Vec<_> = self.records.values().map(|record| record.member.clone()).collect();
        if *self.snapshot.members != members {
            let revision = self.revision.max(self.snapshot.revision + 1);
            self.snapshot = Snapshot { revision, members: Arc::new(members) };
        }
    }
}

#[cfg(test)]
mod tests {
    use cronbus_core::suite::membership::{member, names};

    use super::*;

    fn record(name: &str) -> Record {
        Record { member: member(name), identity: String::new() }
    }

    fn change(name: &str, revision: i64, is_there: bool) -> Change {
        Change { name: name.to_owned(), revision, record: is_there.then(|| record(name)) }
    }

    #[test]
    fn revisions_are_the_registers_and_grow_with_each_change() {
        let mut roster = Roster::default();
        roster.replace(7, vec![record("b"), record("a")]);
        assert_eq!((roster.snapshot().revision, names(roster.snapshot())), (7, vec!["a", "b"]));
        roster.apply(vec![change("c", 12, true), change("a", 13, false)]);
        assert_eq!((roster.snapshot().revision, names(roster.snapshot())), (13, vec!["b", "c"]));
        roster.apply(vec![change("c", 20, true)]);
        assert_eq!((roster.snapshot().revision, roster.revision()), (13, 20), "nothing has changed");
        roster.replace(2, vec![record("c")]);
        assert_eq!(roster.snapshot().revision, 20, "an emptied register counts anew");
        roster.replace(2, Vec::new());
        assert_eq!((roster.snapshot().revision, names(roster.snapshot()).len()), (21, 0));
    }
}
