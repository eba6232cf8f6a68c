//! How a run ended.

use crate::group::OutOfMemory;
use crate::words::{Reader, Writer};

/// How many processes that could not be killed are named.
const NAMED: usize = 5;

/// Who brought the end about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Somebody wanted it: TERM, grace, KILL.
    Killed,
    /// The same, without grace.
    KilledNow,
    /// Its timeout had passed.
    TimedOut,
}

impl Why {
    const ALL: [Self; 3] = [Self::Killed, Self::KilledNow, Self::TimedOut];

    pub(crate) fn number(self) -> u8 {
        Self::ALL.iter().position(|why| *why == self).map_or(u8::MAX, |index| index as u8)
    }

    pub(crate) fn of(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// What became of all that descends from a run which was to be ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Who wanted it.
    pub why: Why,
    /// The last signal that was sent.
    pub signal: i32,
    /// How long it took.
    pub took_ms: u64,
    /// How many processes are left.
    pub left: u32,
    /// Some of them, with their states.
    pub named: Vec<(u32, char)>,
}

/// What became of the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It could not be started: the system's error number.
    NotStarted(i32),
    /// It ended, with this status word of wait(2).
    Ended(i32),
    /// It was killed and is still there.
    Stuck,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// What became of the command.
    pub end: End,
    /// When, by the wall clock, in milliseconds.
    pub at_ms: i64,
    /// CPU time in user mode, in milliseconds.
    pub user_ms: u64,
    /// CPU time in the kernel.
    pub system_ms: u64,
    /// The largest resident set, in KiB.
    pub max_rss_kib: u64,
    /// How many bytes it printed.
    pub printed: u64,
    /// How many of them could not be written to the file, beside those that the limit left out.
    pub unwritten: u64,
    /// Why not: the system's error number.
    pub write_error: i32,
    /// How many processes it left running in the background.
    pub followers: u32,
    /// How its end was brought about, if it did not come by itself.
    pub proof: Option<Proof>,
    /// That it used more memory than it might.
    pub out_of_memory: Option<OutOfMemory>,
}

impl Exit {
    /// Whether nobody of the run is left: only then its shim takes another one.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.followers == 0 && self.end != End::Stuck && self.proof.as_ref().is_none_or(|proof| proof.left == 0)
    }

    /// As it is written, and sent.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Writer::default();
        let (kind, number) = match self.end {
            End::NotStarted(errno) => (0, errno),
            End::Ended(status) => (1, status),
            End::Stuck => (2, 0),
        };
        bytes.u8(kind).u32(number.cast_unsigned()).i64(self.at_ms);
        bytes.u64(self.user_ms).u64(self.system_ms).u64(self.max_rss_kib);
        bytes.u64(self.printed).u64(self.unwritten).u32(self.write_error.cast_unsigned()).u32(self.followers);
        bytes.u8(u8::from(self.proof.is_some()));
        if let Some(proof) = &self.proof {
            proof.put(&mut bytes);
        }
        let OutOfMemory { killed, limit } = self.out_of_memory.unwrap_or(OutOfMemory { killed: 0, limit: 0 });
        bytes.u32(killed).u64(limit);
        bytes.0
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader(bytes);
        let (kind, number) = (bytes.u8()?, bytes.u32()?.cast_signed());
        let end = match kind {
            0 => End::NotStarted(number),
            1 => End::Ended(number),
            2 => End::Stuck,
            _ => return None,
        };
        Some(Self {
            end,
            at_ms: bytes.i64()?,
            user_ms: bytes.u64()?,
            system_ms: bytes.u64()?,
            max_rss_kib: bytes.u64()?,
            printed: bytes.u64()?,
            unwritten: bytes.u64()?,
            write_error: bytes.u32()?.cast_signed(),
            followers: bytes.u32()?,
            proof: match bytes.u8()? {
                0 => None,
                _ => Some(Proof::take(&mut bytes)?),
            },
            // A shim of an earlier version says nothing of it.
            out_of_memory: match bytes.u32() {
                None | Some(0) => None,
                Some(killed) => Some(OutOfMemory { killed, limit: bytes.u64()? }),
            },
        })
    }
}

impl Proof {
    fn put(&self, bytes: &mut Writer) {
        bytes.u8(self.why.number()).u32(self.signal.cast_unsigned()).u64(self.took_ms).u32(self.left);
        let named: Vec<_> = self.named.iter().take(NAMED).collect();
        bytes.u8(named.len() as u8);
        for (pid, state) in named {
            bytes.u32(*pid).u32(u32::from(*state));
        }
    }

    fn take(bytes: &mut Reader<'_>) -> Option<Self> {
        let why = Why::of(bytes.u8()?)?;
        let (signal, took_ms, left) = (bytes.u32()?.cast_signed(), bytes.u64()?, bytes.u32()?);
        let count = bytes.u8()?;
        let mut named = Vec::new();
        for _ in 0..count {
            named.push((bytes.u32()?, char::from_u32(bytes.u32()?)?));
        }
        Some(Self { why, signal, took_ms, left, named })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn exit(end: End) -> Exit {
        let proof = Proof { why: Why::TimedOut, signal: 9, took_ms: 12, left: 1, named: vec![(77, 'D')] };
        Exit {
            end,
            at_ms: 5,
            user_ms: 1,
            system_ms: 2,
            max_rss_kib: 3,
            printed: 4,
            unwritten: 0,
            write_error: 0,
            followers: 6,
            proof: Some(proof),
            out_of_memory: None,
        }
    }

    #[test]
    fn ends_are_read_as_they_were_written() {
        for end in [End::NotStarted(2), End::Ended(3 << 8), End::Stuck] {
            let exit = exit(end);
            assert_eq!(Exit::decode(&exit.encode()), Some(exit.clone()));
            let without = Exit { proof: None, out_of_memory: Some(OutOfMemory { killed: 2, limit: 1 << 20 }), ..exit };
            assert_eq!(Exit::decode(&without.encode()), Some(without));
        }
    }

    proptest! {
        #[test]
        fn garbage_is_read_without_panic(garbage in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Exit::decode(&garbage);
        }
    }
}
