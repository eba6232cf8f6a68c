//! What a dispatcher asks of an executor.

use serde::{Deserialize, Serialize};

use super::sections::{Sections, Writer};
use super::{DecodeError, EncodeError, kind};
use crate::id::{NodeName, RunId};
use crate::wire::{Control, Handover, Message};

const CONTROLS: u8 = 1;

/// The order of the variants is their number on the wire: new ones go to the end.
#[derive(Serialize, Deserialize)]
enum Entry {
    Acknowledge { runs: Vec<[u8; 16]> },
    Kill { run: [u8; 16], reason: String },
    Hold(bool),
    Inquire { runs: Vec<[u8; 16]>, upto: i64, reply_to: NodeName },
    Revoke { runs: Vec<[u8; 16]>, upto: i64, reply_to: NodeName },
    Begin { runs: Vec<([u8; 16], i64)> },
}

impl From<&Control> for Entry {
    fn from(control: &Control) -> Self {
        match control {
            Control::Acknowledge { runs } => Self::Acknowledge { runs: bytes(runs) },
            Control::Kill { run, reason } => Self::Kill { run: *run.as_bytes(), reason: reason.clone() },
            Control::Hold(hold) => Self::Hold(*hold),
            Control::Begin { runs } => {
                Self::Begin { runs: runs.iter().map(|(run, handover)| (*run.as_bytes(), handover.0)).collect() }
            }
            Control::Inquire { runs, upto, reply_to } => {
                Self::Inquire { runs: bytes(runs), upto: upto.0, reply_to: reply_to.clone() }
            }
            Control::Revoke { runs, upto, reply_to } => {
                Self::Revoke { runs: bytes(runs), upto: upto.0, reply_to: reply_to.clone() }
            }
        }
    }
}

impl From<Entry> for Control {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Acknowledge { runs } => Self::Acknowledge { runs: ids(runs) },
            Entry::Kill { run, reason } => Self::Kill { run: RunId::from_bytes(run), reason },
            Entry::Hold(hold) => Self::Hold(hold),
            Entry::Begin { runs } => {
                let one = |(run, handover)| (RunId::from_bytes(run), Handover(handover));
                Self::Begin { runs: runs.into_iter().map(one).collect() }
            }
            Entry::Inquire { runs, upto, reply_to } => {
                Self::Inquire { runs: ids(runs), upto: Handover(upto), reply_to }
            }
            Entry::Revoke { runs, upto, reply_to } => Self::Revoke { runs: ids(runs), upto: Handover(upto), reply_to },
        }
    }
}

fn bytes(runs: &[RunId]) -> Vec<[u8; 16]> {
    runs.iter().map(|run| *run.as_bytes()).collect()
}

fn ids(runs: Vec<[u8; 16]>) -> Vec<RunId> {
    runs.into_iter().map(RunId::from_bytes).collect()
}

pub(super) fn encode(controls: &[Control]) -> Result<Vec<u8>, EncodeError> {
    let entries: Vec<Entry> = controls.iter().map(Entry::from).collect();
    Ok(Writer::new(kind::CONTROLS).section(CONTROLS, &entries)?.finish())
}

pub(super) fn decode(body: &[u8]) -> Result<Message, DecodeError> {
    let entries: Vec<Entry> = Sections::read(body)?.get(CONTROLS, "controls")?;
    Ok(Message::Control(entries.into_iter().map(Control::from).collect()))
}
