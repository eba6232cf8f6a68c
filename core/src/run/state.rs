//! The states of a run, and the one function that says which follows which. How a row changes with its state is not here.

use serde::{Deserialize, Serialize};

use super::event::Event;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_number(state.number()), Some(state));
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("done".parse::<State>().unwrap_err().contains("succeeded"));
    }
}
