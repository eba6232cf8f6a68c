//! What happens to a run whose moment has come while others of its job are not over.

use crate::job::Overlap;
use crate::run::Verdict;

/// How busy a job is, without the run that is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// Runs handed to nodes and not over.
    pub executing: u32,
    /// Runs waiting for those.
    pub queued: u32,
}

/// What to do with the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Hand it to a node.
    Start,
    /// End what executes; hand it over once that is over.
    Replace,
    /// Hand it over once what executes and what waits is over.
    Wait,
    /// Do not run it.
    Answer(Verdict, String),
}

/// Decides for one run.
#[must_use]
pub fn decide(overlap: Overlap, busy: Busy, queue_limit: u32) -> Decision {
    if overlap == Overlap::Allow || busy == Busy::default() {
        return Decision::Start;
    }
    match overlap {
        Overlap::Allow => Decision::Start,
        Overlap::Skip => {
            Decision::Answer(Verdict::Skipped, "an earlier run of the job was not over (overlap = \"skip\")".to_owned())
        }
        Overlap::Healthy => Decision::Answer(
            Verdict::SkippedHealthy,
            "an earlier run of the job is still there, as it should be (overlap = \"healthy\")".to_owned(),
        ),
        Overlap::Replace => Decision::Replace,
        Overlap::Queue if busy.queued < queue_limit => Decision::Wait,
        Overlap::Queue => Decision::Answer(
            Verdict::Skipped,
            format!("{} runs of the job were waiting already, as many as queue_limit allows", busy.queued),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_job_always_starts_and_a_busy_one_follows_its_rule() {
        let idle = Busy::default();
        let busy = Busy { executing: 1, queued: 0 };
        let full = Busy { executing: 1, queued: 2 };
        for overlap in [Overlap::Skip, Overlap::Healthy, Overlap::Replace, Overlap::Queue, Overlap::Allow] {
            assert_eq!(decide(overlap, idle, 0), Decision::Start, "{overlap:?}");
        }
        assert!(matches!(decide(Overlap::Skip, busy, 2), Decision::Answer(Verdict::Skipped, _)));
        assert!(matches!(decide(Overlap::Healthy, busy, 2), Decision::Answer(Verdict::SkippedHealthy, _)));
        assert_eq!(decide(Overlap::Replace, busy, 2), Decision::Replace);
        assert_eq!(decide(Overlap::Queue, busy, 2), Decision::Wait);
        assert!(matches!(decide(Overlap::Queue, full, 2), Decision::Answer(Verdict::Skipped, _)));
        assert_eq!(decide(Overlap::Allow, full, 0), Decision::Start);
    }
}
