//! Which part of a run's output is kept: the first half of the limit, and the last half. Everything in between is
//! counted and forgotten, so that a flood costs no more memory than the limit.
//!
//! Pieces are numbered as they come, and what was handed out never grows: whoever was shown the tail as it was can be
//! shown what is new of it later, and misses nothing.

use std::collections::VecDeque;

use cronbus_core::port::log::Stream;
use cronbus_core::time::Timestamp;

/// A chunk holds no more than this.
pub(super) const CHUNK_LIMIT: usize = 64 * 1024;

/// How many pieces the tail consists of at the most: each has a cost beside its bytes.
const TAIL_PIECES: usize = 16 * 1024;

/// Some output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its place in the log.
    pub sequence: u64,
    /// When its first byte was read.
    pub at: Timestamp,
    /// Where it came from.
    pub stream: Stream,
    /// At most [`CHUNK_LIMIT`] bytes.
    pub bytes: Vec<u8>,
}

/// Keeps head and tail.
#[derive(Debug)]
pub(super) struct Keeper {
    head: Vec<Piece>,
    head_room: usize,
    tail: VecDeque<Piece>,
    tail_bytes: usize,
    tail_limit: usize,
    /// Pieces of the tail before this one were shown.
    shown: u64,
    /// The place of the line that says how much is left out before the tail.
    mark: Option<u64>,
    /// The number of the next piece.
    next: u64,
    total: u64,
    left_out: u64,
}

impl Keeper {
    /// Keeps at most `limit` bytes.
    pub(super) fn new(limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self {
            head: Vec::new(),
            head_room: limit - limit / 2,
            tail: VecDeque::new(),
            tail_bytes: 0,
            tail_limit: limit / 2,
            shown: 0,
            mark: None,
            next: 0,
            total: 0,
            left_out: 0,
        }
    }

    /// The same, behind what a log has already.
    pub(super) fn behind(limit: u64, bytes: u64, left_out: u64, next: u64) -> Self {
        let fresh = Self::new(limit);
        let kept = usize::try_from(bytes).unwrap_or(usize::MAX);
        let total = bytes.saturating_add(left_out);
        Self { head_room: fresh.head_room.saturating_sub(kept), total, left_out, next, ..fresh }
    }

    /// So many bytes came that nobody has: what was kept of the tail before them is too old to be of the tail.
    pub(super) fn miss(&mut self, count: u64) {
        if self.mark.is_none() {
            self.mark = Some(self.number());
        }
        self.head_room = 0;
        let forgotten = std::mem::take(&mut self.tail_bytes) as u64;
        self.tail.clear();
        self.total = self.total.saturating_add(count);
        self.left_out = self.left_out.saturating_add(count).saturating_add(forgotten);
    }

    /// How many bytes came.
    pub(super) const fn total(&self) -> u64 {
        self.total
    }

    /// How many of them were not kept.
    pub(super) const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// How many bytes [`Keeper::take_head`] would return.
    pub(super) fn head_bytes(&self) -> usize {
        self.head.iter().map(|piece| piece.bytes.len()).sum()
    }

    /// Takes what was read.
    pub(super) fn push(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) {
        self.total = self.total.saturating_add(bytes.len() as u64);
        let (head, tail) = bytes.split_at(bytes.len().min(self.head_room));
        self.head_room -= head.len();
        for part in head.chunks(CHUNK_LIMIT) {
            match self.head.last_mut() {
                Some(last) if last.has_room(stream, part) => last.bytes.extend_from_slice(part),
                _ => {
                    let sequence = self.number();
                    self.head.push(Piece { sequence, at, stream, bytes: part.to_vec() });
                }
            }
        }
        for part in tail.chunks(CHUNK_LIMIT) {
            self.push_tail(at, stream, part);
        }
    }

    /// The next place in the log.
    pub(super) const fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }

    fn push_tail(&mut self, at: Timestamp, stream: Stream, part: &[u8]) {
        self.tail_bytes += part.len();
        let shown = self.shown;
        match self.tail.back_mut() {
            Some(last) if last.sequence >= shown && last.has_room(stream, part) => last.bytes.extend_from_slice(part),
            _ => {
                if self.mark.is_none() {
                    self.mark = Some(self.number());
                }
                let sequence = self.number();
                self.tail.push_back(Piece { sequence, at, stream, bytes: part.to_vec() });
            }
        }
        self.shorten_tail();
    }

    /// Forgets the oldest of the tail, to the byte.
    fn shorten_tail(&mut self) {
        while self.tail_bytes > self.tail_limit || self.tail.len() > TAIL_PIECES {
            let Some(oldest) = self.tail.front_mut() else { return };
            let excess = self.tail_bytes.saturating_sub(self.tail_limit);
            let forgotten = if excess == 0 || excess >= oldest.bytes.len() {
                self.tail.pop_front().map_or(0, |piece| piece.bytes.len())
            } else {
                oldest.bytes.drain(..excess).len()
            };
            self.tail_bytes -= forgotten;
            self.left_out = self.left_out.saturating_add(forgotten as u64);
        }
    }

    /// What is new of the head.
    pub(super) fn take_head(&mut self) -> Vec<Piece> {
        std::mem::take(&mut self.head)
    }

    /// Whether the tail has something that was not shown.
    pub(super) fn has_news(&self) -> bool {
        self.tail.back().is_some_and(|last| last.sequence >= self.shown)
    }

    /// What is new of the tail since it was shown last, and the number of the oldest piece of it that is still kept.
    pub(super) fn show_tail(&mut self) -> (u64, Vec<Piece>) {
        let news = self.tail.iter().filter(|piece| piece.sequence >= self.shown).cloned().collect();
        self.shown = self.next;
        (self.tail.front().map_or(self.next, |oldest| oldest.sequence), news)
    }

    /// The place of the line that says how much is left out before the tail; `None` while there is no tail.
    pub(super) const fn mark(&self) -> Option<u64> {
        self.mark
    }

    /// The tail, once it is to be kept as it is.
    pub(super) fn take_tail(&mut self) -> VecDeque<Piece> {
        self.tail_bytes = 0;
        self.mark = None;
        std::mem::take(&mut self.tail)
    }
}

impl Piece {
    fn has_room(&self, stream: Stream, part: &[u8]) -> bool {
        self.stream == stream && self.bytes.len() + part.len() <= CHUNK_LIMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes<'a>(pieces: impl IntoIterator<Item = &'a Piece>) -> Vec<u8> {
        pieces.into_iter().flat_map(|piece| piece.bytes.clone()).collect()
    }

    proptest! {
        #[test]
        fn head_and_tail_are_kept_to_the_byte(
            limit in 0_u64..400,
            writes in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..90)), 0..20),
        ) {
            let mut keeper = Keeper::new(limit);
            let mut all = Vec::new();
            let mut head = Vec::new();
            for (is_error, written) in &writes {
                let stream = if *is_error { Stream::Stderr } else { Stream::Stdout };
                keeper.push(Timestamp::EPOCH, stream, written);
                head.extend(keeper.take_head());
                all.extend_from_slice(written);
            }
            let (head, tail) = (bytes(&head), bytes(&keeper.take_tail()));
            let limit = usize::try_from(limit).unwrap();
            let (head_limit, tail_limit) = (limit - limit / 2, limit / 2);
            prop_assert_eq!(&head[..], &all[..all.len().min(head_limit)]);
            let rest = &all[head.len()..];
            prop_assert_eq!(&tail[..], &rest[rest.len() - rest.len().min(tail_limit)..]);
            prop_assert_eq!(keeper.left_out() as usize, all.len() - head.len() - tail.len());
            prop_assert_eq!(keeper.total() as usize, all.len());
        }
    }

    proptest! {
        #[test]
        fn who_is_shown_the_tail_now_and_then_misses_only_what_was_left_out(
            writes in prop::collection::vec((any::<bool>(), any::<bool>(), 1_usize..90), 0..40),
        ) {
            let mut keeper = Keeper::new(400);
            let mut shown: std::collections::BTreeMap<u64, Vec<u8>> = std::collections::BTreeMap::new();
            for (is_error, shows, length) in writes {
                let stream = if is_error { Stream::Stderr } else { Stream::Stdout };
                keeper.push(Timestamp::EPOCH, stream, &vec![b'x'; length]);
                keeper.take_head();
                if shows {
                    let (oldest, news) = keeper.show_tail();
                    prop_assert!(news.iter().all(|piece| piece.sequence >= oldest));
                    prop_assert!(!keeper.has_news());
                    shown.extend(news.into_iter().map(|piece| (piece.sequence, piece.bytes)));
                }
            }
            let mark = keeper.mark();
            for Piece { sequence, bytes, .. } in keeper.take_tail() {
                prop_assert!(mark.is_some_and(|mark| mark < sequence));
                if let Some(seen) = shown.get(&sequence) {
                    prop_assert!(seen.ends_with(&bytes), "what was shown may lose its beginning and never grows");
                }
            }
        }
    }

    #[test]
    fn streams_are_not_mixed_and_chunks_are_bounded() {
        let mut keeper = Keeper::new(1 << 20);
        keeper.push(Timestamp::EPOCH, Stream::Stdout, b"a");
        keeper.push(Timestamp::EPOCH, Stream::Stdout, b"b");
        keeper.push(Timestamp::EPOCH, Stream::Stderr, &vec![b'c'; CHUNK_LIMIT + 1]);
        let head = keeper.take_head();
        let shape: Vec<_> = head.iter().map(|piece| (piece.stream, piece.bytes.len())).collect();
        assert_eq!(shape, [(Stream::Stdout, 2), (Stream::Stderr, CHUNK_LIMIT), (Stream::Stderr, 1)]);
    }

    #[test]
    fn a_flood_of_single_bytes_is_bounded() {
        let mut keeper = Keeper::new(1 << 20);
        keeper.push(Timestamp::EPOCH, Stream::Stdout, &vec![b'x'; 1 << 19]);
        for turn in 0..100_000 {
            let stream = if turn % 2 == 0 { Stream::Stdout } else { Stream::Stderr };
            keeper.push(Timestamp::EPOCH, stream, b"y");
        }
        assert_eq!(keeper.left_out(), 100_000 - TAIL_PIECES as u64);
        assert_eq!(keeper.take_tail().len(), TAIL_PIECES);
    }
}
