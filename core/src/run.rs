//! A run and the one function that changes its state.
//!
//! ```text
//! created ──▶ assigned ──▶ running ──▶ succeeded | failed | timed_out | killed | lost
//!    │  ▲        │
//!    │  └────────┘ the host died before it acknowledged
//!    └──▶ skipped | missed | rejected | killed          answers without execution
//! ```
//!
//! [`State::after`] is the whole machine; nobody else writes states. Storing runs is in `port::store`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{Attempt, JobId, NodeName, Revision, RunId, Shard};
use crate::job::Params;
use crate::time::Timestamp;

/// Where a run is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum State {
    /// The row is durable; nobody has it yet.
    Created = 0,
    /// Handed to a node that has not started it.
    Assigned = 1,
    /// Started.
    Running = 2,
    /// Ended as its author wanted.
    Succeeded = 10,
    /// Ended otherwise: exit code, signal, unexpected status, could not be started.
    Failed = 11,
    /// Ended by its timeout.
    TimedOut = 12,
    /// Ended on request.
    Killed = 13,
    /// Nobody knows how it ended.
    Lost = 14,
    /// Not run: an earlier run was not over, or the job was paused or changed just before.
    Skipped = 20,
    /// Not run: nobody was there when it was due, and the misfire policy says no.
    Missed = 21,
    /// Not run: no node could take it until its deadline.
    Rejected = 22,
}

impl State {
    /// All states, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Created,
        Self::Assigned,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
        Self::Killed,
        Self::Lost,
        Self::Skipped,
        Self::Missed,
        Self::Rejected,
    ];

    /// Whether nothing can happen to the run any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Created | Self::Assigned | Self::Running)
    }

    /// The word for it in documents and listings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Assigned => "assigned",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Killed => "killed",
            Self::Lost => "lost",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
            Self::Rejected => "rejected",
        }
    }

    /// The number the store keeps.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// From the number the store keeps.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }

    /// The state after `event`.
    ///
    /// # Errors
    /// When the event cannot happen to a run in this state.
    pub const fn after(self, event: &Event) -> Result<Self, IllegalTransition> {
        match (self, event) {
            (Self::Created, Event::Assign { .. }) => Ok(Self::Assigned),
            (Self::Assigned, Event::Return) => Ok(Self::Created),
            (Self::Assigned, Event::Start { .. }) => Ok(Self::Running),
            (Self::Assigned | Self::Running, Event::End(outcome)) => Ok(outcome.ending.state()),
            (Self::Created, Event::Answer(answer)) => Ok(answer.verdict.state()),
            (from, _) => Err(IllegalTransition { from, event: event.name() }),
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for State {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| {
            let allowed: Vec<_> = Self::ALL.iter().map(|state| state.as_str()).collect();
            format!("state: `{text}` is none of {}", allowed.join(", "))
        })
    }
}

/// An event came that cannot happen to a run in its state. It is recorded and dropped, never applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a run that is {from} cannot {event}")]
pub struct IllegalTransition {
    from: State,
    event: &'static str,
}

/// What can happen to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was handed to a node.
    Assign {
        /// Which one.
        node: NodeName,
    },
    /// The node was gone before it acknowledged: the run may go elsewhere.
    Return,
    /// It started.
    Start {
        /// When.
        at: Timestamp,
    },
    /// It ended, or nobody will ever know.
    End(Box<Outcome>),
    /// It will not be executed.
    Answer(Answer),
}

impl Event {
    const fn name(&self) -> &'static str {
        match self {
            Self::Assign { .. } => "be assigned",
            Self::Return => "be returned",
            Self::Start { .. } => "start",
            Self::End(_) => "end",
            Self::Answer(_) => "be answered without execution",
        }
    }
}

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Exit code 0, or an expected status.
    Succeeded,
    /// Anything else that it did by itself, or it could not be started.
    Failed,
    /// It was ended by its timeout.
    TimedOut,
    /// It was ended on request.
    Killed,
    /// Its node died while it ran.
    Lost,
}

impl Ending {
    /// The state of a run that ended so.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Succeeded => State::Succeeded,
            Self::Failed => State::Failed,
            Self::TimedOut => State::TimedOut,
            Self::Killed => State::Killed,
            Self::Lost => State::Lost,
        }
    }
}

/// Why a run was not executed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which answer.
    pub verdict: Verdict,
    /// When it was given.
    pub at: Timestamp,
    /// Why, for people.
    pub reason: String,
}

/// The answers without execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// An earlier run was not over; people are told.
    Skipped,
    /// An earlier run was not over, which is how it should be (`overlap = "healthy"`).
    SkippedHealthy,
    /// Nobody was there.
    Missed,
    /// No node could take it in time.
    Rejected,
    /// Someone killed it before it was handed to a node.
    Killed,
}

impl Verdict {
    /// The state of a run answered so.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Skipped | Self::SkippedHealthy => State::Skipped,
            Self::Missed => State::Missed,
            Self::Rejected => State::Rejected,
            Self::Killed => State::Killed,
        }
    }
}

/// What is known of an execution that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// When it started; absent when it could not be started, or nobody knows.
    pub started_at: Option<Timestamp>,
    /// When it ended, or was found to be lost.
    pub ended_at: Timestamp,
    /// The exit code of a process, or the status of an HTTP response.
    pub exit_code: Option<i32>,
    /// The signal that ended the process.
    pub signal: Option<i32>,
    /// Why it ended so, for people; empty where the code says it all.
    pub reason: String,
    /// What it used; absent for what has no process.
    pub usage: Option<Usage>,
    /// What became of its output.
    pub output: Output,
}

impl Outcome {
    /// An ending without a process: nothing used, nothing written.
    #[must_use]
    pub fn bare(ending: Ending, started_at: Option<Timestamp>, ended_at: Timestamp, reason: impl Into<String>) -> Self {
        Self {
            ending,
            started_at,
            ended_at,
            exit_code: None,
            signal: None,
            reason: reason.into(),
            usage: None,
            output: Output::default(),
        }
    }
}

/// The resources a process and its waited-for children used, from wait4(2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time in user mode, in milliseconds.
    pub user_ms: u64,
    /// CPU time in the kernel, in milliseconds.
    pub system_ms: u64,
    /// The largest resident set, in bytes; 0 when it is not known because it was no larger than the node's own.
    pub max_rss_bytes: u64,
}

/// What became of a run's output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// How many bytes it wrote.
    pub bytes: u64,
    /// Whether the middle was left out because it wrote more than is kept.
    pub truncated: bool,
}

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

    #[test]
    fn numbers_and_words_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_number(state.number()), Some(state));
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("done".parse::<State>().unwrap_err().contains("succeeded"));
    }
}
