//! The form of one entry in a segment. All numbers are little-endian.
//!
//! ```text
//!   mark  C5 B1
//!   u32   length of the payload
//!   u32   CRC-32 of the payload
//!   payload:
//!     u8        kind: 1 accepted, 2 starting, 3 started, 4 ended, 5 acknowledged
//!     16 bytes  run id
//!     …         accepted: job i64
//!               started: at i64 (ms), process: 0, or 1 and pid u32, start ticks u64
//!               ended: job i64, outcome (see `put_outcome`)
//! ```
//!
//! An optional value is a byte 0, or a byte 1 and the value. A kind that is not known is damage: a newer version wrote
//! it, and an older one must not guess.

use std::sync::Arc;

use cronbus_core::id::{JobId, RunId};
use cronbus_core::port::spool::{Entry, Process};
use cronbus_core::run::{Ending, Outcome, Output, Usage};
use cronbus_core::time::Timestamp;

/// What a record begins with.
pub(super) const MARK: [u8; 2] = [0xC5, 0xB1];

/// Mark, length and checksum.
pub(super) const HEADER: usize = 10;

/// No payload is longer.
pub(super) const PAYLOAD_LIMIT: usize = 256 * 1024;

/// A reason is cut to this, so that the payload stays below its limit.
const REASON_LIMIT: usize = 128 * 1024;

const ENDINGS: [Ending; 5] = [Ending::Succeeded, Ending::Failed, Ending::TimedOut, Ending::Killed, Ending::Lost];

/// Appends one entry's record.
pub(super) fn put(out: &mut Vec<u8>, entry: &Entry) {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    put_payload(out, entry);
    let Some((header, payload)) = out.get_mut(start..).and_then(|record| record.split_at_mut_checked(HEADER)) else {
        return;
    };
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes();
    let checksum = crc32fast::hash(payload).to_le_bytes();
    for (target, byte) in header.iter_mut().zip(MARK.into_iter().chain(length).chain(checksum)) {
        *target = byte;
    }
}

fn put_payload(out: &mut Vec<u8>, entry: &Entry) {
    let mut begin = |kind: u8, run: &RunId| {
        out.push(kind);
        out.extend_from_slice(run.as_bytes());
    };
    match entry {
        Entry::Accepted { run, job } => {
            begin(1, run);
            out.extend_from_slice(&job.0.to_le_bytes());
        }
        Entry::Starting { run } => begin(2, run),
        Entry::Started { run, at, process } => {
            begin(3, run);
            out.extend_from_slice(&at.millis().to_le_bytes());
            put_option(out, *process, |out, process| {
                out.extend_from_slice(&process.pid.to_le_bytes());
                out.extend_from_slice(&process.start_ticks.to_le_bytes());
            });
        }
        Entry::Ended { run, job, outcome } => {
            begin(4, run);
            out.extend_from_slice(&job.0.to_le_bytes());
            put_outcome(out, outcome);
        }
        Entry::Acknowledged { run } => begin(5, run),
    }
}

/// Ending u8, started at i64?, ended at i64, exit code i32?, signal i32?, reason (length u32, UTF-8), usage (user ms
/// u64, system ms u64, largest set in bytes u64)?, output bytes u64, truncated u8.
fn put_outcome(out: &mut Vec<u8>, outcome: &Outcome) {
    out.push(ENDINGS.iter().position(|ending| *ending == outcome.ending).map_or(u8::MAX, |index| index as u8));
    put_option(out, outcome.started_at, |out, at| out.extend_from_slice(&at.millis().to_le_bytes()));
    out.extend_from_slice(&outcome.ended_at.millis().to_le_bytes());
    put_option(out, outcome.exit_code, |out, code| out.extend_from_slice(&code.to_le_bytes()));
    put_option(out, outcome.signal, |out, signal| out.extend_from_slice(&signal.to_le_bytes()));
    let reason = outcome.reason.get(..outcome.reason.floor_char_boundary(REASON_LIMIT)).unwrap_or_default();
    out.extend_from_slice(&u32::try_from(reason.len()).unwrap_or(0).to_le_bytes());
    out.extend_from_slice(reason.as_bytes());
    put_option(out, outcome.usage, |out, usage| {
        for number in [usage.user_ms, usage.system_ms, usage.max_rss_bytes] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    });
    out.extend_from_slice(&outcome.output.bytes.to_le_bytes());
    out.push(u8::from(outcome.output.truncated));
}

fn put_option<T>(out: &mut Vec<u8>, value: Option<T>, put: impl FnOnce(&mut Vec<u8>, T)) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(out, value);
    }
}

/// Reads the record that `bytes` begin with: its entry and length. `None` when there is none, or not all of it.
pub(super) fn take(bytes: &[u8]) -> Option<(Entry, usize)> {
    let mut header = Cursor(bytes);
    if header.array()? != MARK {
        return None;
    }
    let length = usize::try_from(u32::from_le_bytes(header.array()?)).ok()?;
    let checksum = u32::from_le_bytes(header.array()?);
    if length > PAYLOAD_LIMIT {
        return None;
    }
    let payload = header.slice(length)?;
    if crc32fast::hash(payload) != checksum {
        return None;
    }
    let mut payload = Cursor(payload);
    let entry = payload.entry()?;
    payload.0.is_empty().then_some((entry, HEADER + length))
}

/// What is left to read.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.slice(N)?.try_into().ok()
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn timestamp(&mut self) -> Option<Timestamp> {
        self.array().map(|bytes| Timestamp::from_millis(i64::from_le_bytes(bytes)))
    }

    fn job(&mut self) -> Option<JobId> {
        self.array().map(|bytes| JobId(i64::from_le_bytes(bytes)))
    }

    fn flag(&mut self) -> Option<bool> {
        match self.array()? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    fn option<T>(&mut self, take: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.flag()? { take(self).map(Some) } else { Some(None) }
    }

    fn entry(&mut self) -> Option<Entry> {
        let [kind] = self.array()?;
        let run = RunId::from_bytes(self.array()?);
        Some(match kind {
            1 => Entry::Accepted { run, job: self.job()? },
            2 => Entry::Starting { run },
            3 => Entry::Started { run, at: self.timestamp()?, process: self.option(Self::process)? },
            4 => Entry::Ended { run, job: self.job()?, outcome: Arc::new(self.outcome()?) },
            5 => Entry::Acknowledged { run },
            _ => return None,
        })
    }

    fn process(&mut self) -> Option<Process> {
        Some(Process { pid: self.array().map(u32::from_le_bytes)?, start_ticks: self.u64()? })
    }

    fn outcome(&mut self) -> Option<Outcome> {
        let [ending] = self.array()?;
        Some(Outcome {
            ending: *ENDINGS.get(usize::from(ending))?,
            started_at: self.option(Self::timestamp)?,
            ended_at: self.timestamp()?,
            exit_code: self.option(|cursor| cursor.array().map(i32::from_le_bytes))?,
            signal: self.option(|cursor| cursor.array().map(i32::from_le_bytes))?,
            reason: self.text()?,
            usage: self.option(Self::usage)?,
            output: Output { bytes: self.u64()?, truncated: self.flag()? },
        })
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.array().map(u32::from_le_bytes)?).ok()?;
        String::from_utf8(self.slice(length)?.to_vec()).ok()
    }

    fn usage(&mut self) -> Option<Usage> {
        Some(Usage { user_ms: self.u64()?, system_ms: self.u64()?, max_rss_bytes: self.u64()? })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use cronbus_core::suite::spool::{full_outcome, run};
    use proptest::prelude::*;

    /// Any entry about one of a few runs. A run has one outcome only.
    pub(in crate::spool) fn entry() -> impl Strategy<Value = Entry> {
        let number = 1_i64..20;
        (number, 0_u8..5, any::<i64>(), any::<Option<(u32, u64)>>()).prop_map(|(number, kind, at, process)| {
            let (run, job, at) = (run(number), JobId(number), Timestamp::from_millis(at));
            let process = process.map(|(pid, start_ticks)| Process { pid, start_ticks });
            match kind {
                0 => Entry::Accepted { run, job },
                1 => Entry::Starting { run },
                2 => Entry::Started { run, at, process },
                3 => Entry::Ended { run, job, outcome: full_outcome(&"é".repeat(number as usize)) },
                _ => Entry::Acknowledged { run },
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(entry in entry(), after in prop::collection::vec(any::<u8>(), 0..9)) {
            let mut bytes = Vec::new();
            put(&mut bytes, &entry);
            let length = bytes.len();
            bytes.extend(after);
            prop_assert_eq!(take(&bytes), Some((entry, length)));
        }

        #[test]
        fn a_changed_or_cut_record_is_not_read(entry in entry(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut bytes = Vec::new();
            put(&mut bytes, &entry);
            let at = at.index(bytes.len());
            prop_assert_eq!(take(&bytes[..at]), None);
            bytes[at] ^= 1 << bit;
            prop_assert_eq!(take(&bytes), None);
        }
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let mut bytes = Vec::new();
        let outcome = full_outcome(&"é".repeat(REASON_LIMIT));
        put(&mut bytes, &Entry::Ended { run: run(1), job: JobId(1), outcome });
        let Some((Entry::Ended { outcome, .. }, _)) = take(&bytes) else { panic!("not read") };
        assert_eq!(outcome.reason.len(), REASON_LIMIT);
    }
}
