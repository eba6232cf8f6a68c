//! Which logs have something to send, and whose turn it is. Told by those who write, asked by the one who sends.
//!
//! A log that begins to have news is due after a moment, so that a run which prints line by line does not make a message
//! of each; at once when it is closed, or has enough for a message. The more messages a log has made, the longer that
//! moment. Logs that are due have their turns in the order in which they became due: one that has much to send gets back
//! in line after each message.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cronbus_core::id::RunId;
use tokio::sync::Notify;

use super::markers::Markers;
use super::piece::FULL;

/// How many logs are kept in mind. More wait on disk until these are sent.
const MOST: usize = 20_000;

/// How long news may wait for more: at first, and at the most.
const DELAY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(1));

/// How many messages a log makes before its news waits twice as long, three times as long, and so on.
const PATIENT: u32 = 100;

/// The pause before a log that could not be sent has another turn.
const AGAIN: Duration = Duration::from_secs(1);

/// How far a log was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parcel {
    pub(super) path: Arc<Path>,
    /// How much of the file the stream has acknowledged; `None` where the stream has to be asked.
    pub(super) offset: Option<u64>,
    /// How many messages it made.
    pub(super) pieces: u32,
    /// Whether readers were told that its newest output is not kept yet.
    pub(super) is_told: bool,
}

/// What came of a turn.
#[derive(Clone, Debug)]
pub(super) enum Became {
    /// It was sent this far; there is more of it, or not now.
    Sent { parcel: Parcel, has_more: bool },
    /// It was sent to its end, or there is nothing to be sent any more.
    Over,
    /// It could not be sent.
    NotNow,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// This log is to be sent on.
    Send(RunId, Parcel),
    /// Nothing is due now, and there may be logs on disk that are not kept in mind.
    Recall,
}

#[derive(Debug)]
struct Entry {
    parcel: Parcel,
    /// Whether it has its turn now.
    is_out: bool,
    has_news: bool,
    is_urgent: bool,
    waiting_bytes: usize,
    due: Option<Instant>,
}

#[derive(Debug)]
struct Logs {
    entries: HashMap<RunId, Entry>,
    due: BTreeSet<(Instant, RunId)>,
    /// Whether there may be logs on disk that are not kept in mind.
    is_more_on_disk: bool,
}

/// The logs that are not sent to their end.
#[derive(Debug)]
pub(in crate::log) struct Desk {
    markers: Markers,
    logs: Mutex<Logs>,
    changed: Notify,
}

impl Desk {
    /// What the disk knows is recalled first.
    pub(in crate::log) fn new(markers: Markers) -> Self {
        let logs = Logs { entries: HashMap::new(), due: BTreeSet::new(), is_more_on_disk: true };
        Self { markers, logs: Mutex::new(logs), changed: Notify::new() }
    }

    pub(in crate::log) const fn markers(&self) -> &Markers {
        &self.markers
    }

    fn logs(&self) -> MutexGuard<'_, Logs> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A log has so many bytes more, or newer output that is not kept yet.
    pub(in crate::log) fn has_news(&self, run: RunId, path: &Arc<Path>, bytes: usize) {
        self.note(run, path, bytes, false);
    }

    /// Nothing more is written to a log.
    pub(in crate::log) fn is_closed(&self, run: RunId, path: &Arc<Path>) {
        self.note(run, path, 0, true);
    }

    fn note(&self, run: RunId, path: &Arc<Path>, bytes: usize, is_urgent: bool) {
        let mut logs = self.logs();
        if logs.note(run, path, bytes, is_urgent, Instant::now()) {
            drop(logs);
            self.changed.notify_one();
        }
    }

    /// Waits for the next turn. For one caller at a time.
    pub(super) async fn next(&self) -> Turn {
        loop {
            let until = {
                let mut logs = self.logs();
                match logs.take(Instant::now()) {
                    Ok(turn) => return turn,
                    Err(until) => until,
                }
            };
            let changed = self.changed.notified();
            match until {
                Some(until) => drop(tokio::time::timeout_at(until.into(), changed).await),
                None => changed.await,
            }
        }
    }

    /// Says what came of a turn.
    pub(super) fn done(&self, run: RunId, became: Became) {
        self.logs().done(run, became, Instant::now());
        self.changed.notify_one();
    }

    /// Looks on disk for logs that are not kept in mind.
    ///
    /// # Errors
    /// When the folder cannot be read; it is looked into again then.
    pub(super) fn recall(&self) -> std::io::Result<()> {
        self.logs().is_more_on_disk = false;
        let known = |run| self.logs().entries.contains_key(&run);
        let found = self.markers.list(MOST, known).inspect_err(|_| self.logs().is_more_on_disk = true)?;
        self.logs().recall(found, Instant::now());
        self.changed.notify_one();
        Ok(())
    }

    /// Whether everything was sent that this process knows of.
    pub(super) fn is_empty(&self) -> bool {
        let logs = self.logs();
        logs.entries.is_empty() && !logs.is_more_on_disk
    }
}

impl Logs {
    /// Notes news; whether something is due earlier than before.
    fn note(&mut self, run: RunId, path: &Arc<Path>, bytes: usize, is_urgent: bool, now: Instant) -> bool {
        if !self.entries.contains_key(&run) && self.entries.len() >= MOST {
            self.is_more_on_disk = true;
            return false;
        }
        let entry = self.entries.entry(run).or_insert_with(|| Entry::new(Arc::clone(path), Some(super::piece::BEGIN)));
        entry.has_news = true;
        entry.waiting_bytes = entry.waiting_bytes.saturating_add(bytes);
        entry.is_urgent |= is_urgent;
        self.plan(run, now)
    }

    /// Puts a log with news in line; whether something is due earlier than before.
    fn plan(&mut self, run: RunId, now: Instant) -> bool {
        let Some(entry) = self.entries.get_mut(&run).filter(|entry| entry.has_news && !entry.is_out) else {
            return false;
        };
        let delay = entry.delay();
        if let Some(due) = entry.due {
            if due <= now + delay {
                return false;
            }
            self.due.remove(&(due, run));
        }
        entry.due = Some(now + delay);
        self.due.insert((now + delay, run));
        self.due.first().is_some_and(|(_, first)| *first == run)
    }

    /// The next turn, or until when there is none.
    fn take(&mut self, now: Instant) -> Result<Turn, Option<Instant>> {
        match self.due.first().copied() {
            Some((due, run)) if due <= now => {
                self.due.pop_first();
                let Some(entry) = self.entries.get_mut(&run) else { return Err(Some(now)) };
                (entry.due, entry.is_out, entry.has_news, entry.is_urgent, entry.waiting_bytes) =
                    (None, true, false, false, 0);
                Ok(Turn::Send(run, entry.parcel.clone()))
            }
            _ if self.is_more_on_disk && self.entries.len() <= MOST / 2 => Ok(Turn::Recall),
            first => Err(first.map(|(due, _)| due)),
        }
    }

    fn done(&mut self, run: RunId, became: Became, now: Instant) {
        let Some(entry) = self.entries.get_mut(&run) else { return };
        entry.is_out = false;
        match became {
            Became::Over => {
                self.entries.remove(&run);
            }
            Became::Sent { parcel, has_more } => {
                entry.parcel = parcel;
                entry.has_news |= has_more;
                entry.is_urgent |= has_more;
                self.plan(run, now);
            }
            Became::NotNow => {
                (entry.has_news, entry.is_urgent) = (true, false);
                entry.due = Some(now + AGAIN);
                self.due.insert((now + AGAIN, run));
            }
        }
    }

    fn recall(&mut self, found: Vec<(RunId, PathBuf)>, now: Instant) {
        let room = MOST.saturating_sub(self.entries.len());
        self.is_more_on_disk |= found.len() >= room;
        for (run, path) in found.into_iter().take(room) {
            self.entries.entry(run).or_insert_with(|| Entry::new(path.into(), None));
            if let Some(entry) = self.entries.get_mut(&run) {
                (entry.has_news, entry.is_urgent) = (true, true);
            }
            self.plan(run, now);
        }
    }
}

impl Entry {
    fn new(path: Arc<Path>, offset: Option<u64>) -> Self {
        let parcel = Parcel { path, offset, pieces: 0, is_told: false };
        Self { parcel, is_out: false, has_news: false, is_urgent: false, waiting_bytes: 0, due: None }
    }

    fn delay(&self) -> Duration {
        if self.is_urgent || self.waiting_bytes >= FULL {
            return Duration::ZERO;
        }
        DELAY.0.saturating_mul(1 + self.parcel.pieces / PATIENT).min(DELAY.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::time::Timestamp;

    fn run(number: i64) -> RunId {
        RunId::floor(Timestamp::from_millis(number))
    }

    fn logs() -> Logs {
        Logs { entries: HashMap::new(), due: BTreeSet::new(), is_more_on_disk: false }
    }

    fn path() -> Arc<Path> {
        Path::new("x.log").into()
    }

    fn sent(logs: &mut Logs, number: i64, now: Instant) -> Parcel {
        match logs.take(now) {
            Ok(Turn::Send(sent, parcel)) if sent == run(number) => parcel,
            other => panic!("not the turn of {number}: {other:?}"),
        }
    }

    #[test]
    fn news_waits_for_more_unless_there_is_enough_or_it_is_the_last() {
        let (mut logs, now) = (logs(), Instant::now());
        assert!(logs.note(run(1), &path(), 10, false, now));
        assert!(!logs.note(run(1), &path(), 10, false, now + DELAY.0 / 2));
        assert_eq!(logs.take(now), Err(Some(now + DELAY.0)));
        assert!(logs.note(run(2), &path(), FULL, false, now));
        sent(&mut logs, 2, now);
        assert!(logs.note(run(1), &path(), 0, true, now));
        sent(&mut logs, 1, now);
        assert_eq!(logs.take(now + DELAY.1), Err(None));
    }

    #[test]
    fn who_has_much_gets_back_in_line() {
        let (mut logs, now) = (logs(), Instant::now());
        logs.note(run(1), &path(), FULL, false, now);
        logs.note(run(2), &path(), FULL, false, now);
        let parcel = sent(&mut logs, 1, now);
        logs.done(run(1), Became::Sent { parcel, has_more: true }, now + AGAIN);
        sent(&mut logs, 2, now + AGAIN);
        sent(&mut logs, 1, now + AGAIN);
    }

    #[test]
    fn what_happens_during_a_turn_is_not_forgotten_after_it() {
        let (mut logs, now) = (logs(), Instant::now());
        logs.note(run(1), &path(), FULL, false, now);
        let parcel = sent(&mut logs, 1, now);
        assert!(!logs.note(run(1), &path(), 0, true, now));
        assert_eq!(logs.take(now), Err(None), "it has its turn already");
        logs.done(run(1), Became::Sent { parcel, has_more: false }, now);
        sent(&mut logs, 1, now);
        logs.done(run(1), Became::NotNow, now);
        assert_eq!(logs.take(now), Err(Some(now + AGAIN)));
        sent(&mut logs, 1, now + AGAIN);
        logs.done(run(1), Became::Over, now);
        assert!(logs.entries.is_empty() && logs.due.is_empty());
    }

    #[test]
    fn more_than_is_kept_in_mind_waits_on_disk() {
        let (mut logs, now) = (logs(), Instant::now());
        let most = i64::try_from(MOST).unwrap();
        for number in 0..most + 5 {
            logs.note(run(number), &path(), 0, true, now);
        }
        assert_eq!((logs.entries.len(), logs.is_more_on_disk), (MOST, true));
        for number in 0..most {
            sent(&mut logs, number, now);
            logs.done(run(number), Became::Over, now);
        }
        logs.note(run(most + 9), &path(), 1, false, now);
        assert_eq!(logs.take(now), Ok(Turn::Recall), "whatever is due later");
        logs.is_more_on_disk = false;
        logs.recall(vec![(run(most), PathBuf::from("y.log"))], now);
        assert_eq!(sent(&mut logs, most, now).offset, None);
        assert_eq!(logs.take(now), Err(Some(now + DELAY.0)));
    }

    #[test]
    fn a_log_that_makes_many_messages_makes_them_more_slowly() {
        let mut entry = Entry::new(path(), None);
        let delays = [0, PATIENT, 2 * PATIENT, u32::MAX].map(|pieces| {
            entry.parcel.pieces = pieces;
            entry.delay()
        });
        assert_eq!(delays, [DELAY.0, 2 * DELAY.0, 3 * DELAY.0, DELAY.1]);
    }
}
