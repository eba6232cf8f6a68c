//! Which of the slots that nobody was there for are still run.

use crate::job::{Misfire, MisfirePolicy};
use crate::time::Timestamp;

/// The answer to one missed slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It runs now, late.
    Run,
    /// It does not, because...
    Miss(Reason),
}

/// Why a missed slot does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The policy is `skip`.
    Policy,
    /// It is older than the window.
    Window,
    /// A newer slot runs in its place (`latest`).
    Newer,
    /// More slots were missed than `max`.
    Max,
}

impl Reason {
    /// For people, in a run's `reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "no scheduler or no database was there when it was due, and misfire.policy is \"skip\"",
            Self::Window => {
                "no scheduler or no database was there when it was due, and it is older than misfire.window"
            }
            Self::Newer => {
                "no scheduler or no database was there when it was due, and a newer slot runs in its place (misfire.policy)"
            }
            Self::Max => {
                "no scheduler or no database was there when it was due, and more slots were missed than misfire.max"
            }
        }
    }
}

/// Answers the missed slot due at `due`, of which `newer` slots were missed after it.
#[must_use]
pub fn answer(rule: &Misfire, due: Timestamp, newer: u64, now: Timestamp) -> Answer {
    if rule.policy == MisfirePolicy::Skip {
        return Answer::Miss(Reason::Policy);
    }
    if now.since(due) > rule.window.duration() {
        return Answer::Miss(Reason::Window);
    }
    if rule.policy == MisfirePolicy::Latest && newer > 0 {
        return Answer::Miss(Reason::Newer);
    }
    if newer >= u64::from(rule.max) {
        return Answer::Miss(Reason::Max);
    }
    Answer::Run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::Period;
    use proptest::prelude::*;

    fn rule() -> impl Strategy<Value = Misfire> {
        let policy = prop::sample::select(vec![MisfirePolicy::Skip, MisfirePolicy::Latest, MisfirePolicy::All]);
        (policy, 0_u64..200, 0_u32..12).prop_map(|(policy, window, max)| Misfire {
            policy,
            window: Period::from_secs(window),
            max,
        })
    }

    proptest! {
        #[test]
        fn what_runs_is_the_newest_within_window_and_max(rule in rule(), slots in 0_u64..50) {
            let now = Timestamp::from_seconds(1_000);
            let due = |index: u64| Timestamp::from_seconds(1_000 - 10 * (slots - index).cast_signed());
            let runs: Vec<u64> = (0..slots)
                .filter(|index| answer(&rule, due(*index), slots - 1 - index, now) == Answer::Run)
                .collect();
            let bound = match rule.policy {
                MisfirePolicy::Skip => 0,
                MisfirePolicy::Latest => rule.max.min(1),
                MisfirePolicy::All => rule.max,
            };
            let within = (rule.window.duration().as_secs() / 10).min(slots);
            prop_assert_eq!(runs.len() as u64, u64::from(bound).min(within));
            prop_assert!(runs.iter().rev().enumerate().all(|(back, index)| slots - 1 - index == back as u64));
        }
    }
}
