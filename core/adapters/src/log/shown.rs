//! The end of a log that is being written, as readers are shown it before it is kept.

use std::collections::BTreeMap;

use cronbus_core::port::log::{Chunk, Excerpt, Stream, Tail};

/// The newest chunks of one log.
#[derive(Debug, Default)]
pub(super) struct Shown {
    chunks: BTreeMap<u64, Chunk>,
    /// The number of the first that was ever shown.
    begin: Option<u64>,
}

impl Shown {
    /// Takes what is to be shown.
    pub(super) fn take(&mut self, tail: Tail) {
        self.chunks = self.chunks.split_off(&tail.oldest);
        self.chunks.extend(tail.chunks.into_iter().map(|chunk| (chunk.sequence, chunk)));
        self.begin = self.begin.or_else(|| self.chunks.keys().next().copied());
    }

    /// Forgets what is kept by now.
    pub(super) fn forget_before(&mut self, next: u64) {
        self.chunks = self.chunks.split_off(&next);
    }

    /// Whether there is anything.
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Puts as much as there is room for behind an excerpt that reaches to the end of what is kept.
    pub(super) fn put_behind(&self, excerpt: &mut Excerpt, limit_bytes: usize) {
        let mut bytes: usize = excerpt.chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        let is_shown_more = self.begin.is_some_and(|begin| excerpt.next > begin);
        for chunk in self.chunks.range(excerpt.next..).map(|(_, chunk)| chunk) {
            if bytes >= limit_bytes && !excerpt.chunks.is_empty() {
                return;
            }
            if is_shown_more && excerpt.chunks.is_empty() && chunk.sequence > excerpt.next {
                excerpt.chunks.push(too_slow(chunk));
            }
            bytes += chunk.bytes.len();
            excerpt.next = chunk.sequence.saturating_add(1);
            excerpt.chunks.push(chunk.clone());
        }
    }
}

/// For a reader who was shown the tail before, and not what came between.
fn too_slow(before: &Chunk) -> Chunk {
    let text = "output came faster than it was read: some is left out here\n";
    Chunk {
        sequence: before.sequence.saturating_sub(1),
        at: before.at,
        stream: Stream::System,
        bytes: text.as_bytes().to_vec(),
    }
}
