//! What few runs have and are looked for by: that they did not succeed, or that it was not their schedule that made
//! them. A store keeps a list of the runs with each mark, so that they are found among many millions of others; what
//! all runs have, such as a node, is no mark.

use super::row::{Run, Trigger};
use super::state::State;

/// The number of the first mark of a trigger. Those below it are numbers of states.
const TRIGGERS: u8 = 100;

/// What few runs have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Over in this state, which is not [`State::Succeeded`].
    Ended(State),
    /// Made for this reason, which is not [`Trigger::Schedule`].
    Made(Trigger),
}

impl Mark {
    /// The mark of runs in this state.
    #[must_use]
    pub fn of_state(state: State) -> Option<Self> {
        (state.is_terminal() && state != State::Succeeded).then_some(Self::Ended(state))
    }

    /// The mark of runs made for this reason.
    #[must_use]
    pub fn of_trigger(trigger: Trigger) -> Option<Self> {
        (trigger != Trigger::Schedule).then_some(Self::Made(trigger))
    }

    /// Those that a run has when its row is made.
    pub fn of_new(run: &Run) -> impl Iterator<Item = Self> + use<> {
        Self::of_state(run.state).into_iter().chain(Self::of_trigger(run.trigger))
    }

    /// The number the store keeps.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Ended(state) => state.number(),
            Self::Made(trigger) => TRIGGERS + trigger.number(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_mark_has_a_number_of_its_own() {
        let triggers = (0..=u8::MAX).filter_map(Trigger::from_number).filter_map(Mark::of_trigger);
        let marks: Vec<Mark> = State::ALL.into_iter().filter_map(Mark::of_state).chain(triggers).collect();
        let numbers: BTreeSet<u8> = marks.iter().map(|mark| mark.number()).collect();
        assert_eq!((marks.len(), numbers.len()), (10, 10));
    }

    #[test]
    fn what_all_runs_have_is_no_mark() {
        for state in [State::Created, State::Assigned, State::Running, State::Succeeded] {
            assert_eq!(Mark::of_state(state), None);
        }
        assert_eq!(Mark::of_trigger(Trigger::Schedule), None);
    }
}
