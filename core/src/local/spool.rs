//! An executor's memory in memory. It survives its executor, not its process: a simulated crash drops everything but
//! this.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::id::RunId;
use crate::port::Spool;
use crate::port::spool::{Entry, Error, Remembered};

/// A spool whose clones share what they remember.
#[derive(Clone, Debug, Default)]
pub struct MemorySpool {
    runs: Arc<Mutex<BTreeMap<RunId, Remembered>>>,
}

#[async_trait]
impl Spool for MemorySpool {
    async fn recover(&self) -> Result<Vec<Remembered>, Error> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(runs.values().cloned().collect())
    }

    async fn append(&self, entries: &[Entry]) -> Result<(), Error> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            let known = runs.remove(&entry.run());
            if let Some(remembered) = Remembered::after(known, entry) {
                runs.insert(entry.run(), remembered);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite;

    #[tokio::test]
    async fn keeps_the_contract() {
        let spool = MemorySpool::default();
        suite::spool::check(|| async { spool.clone() }).await;
    }
}
