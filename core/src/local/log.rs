//! What runs print, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::id::RunId;
use crate::port::Log;
use crate::port::log::{Chunk, Error, Excerpt, Subject, Tail, Writer};
use crate::time::Timestamp;

/// A log whose clones share what was written.
#[derive(Clone, Debug, Default)]
pub struct MemoryLog {
    runs: Arc<Mutex<BTreeMap<RunId, Kept>>>,
}

#[derive(Debug, Default)]
struct Kept {
    chunks: BTreeMap<u64, Chunk>,
    /// What is shown behind them.
    tail: BTreeMap<u64, Chunk>,
    /// Told at every change; `None` once nothing more comes.
    changed: Option<watch::Sender<()>>,
}

impl Kept {
    fn from(&self, from: u64) -> impl Iterator<Item = &Chunk> {
        let shown = self.chunks.keys().next_back().map_or(from, |last| from.max(last + 1));
        let tail = self.tail.range(shown..).map(|(_, chunk)| chunk);
        self.chunks.range(from..).map(|(_, chunk)| chunk).chain(tail)
    }

    fn close(&mut self) {
        self.changed = None;
        self.tail.clear();
    }

    fn has_from(&self, from: u64) -> bool {
        self.from(from).next().is_some()
    }
}

impl MemoryLog {
    fn runs(&self) -> MutexGuard<'_, BTreeMap<RunId, Kept>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Log for MemoryLog {
    async fn open(&self, subject: &Subject) -> Result<Box<dyn Writer>, Error> {
        let mut runs = self.runs();
        let kept = runs.entry(subject.run).or_default();
        kept.changed.get_or_insert_with(|| watch::Sender::new(()));
        Ok(Box::new(MemoryWriter { log: self.clone(), run: subject.run }))
    }

    async fn read(&self, subject: &Subject, from: u64, limit_bytes: usize) -> Result<Excerpt, Error> {
        let runs = self.runs();
        let kept = runs.get(&subject.run).filter(|kept| kept.changed.is_some() || !kept.chunks.is_empty());
        let kept = kept.ok_or(Error::NotFound { run: subject.run })?;
        let mut excerpt = Excerpt { next: from, ..Excerpt::default() };
        let mut bytes = 0;
        for chunk in kept.from(from) {
            if bytes >= limit_bytes && !excerpt.chunks.is_empty() {
                break;
            }
            bytes += chunk.bytes.len();
            excerpt.next = chunk.sequence + 1;
            excerpt.chunks.push(chunk.clone());
        }
        excerpt.complete = kept.changed.is_none() && !kept.has_from(excerpt.next);
        Ok(excerpt)
    }

    async fn wait(&self, subject: &Subject, from: u64) {
        loop {
            let changed = match self.runs().get(&subject.run) {
                Some(kept) if !kept.has_from(from) => kept.changed.as_ref().map(watch::Sender::subscribe),
                _ => None,
            };
            let Some(mut changed) = changed else { return };
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    async fn prune(&self, now: Timestamp, age: Duration) -> Result<u64, Error> {
        let mut runs = self.runs();
        let kept = runs.split_off(&RunId::floor(now - age));
        let removed = std::mem::replace(&mut *runs, kept);
        Ok(removed.values().filter(|kept| !kept.chunks.is_empty()).count() as u64)
    }
}

#[derive(Debug)]
struct MemoryWriter {
    log: MemoryLog,
    run: RunId,
}

#[async_trait]
impl Writer for MemoryWriter {
    async fn append(&mut self, chunks: &[Chunk]) -> Result<(), Error> {
        if let Some(kept) = self.log.runs().get_mut(&self.run) {
            kept.chunks.extend(chunks.iter().map(|chunk| (chunk.sequence, chunk.clone())));
            if let Some(changed) = &kept.changed {
                changed.send_replace(());
            }
        }
        Ok(())
    }

    fn show(&mut self, tail: Tail) {
        if let Some(kept) = self.log.runs().get_mut(&self.run) {
            kept.tail.retain(|sequence, _| *sequence >= tail.oldest);
            kept.tail.extend(tail.chunks.into_iter().map(|chunk| (chunk.sequence, chunk)));
            if let Some(changed) = &kept.changed {
                changed.send_replace(());
            }
        }
    }

    async fn close(&mut self) -> Result<(), Error> {
        if let Some(kept) = self.log.runs().get_mut(&self.run) {
            kept.close();
        }
        Ok(())
    }
}

/// Whoever stops writing without closing says nothing more either.
impl Drop for MemoryWriter {
    fn drop(&mut self) {
        if let Some(kept) = self.log.runs().get_mut(&self.run) {
            kept.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite;

    #[tokio::test]
    async fn keeps_the_contract() {
        suite::log::check(&MemoryLog::default()).await;
    }
}
