//! The timeline itself: keeps rules, entries, index and calendar in step.

use crate::id::JobId;
use crate::time::Timestamp;

use super::calendar::Calendar;
use super::entries::{Entries, Place};
use super::index::Index;
use super::rule::Rule;
use super::rules::{RuleIndex, RulePlace, Rules};

/// One due moment of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Due {
    /// When it is due.
    pub due_at: Timestamp,
    /// Whose moment it is.
    pub job: JobId,
}

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Drained {
    /// Nothing due is left.
    All,
    /// The limit was reached: drain again.
    More,
}

/// A calendar of due instants that holds each job once, at its next fire. See the [folder](super).
///
/// It has room for 2³² jobs, and keeps the memory of the largest number it ever held.
pub struct Timeline<R> {
    rules: Rules<R>,
    entries: Entries,
    index: Index,
    calendar: Calendar,
}

impl<R: Rule> Default for Timeline<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Rule> Timeline<R> {
    /// Without any job.
    #[must_use]
    pub fn new() -> Self {
        Self { rules: Rules::new(), entries: Entries::default(), index: Index::default(), calendar: Calendar::new() }
    }

    /// The rule of this key, made by `make` if no job uses it yet.
    ///
    /// Jobs with the same key get the same rule, so the key must say all that decides the fires (expression, zone, clock
    /// change policy) and should say no more: `@every` by period and phase, not by anchor. Insert a job with it at once:
    /// the rule lives as long as jobs use it, and one that is never used stays for ever.
    pub fn intern(&mut self, key: &str, make: impl FnOnce() -> R) -> RuleIndex {
        self.rules.intern(key, make)
    }

    /// Puts a job in at the rule's first fire strictly after `after`, instead of where it was before.
    ///
    /// Answers that instant; `None` when the rule never fires again (or `rule` is not good any more) and the job is not
    /// held.
    pub fn insert(&mut self, job: JobId, rule: RuleIndex, after: Timestamp) -> Option<Timestamp> {
        // Acquired before the old entry goes, so that a rule both have in common is not dropped in between.
        let rule = self.rules.acquire(rule);
        self.remove(job);
        let rule = rule?;
        let due_at = self.rules.next_after(rule, after);
        let placed = due_at.and_then(|due_at| self.place(job, rule, due_at));
        if placed.is_none() {
            self.rules.release(rule);
        }
        placed
    }

    fn place(&mut self, job: JobId, rule: RulePlace, due_at: Timestamp) -> Option<Timestamp> {
        let place = self.entries.add(job, rule, due_at)?;
        self.index.add(job, place, &self.entries);
        self.calendar.update(due_at, |head| self.entries.append(head, place));
        Some(due_at)
    }

    /// Takes a job out; answers whether it was held.
    pub fn remove(&mut self, job: JobId) -> bool {
        let Some(place) = self.index.find(job, &self.entries) else { return false };
        let Some(due_at) = self.entries.get(place).map(|entry| entry.due_at) else { return false };
        self.calendar.update(due_at, |head| self.entries.unlink(head, place));
        self.forget(place);
        true
    }

    /// Drops an entry that is in no list any more.
    fn forget(&mut self, place: Place) {
        let Some(entry) = self.entries.get(place).copied() else { return };
        self.index.remove(entry.job, &self.entries);
        self.entries.vacate(place);
        self.rules.release(entry.rule);
    }

    /// The earliest due instant of all jobs.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.calendar.first()
    }

    /// Appends to `out` what is due at or before `upto`, in order of due instant, at most `limit` moments.
    ///
    /// Each job that comes out moves on to its rule's next fire after the one that came out, and comes out again when that
    /// is due too; a job without a next fire is held no longer. Jobs due at the same instant come in the order in which
    /// they were put there.
    pub fn drain(&mut self, upto: Timestamp, limit: usize, out: &mut Vec<Due>) -> Drained {
        let end = out.len().saturating_add(limit);
        while let Some(due_at) = self.calendar.first().filter(|due_at| *due_at <= upto) {
            if out.len() >= end {
                return Drained::More;
            }
            self.calendar.advance(due_at);
            self.drain_instant(due_at, end, out);
        }
        Drained::All
    }

    /// Drains the list of one instant until it is empty or `out` is `end` long.
    fn drain_instant(&mut self, due_at: Timestamp, end: usize, out: &mut Vec<Due>) {
        let mut head = self.calendar.take(due_at);
        while out.len() < end
            && let Some(entry) = self.entries.get(head).copied()
        {
            let place = head;
            head = self.entries.unlink(head, place);
            out.push(Due { due_at, job: entry.job });
            self.move_on(place, entry.rule, due_at);
        }
        self.calendar.update(due_at, |_| head);
    }

    /// Brings an entry that is in no list to its next fire.
    fn move_on(&mut self, place: Place, rule: RulePlace, after: Timestamp) {
        let Some(next) = self.rules.next_after(rule, after) else { return self.forget(place) };
        self.entries.set_due(place, next);
        self.calendar.update(next, |head| self.entries.append(head, place));
    }

    /// When a job is due next; `None` when it is not held.
    #[must_use]
    pub fn due_of(&self, job: JobId) -> Option<Timestamp> {
        let place = self.index.find(job, &self.entries)?;
        self.entries.get(place).map(|entry| entry.due_at)
    }

    /// How many jobs are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no job is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many different rules the jobs share.
    #[must_use]
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// An estimate of the memory held on the heap, without what each rule itself holds there.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.rules.memory_bytes()
            + self.entries.memory_bytes()
            + self.index.memory_bytes()
            + self.calendar.memory_bytes()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
