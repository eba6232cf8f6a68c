//! How a job is doing, from its newest runs. Pure; reading them is the caller's.

use std::time::Duration;

use cronbus_core::port::operations::JobStatus;
use cronbus_core::run::{Run, State};

/// How many of a job's newest runs are looked at.
pub(crate) const LOOKED_AT: usize = 200;

/// Sums up `runs`, the newest first.
pub(crate) fn sum_up(runs: &[Run], late_after: Duration) -> JobStatus {
    let count = |fits: &dyn Fn(&Run) -> bool| u32::try_from(runs.iter().filter(|run| fits(run)).count()).unwrap_or(0);
    let late_ms = i64::try_from(late_after.as_millis()).unwrap_or(i64::MAX);
    let mut durations: Vec<u64> =
        runs.iter().filter(|run| run.state == State::Succeeded).filter_map(duration).collect();
    durations.sort_unstable();
    let newest = runs.first();
    JobStatus {
        next_at: None,
        last_run: newest.map(|run| run.id),
        last_at: newest.map(|run| run.due_at),
        last_state: newest.map(|run| run.state),
        unfinished: count(&|run| !run.state.is_terminal()),
        consecutive_failures: consecutive_failures(runs),
        looked_at: u32::try_from(runs.len()).unwrap_or(0),
        missed: count(&|run| run.state == State::Missed),
        late: count(&|run| run.lateness_ms().is_some_and(|late| late > late_ms)),
        p50_ms: percentile(&durations, 50),
        p95_ms: percentile(&durations, 95),
    }
}

/// Bad endings since the last good one. What was not executed says nothing about the job.
fn consecutive_failures(runs: &[Run]) -> u32 {
    let bad = |run: &&Run| matches!(run.state, State::Failed | State::TimedOut | State::Killed | State::Lost);
    let executed = runs.iter().filter(|run| run.state == State::Succeeded || bad(run));
    u32::try_from(executed.take_while(bad).count()).unwrap_or(u32::MAX)
}

fn duration(run: &Run) -> Option<u64> {
    Some(u64::try_from(run.ended_at?.millis_since(run.started_at?)).unwrap_or(0))
}

/// The nearest-rank percentile of sorted values.
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use cronbus_core::id::{JobId, Revision, RunId};
    use cronbus_core::time::Timestamp;

    use super::*;

    fn run(state: State, started_ms: i64, ended_ms: i64) -> Run {
        let at = Timestamp::from_millis;
        let run = Run::new(RunId::floor(at(0)), JobId(1), Revision(1), at(0), at(0));
        Run { state, started_at: Some(at(started_ms)), ended_at: Some(at(ended_ms)), ..run }
    }

    #[test]
    fn failures_count_back_to_the_last_success_over_what_was_executed() {
        let states = [State::Failed, State::Skipped, State::Lost, State::Succeeded, State::Failed];
        let runs = states.map(|state| run(state, 0, 10));
        let status = sum_up(&runs, Duration::from_secs(1));
        assert_eq!((status.consecutive_failures, status.last_state), (2, Some(State::Failed)));
    }

    #[test]
    fn percentiles_are_of_the_successful() {
        let mut runs: Vec<Run> = (1..=100).map(|ms| run(State::Succeeded, 5, 5 + ms)).collect();
        runs.push(run(State::Failed, 2_000, 90_000));
        let status = sum_up(&runs, Duration::from_secs(1));
        assert_eq!((status.p50_ms, status.p95_ms, status.late), (Some(50), Some(95), 1));
        assert_eq!(sum_up(&[], Duration::from_secs(1)).p50_ms, None);
    }
}
