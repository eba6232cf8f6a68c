//! What came on one subject, so that nothing is taken twice.

use std::collections::HashMap;
use std::time::Duration;

use super::envelope::{Refusal, Stamp};
use crate::id::NodeName;
use crate::time::Timestamp;
use crate::wire::numbers::Numbers;

/// How many lives of senders are remembered at the most. A sender is only remembered once its signature was found right.
const MOST_LIVES: usize = 4096;

/// What came from one life of one sender.
#[derive(Debug, Default)]
struct Life {
    numbers: Numbers,
    /// When the last of it expires.
    expires_at: Timestamp,
}

/// What came on one subject.
///
/// A life is forgotten when everything that came of it has expired, since expired messages are refused anyway. Where
/// there are too many of them, one is forgotten early, and whatever could be a copy of its messages is refused with it.
#[derive(Debug, Default)]
pub struct Seen {
    lives: HashMap<(NodeName, Timestamp), Life>,
    /// Messages of unknown lives that expire at or before this instant may have come before.
    doubtful_upto: Option<Timestamp>,
}

impl Seen {
    /// Whether the message did not come before.
    ///
    /// # Errors
    /// `Replayed` when it did, or when nobody can tell.
    pub fn check(&self, stamp: &Stamp) -> Result<(), Refusal> {
        let is_new = match self.lives.get(&(stamp.sender.clone(), stamp.life)) {
            Some(life) => life.numbers.is_new(stamp.sequence),
            None => stamp.sequence != 0 && self.doubtful_upto.is_none_or(|upto| stamp.expires_at > upto),
        };
        if is_new { Ok(()) } else { Err(Refusal::Replayed) }
    }

    /// Notes that the message was taken: it will not be again.
    pub fn note(&mut self, stamp: &Stamp, now: Timestamp, skew: Duration) {
        let key = (stamp.sender.clone(), stamp.life);
        if !self.lives.contains_key(&key) && self.lives.len() >= MOST_LIVES {
            self.make_room(now, skew);
        }
        let life = self.lives.entry(key).or_default();
        life.numbers.note(stamp.sequence);
        life.expires_at = life.expires_at.max(stamp.expires_at);
    }

    fn make_room(&mut self, now: Timestamp, skew: Duration) {
        self.lives.retain(|_, life| life.expires_at + skew >= now);
        if self.lives.len() < MOST_LIVES {
            return;
        }
        let first = self.lives.iter().min_by_key(|(_, life)| life.expires_at);
        if let Some((key, expires_at)) = first.map(|(key, life)| (key.clone(), life.expires_at)) {
            self.lives.remove(&key);
            self.doubtful_upto = self.doubtful_upto.max(Some(expires_at));
        }
    }
}
