//! When a job is due, by arithmetic alone: nothing of the scheduler's own reading of rules is used.

use cronbus_core::time::Timestamp;

/// A rule that can be written as text and counted by hand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// Every so many seconds, counted from the moment the job was added.
    Every(u64),
    /// At the seconds `first`, `first + step`, … of every minute.
    Seconds { first: u64, step: u64 },
}

impl Rule {
    /// As a job's `schedule`.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Every(seconds) => format!("@every {seconds}s"),
            Self::Seconds { first: 0, step } => format!("*/{step} * * * * *"),
            Self::Seconds { first, step } => format!("{first}-59/{step} * * * * *"),
        }
    }

    /// The due moments after `added` and before `until`, in milliseconds since the epoch.
    pub(crate) fn moments(self, added: Timestamp, until: Timestamp) -> Vec<i64> {
        match self {
            Self::Every(seconds) => {
                let period = usize::try_from(seconds * 1000).unwrap();
                (added.millis()..until.millis()).step_by(period).skip(1).collect()
            }
            Self::Seconds { first, step } => {
                let is_due = |second: &i64| {
                    let second = second.rem_euclid(60).unsigned_abs();
                    second >= first && (second - first).is_multiple_of(step)
                };
                let seconds = added.seconds() + 1..=until.seconds();
                seconds.filter(is_due).map(|second| second * 1000).filter(|at| *at < until.millis()).collect()
            }
        }
    }
}

#[test]
fn moments_are_counted_by_hand() {
    let at = Timestamp::from_millis;
    for (rule, added, until, moments) in [
        (Rule::Every(2), 500, 6_500, &[2_500, 4_500][..]),
        (Rule::Every(2), 500, 6_501, &[2_500, 4_500, 6_500]),
        (Rule::Seconds { first: 0, step: 25 }, 0, 86_000, &[25_000, 50_000, 60_000, 85_000]),
        (Rule::Seconds { first: 7, step: 30 }, 6_999, 67_000, &[7_000, 37_000]),
    ] {
        assert_eq!(rule.moments(at(added), at(until)), moments, "{rule:?}");
    }
}
