//! One channel's desk: what is to be told waits a moment, so that what belongs together is told together, and never
//! more goes out than so many messages in a while.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::event::stamped;
use super::kind::{EventKind, Severity};
use super::message::{ChannelName, Fact, Message, MessageId};
use crate::duration::Period;
use crate::time::Timestamp;

/// How many waiting messages are kept whole; of the rest only the kinds are counted.
const KEPT: usize = 20;

/// How many of those a message that stands for many names.
const NAMED: usize = 10;

/// What [`Limits::group_wait`] may be.
pub(crate) const GROUP_WAIT: RangeInclusive<Period> = Period::from_millis(0)..=Period::from_secs(3_600);
/// What [`Limits::group_over`] may be.
pub(crate) const GROUP_OVER: RangeInclusive<u32> = 1..=20;
/// What [`Limits::rate`] may be.
pub(crate) const RATE: RangeInclusive<u32> = 1..=1_000;
/// What [`Limits::rate_window`] may be.
pub(crate) const RATE_WINDOW: RangeInclusive<Period> = Period::from_secs(1)..=Period::from_secs(86_400);

/// How a channel is spared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long the first message waits for others.
    pub group_wait: Duration,
    /// More than this many that waited together become one.
    pub group_over: u32,
    /// At most this many messages...
    pub rate: u32,
    /// ...in any span of this length.
    pub rate_window: Duration,
}

/// How channels are spared: each as usual, but for those that say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spared {
    /// What counts for most.
    pub usual: Limits,
    /// What counts for some.
    pub own: BTreeMap<ChannelName, Limits>,
}

impl Spared {
    /// How one channel is spared.
    #[must_use]
    pub fn limits(&self, channel: &ChannelName) -> &Limits {
        self.own.get(channel).unwrap_or(&self.usual)
    }
}

impl From<Limits> for Spared {
    fn from(usual: Limits) -> Self {
        Self { usual, own: BTreeMap::new() }
    }
}

/// One channel's desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// Of which channel.
    pub channel: ChannelName,
    /// The first of those that wait.
    held: Vec<Message>,
    /// How many wait, by kind.
    waiting: BTreeMap<EventKind, u32>,
    /// When to look at them; absent while none wait.
    due_at: Option<Timestamp>,
    /// When messages went out, within the window; in order.
    sent: Vec<Timestamp>,
}

impl Desk {
    /// An empty one.
    #[must_use]
    pub const fn new(channel: ChannelName) -> Self {
        Self { channel, held: Vec::new(), waiting: BTreeMap::new(), due_at: None, sent: Vec::new() }
    }

    /// The sixteen bytes that a store may keep it under: the same for the same channel.
    #[must_use]
    pub fn key(&self) -> [u8; 16] {
        *stamped(Timestamp::EPOCH, format!("desk\n{}", self.channel).as_bytes()).as_bytes()
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.waiting.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Whether nothing waits and nothing has to be remembered.
    #[must_use]
    pub fn is_idle(&self, now: Timestamp, limits: &Limits) -> bool {
        self.due_at.is_none() && self.sent.iter().all(|at| *at + limits.rate_window <= now)
    }

    pub(super) fn hold(&mut self, message: Message, now: Timestamp, limits: &Limits) {
        self.due_at.get_or_insert(now + limits.group_wait);
        let count = self.waiting.entry(message.kind).or_default();
        *count = count.saturating_add(1);
        if self.held.len() < KEPT {
            self.held.push(message);
        }
    }

    /// Whether something may go out at `now`.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.due_at.is_some_and(|at| at <= now)
    }

    /// What goes out at `now`.
    pub(super) fn flush(&mut self, now: Timestamp, limits: &Limits) -> Vec<Message> {
        if !self.is_due(now) {
            return Vec::new();
        }
        // An instant that is ahead was noted before the clock was set back: it counts from now.
        self.sent.iter_mut().for_each(|at| *at = (*at).min(now));
        self.sent.retain(|at| *at + limits.rate_window > now);
        let room = limits.rate.saturating_sub(u32::try_from(self.sent.len()).unwrap_or(u32::MAX));
        if room == 0 {
            self.due_at = self.sent.first().map(|at| *at + limits.rate_window);
            return Vec::new();
        }
        let count = self.waiting();
        let waiting = std::mem::take(&mut self.waiting);
        let held = std::mem::take(&mut self.held);
        self.due_at = None;
        let out = if count <= room.min(limits.group_over.max(1)) && count as usize <= KEPT {
            held
        } else {
            one_for_all(&self.channel, held, &waiting, now).into_iter().collect()
        };
        self.sent.extend(out.iter().map(|_| now));
        out
    }
}

/// One message in place of many.
fn one_for_all(
    channel: &ChannelName,
    held: Vec<Message>,
    waiting: &BTreeMap<EventKind, u32>,
    now: Timestamp,
) -> Option<Message> {
    let count = waiting.values().fold(0_u32, |sum, count| sum.saturating_add(*count));
    let worst = held.iter().max_by_key(|message| message.severity)?;
    let (kind, severity) = (worst.kind, waiting.keys().map(|kind| kind.severity()).max().unwrap_or(Severity::Warning));
    let ids: Vec<String> = held.iter().map(|message| message.id.to_string()).collect();
    let id = MessageId(stamped(now, format!("{channel}\n{count}\n{}", ids.join("\n")).as_bytes()));
    let kinds: Vec<String> = waiting.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let mut lines = vec![Fact { label: "What".to_owned(), value: kinds.join(", ") }];
    lines.extend(
        held.iter().take(NAMED).map(|message| Fact { label: message.at.to_string(), value: message.title.clone() }),
    );
    let named = u32::try_from(held.len().min(NAMED)).unwrap_or(u32::MAX);
    if count > named {
        lines.push(Fact { label: "And".to_owned(), value: format!("{} more: `cronbus alert list`", count - named) });
    }
    let url = held.iter().find_map(|message| message.url.as_deref()).and_then(|url| url.rsplit_once("/runs/"));
    Some(Message {
        id,
        thread: id.0,
        is_first_of_thread: true,
        kind,
        severity,
        title: format!("{count} alerts: {}", kinds.join(", ")),
        at: held.iter().map(|message| message.at).min().unwrap_or(now),
        lines,
        job: None,
        run: None,
        node: None,
        reason: None,
        log_tail: None,
        url: url.map(|(base, _)| format!("{base}/alerts")),
        grouped: count,
    })
}
