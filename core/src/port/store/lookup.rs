//! Where the runs that a filter lets through are found. What is found there, and how it is read, is for the store.

use super::history::RunFilter;
use crate::run::{Mark, State};

/// Where to look for the runs of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Among those that are not over: never many.
    Unfinished,
    /// In the lists of those that have one of these marks: all there are let through, but for the job and the span of
    /// time, which the lists know.
    Marks(Vec<Mark>),
    /// Among all runs, or all of one job, in their order.
    Order,
}

impl RunFilter {
    /// Where to look for these runs.
    #[must_use]
    pub fn lookup(&self) -> Lookup {
        if !self.states.is_empty() && self.states.iter().all(|state| !state.is_terminal()) {
            return Lookup::Unfinished;
        }
        self.marks().filter(|_| self.node.is_none()).map_or(Lookup::Order, Lookup::Marks)
    }

    /// The marks that say all that states and trigger do.
    fn marks(&self) -> Option<Vec<Mark>> {
        match (self.states.as_slice(), self.trigger) {
            ([], Some(trigger)) => Mark::of_trigger(trigger).map(|mark| vec![mark]),
            ([_, ..], None) => self.distinct_states().into_iter().map(Mark::of_state).collect(),
            _ => None,
        }
    }

    fn distinct_states(&self) -> Vec<State> {
        let mut states = self.states.clone();
        states.sort_unstable();
        states.dedup();
        states
    }

    /// Whether a page of these runs may have to pass over any number of others.
    #[must_use]
    pub fn is_search(&self) -> bool {
        let restricts = !self.states.is_empty() || self.node.is_some() || self.trigger.is_some();
        self.lookup() == Lookup::Order && restricts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::JobId;
    use crate::run::Trigger;

    #[test]
    fn rare_runs_are_looked_for_in_their_lists_and_others_in_their_order() {
        use State::{Created, Failed, Lost, Running, Succeeded};
        let any = RunFilter::default;
        let of = |states: &[State]| RunFilter { states: states.to_vec(), ..any() };
        let made = |trigger| RunFilter { trigger: Some(trigger), ..any() };
        let marks = |states: &[State]| Lookup::Marks(states.iter().copied().map(Mark::Ended).collect());
        let here = Some("alpha".parse().unwrap());
        let cases = [
            (any(), Lookup::Order, false),
            (RunFilter { job: Some(JobId(1)), ..any() }, Lookup::Order, false),
            (of(&[Running, Created]), Lookup::Unfinished, false),
            (RunFilter { node: here.clone(), ..of(&[Running]) }, Lookup::Unfinished, false),
            (of(&[Lost, Failed, Lost]), marks(&[Failed, Lost]), false),
            (RunFilter { job: Some(JobId(1)), ..of(&[Lost]) }, marks(&[Lost]), false),
            (made(Trigger::Manual), Lookup::Marks(vec![Mark::Made(Trigger::Manual)]), false),
            (made(Trigger::Schedule), Lookup::Order, true),
            (of(&[Succeeded]), Lookup::Order, true),
            (of(&[Failed, Running]), Lookup::Order, true),
            (RunFilter { trigger: Some(Trigger::Retry), ..of(&[Failed]) }, Lookup::Order, true),
            (RunFilter { node: here.clone(), ..of(&[Failed]) }, Lookup::Order, true),
            (RunFilter { node: here, ..any() }, Lookup::Order, true),
        ];
        for (filter, lookup, is_search) in cases {
            assert_eq!((filter.lookup(), filter.is_search()), (lookup, is_search), "{filter:?}");
        }
    }
}
