//! The disk under a node's spool: what was written survives every crash.

use std::collections::BTreeMap;
use std::sync::Mutex;

use cronbus_core::id::RunId;
use cronbus_core::port::spool::{Entry, Remembered};

use crate::ledger::Sabotage;

#[derive(Debug)]
pub(crate) struct Diary {
    runs: Mutex<BTreeMap<RunId, Remembered>>,
    sabotage: Option<Sabotage>,
}

impl Diary {
    pub(crate) fn new(sabotage: Option<Sabotage>) -> Self {
        Self { runs: Mutex::default(), sabotage }
    }

    pub(crate) fn remembered(&self) -> Vec<Remembered> {
        self.runs.lock().unwrap().values().cloned().collect()
    }

    pub(crate) fn write(&self, entries: &[Entry]) {
        entries.iter().filter(|entry| !self.forgets(entry)).for_each(|entry| self.write_one(entry));
    }

    fn forgets(&self, entry: &Entry) -> bool {
        match self.sabotage {
            Some(Sabotage::SpoolForgetsStarts) => matches!(entry, Entry::Starting { .. } | Entry::Started { .. }),
            Some(Sabotage::SpoolForgetsEnds) => matches!(entry, Entry::Ended { .. }),
            _ => false,
        }
    }

    fn write_one(&self, entry: &Entry) {
        let mut runs = self.runs.lock().unwrap();
        let blank = |run, job| Remembered { run, job, begun: false, started_at: None, process: None, outcome: None };
        match entry {
            Entry::Accepted { run, job } => {
                runs.entry(*run).or_insert_with(|| blank(*run, *job));
            }
            Entry::Starting { run } => {
                if let Some(remembered) = runs.get_mut(run) {
                    remembered.begun = true;
                }
            }
            Entry::Started { run, at, process } => {
                if let Some(remembered) = runs.get_mut(run) {
                    remembered.started_at = Some(*at);
                    remembered.process = *process;
                }
            }
            Entry::Ended { run, job, outcome } => {
                runs.entry(*run).or_insert_with(|| blank(*run, *job)).outcome = Some(outcome.clone());
            }
            Entry::Acknowledged { run } => {
                runs.remove(run);
            }
        }
    }
}
