//! What is due when, and the jobs for it.

use std::time::Duration;

use cronbus_core::port::Store;
use cronbus_core::time::Timestamp;

use super::arguments::Arguments;
use crate::node;

/// What is due when.
pub(super) struct Plan {
    /// How many jobs.
    pub(super) jobs: usize,
    /// How many slots they have in all.
    pub(super) slots: usize,
    /// The first due instant that counts.
    pub(super) first: Timestamp,
    /// Slots due after this do not count.
    pub(super) last: Timestamp,
    at_once: bool,
}

impl Plan {
    /// What the arguments ask for, beginning `setup` from now.
    pub(super) fn of(arguments: &Arguments, now: Timestamp, setup: Duration) -> Self {
        let jobs = arguments.runs.unwrap_or(arguments.rate);
        // Adding jobs runs at some hundred thousand a second; starting reads them again.
        let setup = setup + arguments.lookahead() + Duration::from_secs(jobs as u64 / 50_000);
        let first = Timestamp::from_seconds((now + setup).seconds());
        let (slots, last) = match arguments.runs {
            Some(runs) => (runs, first),
            None => {
                let period = Duration::from_millis(1_000 * arguments.seconds as u64 - 1);
                (arguments.rate * arguments.seconds, first + period)
            }
        };
        Self { jobs, slots, first, last, at_once: arguments.runs.is_some() }
    }

    /// At once: one instant. Otherwise every second, in a hundred phases.
    pub(super) async fn add_jobs(&self, store: &dyn Store) -> anyhow::Result<()> {
        let phases = if self.at_once { 1 } else { self.jobs.clamp(1, 100) };
        let schedule = if self.at_once { format!("@at {}", self.first) } else { "@every 1s".to_owned() };
        for phase in 0..phases {
            let numbers = (phase..self.jobs).step_by(phases);
            let until = Some(self.last + Duration::from_millis(1));
            let jobs = numbers.map(|number| node::noop(&format!("job-{number}"), &schedule, until));
            let jobs = jobs.collect::<anyhow::Result<Vec<_>>>()?;
            // The anchor of `@every` is the instant of adding: its phase is the job's.
            let offset = Duration::from_millis(1_000 * phase as u64 / phases as u64);
            let at =
                if self.at_once { self.first - Duration::from_secs(60) } else { self.first - Duration::from_secs(1) };
            node::add(store, &jobs, at + offset).await?;
        }
        Ok(())
    }
}
