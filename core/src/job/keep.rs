//! How long what a job's runs print is kept, where its author says so. Removing it is the log port's.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::duration::Period;
use crate::id::RunId;
use crate::time::Timestamp;

/// How long logs of one job are kept. They go by either limit, whichever comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogKeep {
    /// So long after their runs were due, whether that is shorter or longer than the node's `retention.log_age`, which holds
    /// where this is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<Period>,
    /// Those of so many newest runs, on each host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<u32>,
}

impl LogKeep {
    /// Of the runs that have logs, the newest first, those whose logs need not be kept any more; `age` is the node's.
    pub fn expired(
        self,
        newest_first: impl Iterator<Item = RunId>,
        now: Timestamp,
        age: Duration,
    ) -> impl Iterator<Item = RunId> {
        let before = now - self.keep.map_or(age, Period::duration);
        let last = self.last.map_or(usize::MAX, |last| usize::try_from(last).unwrap_or(usize::MAX));
        let expired = newest_first.enumerate().filter(move |(index, run)| *index >= last || run.due_at() < before);
        expired.map(|(_, run)| run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_go_by_either_limit_and_by_the_nodes_where_there_is_none() {
        let run = |at| RunId::floor(Timestamp::from_seconds(at));
        let expired = |keep: Option<u64>, last| {
            let rule = LogKeep { keep: keep.map(Period::from_secs), last };
            let runs = [900, 800, 700, 600].map(run).into_iter();
            let gone = rule.expired(runs, Timestamp::from_seconds(1000), Duration::from_secs(350));
            gone.map(|run| run.due_at().seconds()).collect::<Vec<_>>()
        };
        assert_eq!(expired(None, None), [600]);
        assert_eq!(expired(Some(150), None), [800, 700, 600]);
        assert_eq!(expired(Some(5_000), None), [0_i64; 0], "a job may keep more than its node");
        assert_eq!(expired(None, Some(2)), [700, 600]);
        assert_eq!(expired(Some(5_000), Some(3)), [600]);
        assert_eq!(expired(None, Some(0)).len(), 4);
    }
}
