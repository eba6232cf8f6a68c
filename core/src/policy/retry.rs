//! Whether and when a run is tried again.

use std::time::Duration;

use crate::id::{Attempt, RunId};
use crate::job::{Backoff, Retry, RetryOn};
use crate::run::{Ending, Outcome};

/// How long to wait before the attempt after `attempt`; `None` when there is none.
///
/// Jitter is taken from `run`, not from chance, so that whoever decides again decides alike.
#[must_use]
pub fn wait(rule: &Retry, run: RunId, attempt: Attempt, outcome: &Outcome) -> Option<Duration> {
    let retries_so_far = attempt.0.saturating_sub(1);
    if retries_so_far >= rule.max || !rule.on.iter().any(|on| matches(*on, outcome)) {
        return None;
    }
    let plain = match rule.backoff {
        Backoff::Fixed => rule.delay.duration(),
        Backoff::Exponential => rule.delay.duration().saturating_mul(2_u32.saturating_pow(retries_so_far)),
    };
    Some(jittered(plain.min(rule.max_delay.duration().max(rule.delay.duration())), rule.jitter, run))
}

const fn matches(on: RetryOn, outcome: &Outcome) -> bool {
    match on {
        RetryOn::Failed => matches!(outcome.ending, Ending::Failed),
        RetryOn::TimedOut => matches!(outcome.ending, Ending::TimedOut),
        RetryOn::Lost => matches!(outcome.ending, Ending::Lost),
        RetryOn::ExitCode(code) => {
            matches!((outcome.ending, outcome.exit_code), (Ending::Failed, Some(ended)) if ended == code as i32)
        }
    }
}

/// `plain`, shortened or lengthened by up to `jitter` of it.
fn jittered(plain: Duration, jitter: f64, run: RunId) -> Duration {
    let [.., a, b, c, d] = *run.as_bytes();
    let part = f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX);
    let factor = (2.0 * part - 1.0).mul_add(jitter.clamp(0.0, 1.0), 1.0);
    Duration::try_from_secs_f64(plain.as_secs_f64() * factor).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::Period;
    use crate::id::{JobId, Shard};
    use crate::time::Timestamp;
    use proptest::prelude::*;

    fn ended(ending: Ending, exit_code: Option<i32>) -> Outcome {
        Outcome { exit_code, ..Outcome::bare(ending, None, Timestamp::EPOCH, "") }
    }

    fn rule() -> Retry {
        Retry { max: 3, delay: Period::from_secs(10), max_delay: Period::from_secs(30), ..Retry::default() }
    }

    fn id(job: i64) -> RunId {
        RunId::derive(Timestamp::EPOCH, JobId(job), Shard(0), Attempt::FIRST)
    }

    #[test]
    fn waits_grow_to_their_bound_and_end() {
        let failed = ended(Ending::Failed, Some(1));
        let waits = |rule: &Retry| (1..=4).map(|n| wait(rule, id(1), Attempt(n), &failed)).collect::<Vec<_>>();
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(waits(&rule()), [seconds(10), seconds(20), seconds(30), None]);
        let fixed = Retry { backoff: Backoff::Fixed, ..rule() };
        assert_eq!(waits(&fixed), [seconds(10), seconds(10), seconds(10), None]);
    }

    #[test]
    fn only_the_endings_asked_for_are_tried_again() {
        let on = |on: RetryOn| Retry { on: vec![on], ..rule() };
        let again = |rule: &Retry, outcome: &Outcome| wait(rule, id(1), Attempt::FIRST, outcome).is_some();
        assert!(!again(&rule(), &ended(Ending::Lost, None)));
        assert!(!again(&rule(), &ended(Ending::Killed, None)));
        assert!(!again(&rule(), &ended(Ending::Succeeded, Some(0))));
        assert!(again(&on(RetryOn::Lost), &ended(Ending::Lost, None)));
        assert!(again(&on(RetryOn::ExitCode(75)), &ended(Ending::Failed, Some(75))));
        assert!(!again(&on(RetryOn::ExitCode(75)), &ended(Ending::Failed, Some(1))));
    }

    proptest! {
        #[test]
        fn jitter_stays_within_its_part_and_is_the_same_for_the_same_run(jitter in 0.0..=1.0_f64, job in any::<i64>()) {
            let rule = Retry { jitter, ..rule() };
            let failed = ended(Ending::Failed, Some(1));
            let waited = wait(&rule, id(job), Attempt::FIRST, &failed).unwrap().as_secs_f64();
            prop_assert!((10.0 * (1.0 - jitter) - 1e-6..=10.0 * (1.0 + jitter) + 1e-6).contains(&waited));
            prop_assert_eq!(wait(&rule, id(job), Attempt::FIRST, &failed), wait(&rule, id(job), Attempt::FIRST, &failed));
        }
    }
}
