//! Content that is larger than a message of the bus may be: cut by the sender, joined by the receiver.

use std::collections::HashMap;

use super::envelope::Stamp;
use crate::id::NodeName;
use crate::time::Timestamp;

/// How many parts one message may have.
pub const MAX_PARTS: u16 = 128;

/// How many senders may be in the middle of a message.
const MOST_SENDERS: usize = 256;

/// How many bytes of unfinished messages are kept.
const MOST_BYTES: usize = 256 << 20;

/// Cuts content into parts of at most `size` bytes; `None` when that would be more than [`MAX_PARTS`].
#[must_use]
pub fn cut(content: &[u8], size: usize) -> Option<Vec<&[u8]>> {
    if content.is_empty() {
        return Some(vec![content]);
    }
    let parts: Vec<&[u8]> = content.chunks(size.max(1)).take(usize::from(MAX_PARTS) + 1).collect();
    (parts.len() <= usize::from(MAX_PARTS)).then_some(parts)
}

/// What came of a part.
#[derive(Debug, PartialEq, Eq)]
pub enum Joined<Token> {
    /// The message is whole: its content, and the tokens of its parts.
    Whole(Vec<u8>, Vec<Token>),
    /// More has to come. The tokens are of parts that will never be needed.
    Waiting(Vec<Token>),
}

/// The unfinished messages of a subject's senders, one of each. A token goes with every part, for the receiver to say
/// that the part is done with.
///
/// Only parts whose signature was found right may be given to it.
#[derive(Debug)]
pub struct Joiner<Token> {
    unfinished: HashMap<NodeName, Unfinished<Token>>,
}

#[derive(Debug)]
struct Unfinished<Token> {
    life: Timestamp,
    sequence: u64,
    parts: Vec<Option<(Vec<u8>, Token)>>,
}

impl<Token> Default for Joiner<Token> {
    fn default() -> Self {
        Self { unfinished: HashMap::new() }
    }
}

impl<Token> Joiner<Token> {
    /// Takes a part. One of a later message of the same sender ends the wait for an earlier one, which was not sent to
    /// the end; so does one of another life, of which only clocks could say whether it is the later one.
    pub fn add(&mut self, stamp: &Stamp, content: &[u8], token: Token) -> Joined<Token> {
        if stamp.parts == 1 {
            return Joined::Whole(content.to_vec(), vec![token]);
        }
        let mut dropped = Vec::new();
        if stamp.parts > MAX_PARTS {
            return Joined::Waiting(vec![token]);
        }
        if let Some(current) = self.unfinished.get(&stamp.sender) {
            let is_same_life = stamp.life == current.life;
            if is_same_life && stamp.sequence < current.sequence {
                return Joined::Waiting(vec![token]);
            }
            if !is_same_life || stamp.sequence > current.sequence {
                dropped.extend(self.forget(&stamp.sender).map(|(_, token)| token));
            }
        }
        dropped.extend(self.make_room(stamp, content.len()));
        let unfinished = self.unfinished.entry(stamp.sender.clone()).or_insert_with(|| Unfinished::new(stamp));
        unfinished.add(stamp.part, content, token);
        if !unfinished.is_whole() {
            return Joined::Waiting(dropped);
        }
        let mut whole = Vec::new();
        for (content, token) in self.forget(&stamp.sender) {
            whole.extend(content);
            dropped.push(token);
        }
        Joined::Whole(whole, dropped)
    }

    /// The parts of a message that there are, in order; it is not known any more.
    fn forget(&mut self, sender: &NodeName) -> impl Iterator<Item = (Vec<u8>, Token)> + use<Token> {
        self.unfinished.remove(sender).into_iter().flat_map(|unfinished| unfinished.parts).flatten()
    }

    /// Forgets other senders' messages until there is room for this part.
    fn make_room(&mut self, stamp: &Stamp, bytes: usize) -> Vec<Token> {
        let mut dropped = Vec::new();
        loop {
            let held: usize = self.unfinished.values().map(Unfinished::bytes).sum();
            if self.unfinished.len() < MOST_SENDERS && held.saturating_add(bytes) <= MOST_BYTES {
                return dropped;
            }
            let other = self.unfinished.keys().find(|sender| **sender != stamp.sender).cloned();
            let Some(other) = other else { return dropped };
            dropped.extend(self.forget(&other).map(|(_, token)| token));
        }
    }
}

impl<Token> Unfinished<Token> {
    fn new(stamp: &Stamp) -> Self {
        let parts = (0..stamp.parts).map(|_| None).collect();
        Self { life: stamp.life, sequence: stamp.sequence, parts }
    }

    fn bytes(&self) -> usize {
        self.parts.iter().flatten().map(|(content, _)| content.len()).sum()
    }

    fn is_whole(&self) -> bool {
        self.parts.iter().all(Option::is_some)
    }

    /// Takes a part. One that comes again has a newer token, which is the one that counts.
    fn add(&mut self, part: u16, content: &[u8], token: Token) {
        if let Some(place) = self.parts.get_mut(usize::from(part)) {
            *place = Some((content.to_vec(), token));
        }
    }
}
