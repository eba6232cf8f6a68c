//! Following a run's log as server-sent events (HTML standard, section 9.2).
//!
//! ```text
//!   reading ── a part ──▶ chunk events ──▶ reading        waits for the log, and looks at the run now and then
//!      │ the log is closed, or the run is over and nothing was left for some looks
//!      ▼
//!   lacking ── what cannot be read now, if the log was not closed: a lack event
//!      ▼
//!   ending ── the run's row says how it ended ──▶ end event, and the stream closes
//! ```
//!
//! Nothing is held but one part: a slow client slows its own stream only.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cronbus_core::id::RunId;
use cronbus_core::port::log::{self, Chunk, Excerpt, Lack, Subject};
use cronbus_core::run::Run;
use futures::Stream;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};

use super::api::{run_log, runs};
use super::problem::Problem;
use super::session::Principal;
use super::site::Site;
use super::view::{ChunkView, LackView};

/// How many bytes of output are read at a time, about.
const PART_BYTES: usize = 64 << 10;

/// How long a follower waits for the log before it looks at the run.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The least time between two looks, should the log wake a follower for nothing.
const LOOK_LEAST: Duration = Duration::from_millis(50);

/// How many looks in vain there are at the log of a run that is over before its end is not waited for any longer: what a
/// run on another host printed last takes a moment to get here.
const LAST_LOOKS: u32 = 5;

/// How many looks may fail in a row before the follower is told.
const FAILURES: u32 = 120;

/// How many looks in vain there are between two signs of life.
const LOOKS_PER_SIGN: u32 = 10;

/// A comment: clients ignore it, proxies see that the stream lives.
const SIGN_OF_LIFE: &str = ": still here\n\n";

/// One who follows one log.
#[derive(Debug)]
pub(crate) struct Follower {
    site: Arc<Site>,
    by: Principal,
    run: RunId,
    subject: Subject,
    next: u64,
    phase: Phase,
    looks: u32,
    last_looks: u32,
    failures: u32,
    /// Whether nobody has anything of it.
    is_nowhere: bool,
    /// Whether the run is over and printed nothing.
    is_silent: bool,
    lack: Option<Lack>,
    _place: OwnedSemaphorePermit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Reading,
    Lacking,
    Ending,
    Over,
}

impl Follower {
    /// Follows the log from the chunk `next` on, holding one of the places for followers.
    pub(crate) fn new(
        (site, by): (Arc<Site>, Principal),
        run: RunId,
        subject: Subject,
        next: u64,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            site,
            by,
            run,
            subject,
            next,
            phase: Phase::Reading,
            looks: 0,
            last_looks: 0,
            failures: 0,
            is_nowhere: false,
            is_silent: false,
            lack: None,
            _place: place,
        }
    }

    /// The next bytes to send; absent when the stream is over.
    async fn step(&mut self) -> Option<Bytes> {
        loop {
            let sent = match self.phase {
                Phase::Reading => self.read().await,
                Phase::Lacking => Ok(self.tell_lack()),
                Phase::Ending => self.end().await,
                Phase::Over => return None,
            };
            match sent {
                Ok(Some(bytes)) => return Some(bytes),
                Ok(None) => {}
                Err(problem) => {
                    self.phase = Phase::Over;
                    return Some(event("problem", None, &problem));
                }
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Problem> {
        // Asked before the log is read: what a run printed is there before the run is over.
        let over = self.looks > 0 && self.is_over().await?;
        let excerpt = self.part().await?;
        self.next = excerpt.next;
        self.lack = excerpt.lack;
        if excerpt.complete {
            self.phase = Phase::Ending;
        }
        if !excerpt.chunks.is_empty() {
            (self.looks, self.last_looks) = (0, 0);
            return Ok(Some(chunk_events(excerpt.chunks)));
        }
        if over {
            self.last_looks += 1;
            if self.is_nowhere || self.last_looks >= LAST_LOOKS {
                self.phase = Phase::Lacking;
            }
        }
        if self.phase == Phase::Reading {
            self.wait().await;
        }
        Ok(self.sign_of_life())
    }

    /// What follows of the log. One that is not there yet is empty, and one that cannot be read now may be later.
    async fn part(&mut self) -> Result<Excerpt, Problem> {
        let nothing = Excerpt { next: self.next, ..Excerpt::default() };
        self.is_nowhere = false;
        let failed = match self.site.log.read(&self.subject, self.next, PART_BYTES).await {
            Ok(excerpt) => {
                self.failures = 0;
                return Ok(excerpt);
            }
            // Nobody has it: nothing was printed, or nothing is left.
            Err(log::Error::NotFound { .. }) => {
                self.is_nowhere = true;
                return Ok(nothing);
            }
            Err(log::Error::HostAway { .. }) if self.is_silent => {
                self.is_nowhere = true;
                return Ok(nothing);
            }
            Err(log::Error::HostAway { node, .. }) => {
                return Ok(Excerpt { lack: Some(Lack::HostAway { node }), ..nothing });
            }
            Err(error) => error,
        };
        self.failures += 1;
        if !failed.is_retryable() || self.failures >= FAILURES {
            return Err(failed.into());
        }
        self.last_looks = 0;
        Ok(nothing)
    }

    fn tell_lack(&mut self) -> Option<Bytes> {
        self.phase = Phase::Ending;
        let detail = self.lack.take()?.to_string();
        Some(event("lack", None, &LackView { detail }))
    }

    async fn wait(&self) {
        let woken = async {
            self.site.log.wait(&self.subject, self.next).await;
            sleep(LOOK_LEAST).await;
        };
        drop(timeout(LOOK_EVERY, woken).await);
    }

    async fn end(&mut self) -> Result<Option<Bytes>, Problem> {
        match self.row().await? {
            Some(run) if run.state.is_terminal() => {
                self.phase = Phase::Over;
                let view = runs::view(&self.site, run, &self.by).await?;
                Ok(Some(event("end", None, &view)))
            }
            Some(_) => {
                sleep(LOOK_LEAST * 2).await;
                Ok(self.sign_of_life())
            }
            None => Err(Problem::no_such_run(self.run)),
        }
    }

    fn sign_of_life(&mut self) -> Option<Bytes> {
        self.looks = self.looks.saturating_add(1);
        self.looks.is_multiple_of(LOOKS_PER_SIGN).then(|| Bytes::from_static(SIGN_OF_LIFE.as_bytes()))
    }

    async fn is_over(&mut self) -> Result<bool, Problem> {
        let row = self.row().await?;
        self.is_silent = row.as_ref().is_some_and(run_log::printed_nothing);
        Ok(row.is_none_or(|run| run.state.is_terminal()))
    }

    async fn row(&self) -> Result<Option<Run>, Problem> {
        Ok(self.site.store.run(self.run).await?)
    }
}

/// The events of a follower, until the run is over.
pub(crate) fn events(follower: Follower) -> impl Stream<Item = Result<Bytes, Problem>> {
    futures::stream::unfold(follower, |mut follower| async move {
        let bytes = follower.step().await?;
        Some((Ok(bytes), follower))
    })
}

fn chunk_events(chunks: Vec<Chunk>) -> Bytes {
    let mut text = Vec::new();
    for chunk in chunks {
        let id = chunk.sequence;
        text.extend_from_slice(&event("chunk", Some(id), &ChunkView::from(chunk)));
    }
    text.into()
}

/// One event. JSON has no line breaks, so its data is one line.
fn event<T: Serialize>(name: &str, id: Option<u64>, data: &T) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\n{id}data: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::port::log::Stream as Source;
    use cronbus_core::time::Timestamp;

    #[test]
    fn a_chunk_is_an_event_of_one_data_line_with_its_sequence_as_id() {
        let chunk = Chunk { sequence: 4, at: Timestamp::EPOCH, stream: Source::Stderr, bytes: b"a\nb\n\n".to_vec() };
        let text = String::from_utf8(chunk_events(vec![chunk]).to_vec()).unwrap();
        assert_eq!(
            text,
            "event: chunk\nid: 4\ndata: {\"sequence\":4,\"at\":\"1970-01-01T00:00:00.000Z\",\"stream\":\"stderr\",\
             \"text\":\"a\\nb\\n\\n\"}\n\n"
        );
    }
}
