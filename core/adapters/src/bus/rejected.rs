//! What was not taken, and why: told to `cronbus.v1.rejected` and to the log, neither more often than anybody can read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cronbus_core::id::NodeName;
use cronbus_core::port::Clock;
use cronbus_core::wire::signing::Refusal;
use cronbus_core::wire::subject;
use serde::Serialize;

use super::connect::Shared;
use super::counters::Counters;

/// How many messages a second are told to the subject on the average, and how many at once.
const LETTERS: (f64, f64) = (10.0, 100.0);

/// How often one kind of refusal is told to the log.
const WARNINGS: Duration = Duration::from_secs(10);

/// How many bytes of a message stand in the letter about it.
const SHOWN: usize = 64;

/// Why a message was not taken.
#[derive(Clone, Debug)]
pub(super) struct Reason {
    /// A word for it, by which it is counted.
    pub(super) kind: &'static str,
    /// For people.
    pub(super) text: String,
}

/// What `cronbus.v1.rejected` is told.
#[derive(Debug, Serialize)]
struct Letter<'message> {
    at: String,
    node: &'message NodeName,
    subject: &'message str,
    kind: &'static str,
    reason: &'message str,
    bytes: usize,
    /// How the message begins, in hexadecimal digits.
    begins: String,
    /// How many letters were not sent since the last one, because there were too many.
    untold: u64,
}

/// How much may be told.
#[derive(Debug)]
pub(super) struct Rejected {
    node: NodeName,
    clock: Arc<dyn Clock>,
    allowance: Mutex<Allowance>,
}

#[derive(Debug)]
struct Allowance {
    letters: f64,
    at: Instant,
    untold: u64,
    warned: HashMap<&'static str, Instant>,
}

impl Allowance {
    /// Whether one more letter may be sent, and how many were not since the last.
    fn letter(&mut self, now: Instant) -> Option<u64> {
        let earned = now.duration_since(self.at).as_secs_f64() * LETTERS.0;
        self.letters = (self.letters + earned).min(LETTERS.1);
        self.at = now;
        if self.letters < 1.0 {
            self.untold += 1;
            return None;
        }
        self.letters -= 1.0;
        Some(std::mem::take(&mut self.untold))
    }

    fn warning(&mut self, kind: &'static str, now: Instant) -> bool {
        let is_due = self.warned.get(kind).is_none_or(|last| now.duration_since(*last) >= WARNINGS);
        if is_due {
            self.warned.insert(kind, now);
        }
        is_due
    }
}

impl Rejected {
    pub(super) fn new(node: NodeName, clock: Arc<dyn Clock>) -> Self {
        let allowance = Allowance { letters: LETTERS.1, at: Instant::now(), untold: 0, warned: HashMap::new() };
        Self { node, clock, allowance: Mutex::new(allowance) }
    }

    /// The letter about a message, if there may be one now.
    fn letter(&self, on: &str, reason: &Reason, payload: &[u8]) -> Option<Vec<u8>> {
        let now = Instant::now();
        let untold = self.allowance.lock().unwrap_or_else(PoisonError::into_inner).letter(now)?;
        let letter = Letter {
            at: self.clock.now().to_string(),
            node: &self.node,
            subject: on,
            kind: reason.kind,
            reason: &reason.text,
            bytes: payload.len(),
            begins: payload.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect(),
            untold,
        };
        serde_json::to_vec(&letter).ok()
    }

    fn may_warn(&self, kind: &'static str) -> bool {
        self.allowance.lock().unwrap_or_else(PoisonError::into_inner).warning(kind, Instant::now())
    }
}

impl Shared {
    /// Refuses a message, unless it only came again because its receiver took its time.
    pub(super) fn pass_over(&self, on: &str, reason: &Reason, payload: &[u8], is_again: bool) {
        if is_again && reason.kind == Refusal::Replayed.kind() {
            Counters::add(&self.counters.redelivered, 1);
        } else {
            self.refuse(on, reason, payload);
        }
    }

    /// Counts a message that is not taken, and tells of it.
    pub(super) fn refuse(&self, on: &str, reason: &Reason, payload: &[u8]) {
        let so_far = self.counters.refuse(reason.kind);
        if self.rejected.may_warn(reason.kind) {
            tracing::warn!(subject = on, kind = reason.kind, so_far, "a message was not taken: {}", reason.text);
        }
        let Some(letter) = self.rejected.letter(on, reason, payload) else { return };
        let client = self.client.clone();
        // Nobody waits for it: what cannot be told was counted.
        self.handle.spawn(async move { client.publish(subject::REJECTED, letter.into()).await });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_warnings_are_rationed_and_what_is_left_out_is_counted() {
        let begun = Instant::now();
        let mut allowance = Allowance { letters: LETTERS.1, at: begun, untold: 0, warned: HashMap::new() };
        assert_eq!((0..250).filter(|_| allowance.letter(begun).is_some()).count(), 100);
        assert_eq!(allowance.letter(begun + Duration::from_secs(1)), Some(150));
        assert!(allowance.warning("a", begun) && !allowance.warning("a", begun) && allowance.warning("b", begun));
        assert!(allowance.warning("a", begun + WARNINGS));
    }
}
