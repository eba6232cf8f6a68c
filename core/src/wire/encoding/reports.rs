//! What an executor has to tell.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::sections::{Sections, Writer};
use super::{DecodeError, EncodeError, kind};
use crate::id::{NodeName, RunId};
use crate::run::{Ending, Outcome, Output, Usage};
use crate::time::Timestamp;
use crate::wire::{Handover, Message, Report};

const NODE: u8 = 1;
const REPORTS: u8 = 2;

/// The order of the variants is their number on the wire: new ones go to the end.
#[derive(Serialize, Deserialize)]
enum Entry {
    Accepted { run: [u8; 16], handover: i64 },
    Refused { run: [u8; 16], handover: i64, reason: String, expired: bool },
    Started { run: [u8; 16], at_ms: i64 },
    Ended { run: [u8; 16], outcome: OutcomeEntry },
    Unknown { run: [u8; 16], upto: i64 },
    Ready { run: [u8; 16], handover: i64 },
}

#[derive(Serialize, Deserialize)]
struct OutcomeEntry {
    ending: EndingEntry,
    started_at_ms: Option<i64>,
    ended_at_ms: i64,
    exit_code: Option<i32>,
    signal: Option<i32>,
    reason: String,
    /// CPU time in user mode and in the kernel, in milliseconds; the largest resident set, in bytes.
    usage: Option<(u64, u64, u64)>,
    output_bytes: u64,
    output_truncated: bool,
}

/// The order of the variants is their number on the wire.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum EndingEntry {
    Succeeded,
    Failed,
    TimedOut,
    Killed,
    Lost,
}

pub(super) fn encode(node: &NodeName, reports: &[Report]) -> Result<Vec<u8>, EncodeError> {
    let entries: Vec<Entry> = reports.iter().map(Entry::from).collect();
    Ok(Writer::new(kind::REPORTS).section(NODE, node)?.section(REPORTS, &entries)?.finish())
}

pub(super) fn decode(body: &[u8]) -> Result<Message, DecodeError> {
    let sections = Sections::read(body)?;
    let entries: Vec<Entry> = sections.get(REPORTS, "reports")?;
    Ok(Message::Reports { node: sections.get(NODE, "node")?, reports: entries.into_iter().map(Report::from).collect() })
}

impl From<&Report> for Entry {
    fn from(report: &Report) -> Self {
        match report {
            Report::Accepted { run, handover } => Self::Accepted { run: *run.as_bytes(), handover: handover.0 },
            Report::Refused { run, handover, reason, expired } => {
                Self::Refused { run: *run.as_bytes(), handover: handover.0, reason: reason.clone(), expired: *expired }
            }
            Report::Ready { run, handover } => Self::Ready { run: *run.as_bytes(), handover: handover.0 },
            Report::Started { run, at } => Self::Started { run: *run.as_bytes(), at_ms: at.millis() },
            Report::Ended { run, outcome } => Self::Ended { run: *run.as_bytes(), outcome: (&**outcome).into() },
            Report::Unknown { run, upto } => Self::Unknown { run: *run.as_bytes(), upto: upto.0 },
        }
    }
}

impl From<Entry> for Report {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Accepted { run, handover } => {
                Self::Accepted { run: RunId::from_bytes(run), handover: Handover(handover) }
            }
            Entry::Refused { run, handover, reason, expired } => {
                Self::Refused { run: RunId::from_bytes(run), handover: Handover(handover), reason, expired }
            }
            Entry::Ready { run, handover } => Self::Ready { run: RunId::from_bytes(run), handover: Handover(handover) },
            Entry::Started { run, at_ms } => {
                Self::Started { run: RunId::from_bytes(run), at: Timestamp::from_millis(at_ms) }
            }
            Entry::Ended { run, outcome } => {
                Self::Ended { run: RunId::from_bytes(run), outcome: Arc::new(outcome.into()) }
            }
            Entry::Unknown { run, upto } => Self::Unknown { run: RunId::from_bytes(run), upto: Handover(upto) },
        }
    }
}

impl From<&Outcome> for OutcomeEntry {
    fn from(outcome: &Outcome) -> Self {
        Self {
            ending: outcome.ending.into(),
            started_at_ms: outcome.started_at.map(Timestamp::millis),
            ended_at_ms: outcome.ended_at.millis(),
            exit_code: outcome.exit_code,
            signal: outcome.signal,
            reason: outcome.reason.clone(),
            usage: outcome.usage.map(|usage| (usage.user_ms, usage.system_ms, usage.max_rss_bytes)),
            output_bytes: outcome.output.bytes,
            output_truncated: outcome.output.truncated,
        }
    }
}

impl From<OutcomeEntry> for Outcome {
    fn from(entry: OutcomeEntry) -> Self {
        let usage = |(user_ms, system_ms, max_rss_bytes)| Usage { user_ms, system_ms, max_rss_bytes };
        Self {
            ending: entry.ending.into(),
            started_at: entry.started_at_ms.map(Timestamp::from_millis),
            ended_at: Timestamp::from_millis(entry.ended_at_ms),
            exit_code: entry.exit_code,
            signal: entry.signal,
            reason: entry.reason,
            usage: entry.usage.map(usage),
            output: Output { bytes: entry.output_bytes, truncated: entry.output_truncated },
        }
    }
}

impl From<Ending> for EndingEntry {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Succeeded => Self::Succeeded,
            Ending::Failed => Self::Failed,
            Ending::TimedOut => Self::TimedOut,
            Ending::Killed => Self::Killed,
            Ending::Lost => Self::Lost,
        }
    }
}

impl From<EndingEntry> for Ending {
    fn from(entry: EndingEntry) -> Self {
        match entry {
            EndingEntry::Succeeded => Self::Succeeded,
            EndingEntry::Failed => Self::Failed,
            EndingEntry::TimedOut => Self::TimedOut,
            EndingEntry::Killed => Self::Killed,
            EndingEntry::Lost => Self::Lost,
        }
    }
}
