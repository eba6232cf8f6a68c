//! Where readers of logs were in the stream, so that who goes on reading need not begin again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cronbus_core::id::{NodeName, RunId};

use super::piece::{BEGIN, Flags, Piece};

/// How many places are remembered. Who is forgotten reads from the beginning once more.
const MOST: usize = 4096;

/// A place in a run's part of the stream.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    /// Messages before this place of the stream were read.
    pub(super) place: u64,
    /// Bytes of the file before this were read.
    pub(super) offset: u64,
    /// What the last message said of the log; `None` before the first.
    pub(super) flags: Option<Flags>,
    /// Who sent it.
    pub(super) sender: Option<NodeName>,
}

impl Default for Cursor {
    fn default() -> Self {
        Self { place: 1, offset: BEGIN, flags: None, sender: None }
    }
}

impl Cursor {
    /// Takes note of a piece that was read. One that came before says nothing new.
    pub(super) fn pass(&mut self, piece: &Piece) {
        let ended = self.is_at_end() && piece.end() == self.offset;
        if piece.end() >= self.offset {
            self.flags = Some(Flags { ends: piece.flags.ends || ended, ..piece.flags });
            self.offset = piece.end();
        }
    }

    /// Whether nothing comes after it, as far as is known.
    pub(super) fn is_at_end(&self) -> bool {
        self.flags.is_some_and(|flags| flags.ends)
    }

    /// Whether its host has output that is in no stream yet.
    pub(super) fn is_held_back(&self) -> bool {
        self.flags.is_some_and(|flags| flags.held_back)
    }
}

/// By run and the number of the next chunk.
type Places = HashMap<(RunId, u64), (Cursor, u64)>;

/// The places of all readers.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    places: Mutex<(Places, u64)>,
}

impl Cursors {
    fn places(&self) -> MutexGuard<'_, (Places, u64)> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a reader goes on who wants the chunks from `next` on.
    pub(super) fn of(&self, run: RunId, next: u64) -> Cursor {
        self.places().0.get(&(run, next)).map(|(cursor, _)| cursor.clone()).unwrap_or_default()
    }

    /// Remembers it.
    pub(super) fn keep(&self, run: RunId, next: u64, cursor: Cursor) {
        let mut guard = self.places();
        let (places, count) = &mut *guard;
        *count += 1;
        if places.len() >= MOST {
            // Half of them at once: looking for the oldest each time would cost more than reading again.
            let middle = count.saturating_sub(MOST as u64 / 2);
            places.retain(|_, (_, used)| *used > middle);
        }
        places.insert((run, next), (cursor, *count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::time::Timestamp;

    #[test]
    fn the_newest_places_are_remembered_and_not_more_than_so_many() {
        let (cursors, run) = (Cursors::default(), RunId::floor(Timestamp::EPOCH));
        for next in 0..3 * MOST as u64 {
            cursors.keep(run, next, Cursor { place: next, ..Cursor::default() });
        }
        let last = 3 * MOST as u64 - 1;
        assert_eq!((cursors.of(run, last).place, cursors.of(run, 0).place), (last, 1));
        assert!(cursors.places().0.len() <= MOST);
    }
}
