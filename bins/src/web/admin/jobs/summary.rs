//! What a job's newest runs say of it. Pure.

use cronbus_core::job::Job;
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;

/// How many of a job's newest runs are looked at.
pub(super) const LOOKED_AT: usize = 50;

/// What they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// Of a hundred executions, how many succeeded; absent when there was none.
    pub(super) success_percent: Option<usize>,
    /// The median duration of those that succeeded, in milliseconds.
    pub(super) p50_ms: Option<i64>,
    /// The 95th percentile of the same.
    pub(super) p95_ms: Option<i64>,
}

/// Sums up a job's newest runs.
pub(super) fn sum_up(runs: &[Run]) -> Summary {
    let count = |wanted: &dyn Fn(&Run) -> bool| runs.iter().filter(|run| wanted(run)).count();
    let good = count(&|run| run.state == State::Succeeded);
    let bad = count(&|run| matches!(run.state, State::Failed | State::TimedOut | State::Killed | State::Lost));
    let succeeded = runs.iter().filter(|run| run.state == State::Succeeded);
    let mut durations: Vec<i64> =
        succeeded.filter_map(|run| Some(run.ended_at?.millis_since(run.started_at?).max(0))).collect();
    durations.sort_unstable();
    Summary {
        success_percent: (good * 100).checked_div(good + bad),
        p50_ms: percentile(&durations, 50),
        p95_ms: percentile(&durations, 95),
    }
}

/// The nearest-rank percentile of sorted values.
fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

/// What a job is up to: `active`, `paused`, `disabled` or `manual`.
pub(super) fn condition(job: &Job, now: Timestamp) -> &'static str {
    if job.pause.as_ref().is_some_and(|pause| pause.holds(now)) {
        "paused"
    } else if !job.definition.enabled {
        "disabled"
    } else if job.definition.schedule.is_none() {
        "manual"
    } else {
        "active"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::{JobId, Revision, RunId};

    #[test]
    fn what_was_not_executed_says_nothing() {
        let at = Timestamp::from_millis;
        let run = |state, took| Run {
            state,
            started_at: Some(at(0)),
            ended_at: Some(at(took)),
            ..Run::new(RunId::floor(at(0)), JobId(1), Revision(1), at(0), at(0))
        };
        let mut runs: Vec<Run> = (1..=3).map(|took| run(State::Succeeded, took * 10)).collect();
        runs.extend([run(State::Failed, 99), run(State::Missed, 0), run(State::Running, 0)]);
        assert_eq!(sum_up(&runs), Summary { success_percent: Some(75), p50_ms: Some(20), p95_ms: Some(30) });
        assert_eq!(sum_up(&[]), Summary::default());
    }
}
