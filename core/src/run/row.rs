//! One attempt at one slot, as the store keeps it, and what events make of it. Storing it is in `port::store`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event::{Event, Outcome, Output, Usage, Verdict};
use super::state::{IllegalTransition, State};
use crate::id::{Attempt, JobId, NodeName, Revision, RunId, Shard};
use crate::job::Params;
use crate::time::Timestamp;

/// Why a run exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Trigger {
    /// Its slot was due.
    Schedule = 0,
    /// Someone ran the job by hand.
    Manual = 1,
    /// It was submitted over the bus.
    Adhoc = 2,
    /// An earlier attempt failed.
    Retry = 3,
}

impl Trigger {
    /// The number the store keeps.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// From the number the store keeps.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Schedule),
            1 => Some(Self::Manual),
            2 => Some(Self::Adhoc),
            3 => Some(Self::Retry),
            _ => None,
        }
    }

    /// The word for it in documents and listings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Manual => "manual",
            Self::Adhoc => "adhoc",
            Self::Retry => "retry",
        }
    }
}

/// One attempt at one slot, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Derived from the slot.
    pub id: RunId,
    /// Whose run it is.
    pub job: JobId,
    /// The revision of the job it is pinned to.
    pub revision: Revision,
    /// When its slot was due.
    pub due_at: Timestamp,
    /// Not before this instant; later than `due_at` for retries only.
    pub not_before: Timestamp,
    /// Where it is in its life.
    pub state: State,
    /// Whether it was skipped quietly (`overlap = "healthy"`).
    pub healthy: bool,
    /// Why it exists.
    pub trigger: Trigger,
    /// Which try it is.
    pub attempt: Attempt,
    /// Which of the slot's runs.
    pub shard: Shard,
    /// How many runs the slot has: 1 unless the job is a broadcast.
    pub shards: u32,
    /// Values that stand before the job's own, given when it was run by hand or submitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Arc<Params>>,
    /// Where it is or was executed. While it is still `created`: the only node that may, for a broadcast's runs.
    pub node: Option<NodeName>,
    /// When its row became durable.
    pub created_at: Timestamp,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// When it ended or was answered.
    pub ended_at: Option<Timestamp>,
    /// Exit code or HTTP status.
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Why it is in its state, for people.
    pub reason: String,
    /// What it used.
    pub usage: Option<Usage>,
    /// What became of its output.
    pub output: Output,
    /// What came to be known after its answer was recorded, which stands; empty: nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Run {
    /// A row that waits for its moment.
    #[must_use]
    pub const fn new(id: RunId, job: JobId, revision: Revision, due_at: Timestamp, created_at: Timestamp) -> Self {
        Self {
            id,
            job,
            revision,
            due_at,
            not_before: due_at,
            state: State::Created,
            healthy: false,
            trigger: Trigger::Schedule,
            attempt: Attempt::FIRST,
            shard: Shard(0),
            shards: 1,
            params: None,
            node: None,
            created_at,
            started_at: None,
            ended_at: None,
            exit_code: None,
            signal: None,
            reason: String::new(),
            usage: None,
            output: Output { bytes: 0, truncated: false },
            note: String::new(),
        }
    }

    /// Applies one event.
    ///
    /// # Errors
    /// When the event cannot happen in this state; the run is unchanged then.
    pub fn apply(&mut self, event: Event) -> Result<(), IllegalTransition> {
        self.state = self.state.after(&event)?;
        match event {
            Event::Assign { node } => self.node = Some(node),
            Event::Return => self.node = self.is_pinned().then(|| self.node.take()).flatten(),
            Event::Start { at } => self.started_at = Some(at),
            Event::End(outcome) => self.close(*outcome),
            Event::Answer(answer) => {
                self.healthy = answer.verdict == Verdict::SkippedHealthy;
                self.ended_at = Some(answer.at);
                self.reason = answer.reason;
            }
        }
        Ok(())
    }

    /// Whether only one node may execute it: a run of a broadcast, or of `@reboot`.
    #[must_use]
    pub const fn is_pinned(&self) -> bool {
        self.shard.0 > 0
    }

    /// What became of its output, as far as its row knows: nothing before its end, and nothing where nobody told that.
    /// Its log may know more.
    #[must_use]
    pub fn known_output(&self) -> Option<Output> {
        let is_told = self.state != State::Lost || self.output.bytes > 0;
        (self.state.is_terminal() && is_told).then_some(self.output)
    }

    fn close(&mut self, outcome: Outcome) {
        self.started_at = outcome.started_at.or(self.started_at);
        self.ended_at = Some(outcome.ended_at);
        self.exit_code = outcome.exit_code;
        self.signal = outcome.signal;
        if !outcome.reason.is_empty() {
            self.reason = outcome.reason;
        }
        self.usage = outcome.usage;
        self.output = outcome.output;
    }

    /// The seed's numeric code of the state.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self.state {
            State::Created | State::Assigned => 10000,
            State::Running => 10006,
            State::Succeeded => 10001,
            State::Failed | State::Lost | State::Rejected | State::Missed => 10002,
            State::Skipped if self.healthy => 10005,
            State::TimedOut | State::Skipped => 10003,
            State::Killed => 10004,
        }
    }

    /// How long after its moment it started, in milliseconds; absent when it has not.
    #[must_use]
    pub fn lateness_ms(&self) -> Option<i64> {
        self.started_at.map(|at| at.millis_since(self.not_before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{Answer, Ending, Outcome};
    use proptest::prelude::*;

    fn event() -> impl Strategy<Value = Event> {
        let at = Timestamp::from_millis(7);
        prop_oneof![
            Just(Event::Assign { node: NodeName::new("a").unwrap() }),
            Just(Event::Return),
            Just(Event::Start { at }),
            prop::sample::select(vec![
                Ending::Succeeded,
                Ending::Failed,
                Ending::TimedOut,
                Ending::Killed,
                Ending::Lost
            ])
            .prop_map(move |ending| Event::End(Box::new(Outcome::bare(ending, None, at, "")))),
            prop::sample::select(vec![Verdict::Skipped, Verdict::Missed, Verdict::Rejected, Verdict::Killed])
                .prop_map(move |verdict| Event::Answer(Answer { verdict, at, reason: String::new() })),
        ]
    }

    proptest! {
        #[test]
        fn what_is_over_stays_over(events in prop::collection::vec(event(), 0..12)) {
            let mut run = Run::new(RunId::floor(Timestamp::EPOCH), JobId(1), Revision(1), Timestamp::EPOCH, Timestamp::EPOCH);
            for event in events {
                let before = run.clone();
                let applied = run.apply(event);
                if before.state.is_terminal() || applied.is_err() {
                    prop_assert_eq!(&before, &run);
                }
                prop_assert_eq!(run.state.is_terminal(), run.ended_at.is_some());
            }
        }

        #[test]
        fn nothing_runs_that_was_not_assigned(events in prop::collection::vec(event(), 0..12)) {
            let mut run = Run::new(RunId::floor(Timestamp::EPOCH), JobId(1), Revision(1), Timestamp::EPOCH, Timestamp::EPOCH);
            for event in events {
                let _ = run.apply(event);
                prop_assert!(run.state != State::Running || run.node.is_some());
            }
        }
    }
}
