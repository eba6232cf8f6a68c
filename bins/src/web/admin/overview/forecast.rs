//! How many runs are expected to start, per ten minutes of the coming day. The work for it is bounded: a rule that is due
//! very often is counted for a while and then taken to go on like that, and there is an end to how much is counted at all.

use cronbus_core::time::Timestamp;

use super::rules::{Rule, Rules};

/// How many cells: a day of ten minutes each.
pub(super) const CELLS: usize = 144;

/// The length of a cell, in milliseconds.
pub(super) const CELL_MS: i64 = 600_000;

/// How many due moments of one rule are counted one by one.
const PER_RULE: u32 = 1_000;

/// How many in all.
const IN_ALL: u64 = 20_000_000;

/// The coming day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Forecast {
    /// When its first cell begins.
    pub(super) start: Timestamp,
    /// Expected starts, cell by cell.
    pub(super) cells: Vec<u64>,
    /// How many jobs were left out, since there are too many due moments.
    pub(super) left_out: u64,
}

impl Forecast {
    /// What the rules say of the day that begins with the hour of `now`.
    pub(super) fn of(rules: &Rules, now: Timestamp) -> Self {
        let start = Timestamp::from_seconds(now.seconds().div_euclid(3600) * 3600);
        let mut forecast = Self { start, cells: vec![0; CELLS], left_out: 0 };
        let mut left = IN_ALL;
        for rule in rules.all() {
            if left == 0 {
                forecast.left_out += rule.jobs;
                continue;
            }
            left = left.saturating_sub(forecast.count(rule, now));
        }
        forecast
    }

    /// Counts one rule; returns how many due moments were looked at.
    fn count(&mut self, rule: &Rule, now: Timestamp) -> u64 {
        let end = Timestamp::from_millis(self.start.millis() + CELL_MS * CELLS as i64);
        let until = rule.until.map_or(end, |until| until.min(end));
        let first = rule.from.map_or(now, |from| from.max(now));
        let (mut at, mut counted) = (Timestamp::from_millis(first.millis().saturating_sub(1)), 0_u32);
        while let Some(fire) = rule.schedule.next_after(at).filter(|fire| fire.at < until) {
            (at, counted) = (fire.at, counted + 1);
            self.add(at, rule.jobs);
            if counted == PER_RULE {
                self.go_on(first, at, until, rule.jobs);
                break;
            }
        }
        u64::from(counted) + 1
    }

    fn add(&mut self, at: Timestamp, jobs: u64) {
        let index = usize::try_from(at.millis_since(self.start) / CELL_MS).unwrap_or(usize::MAX);
        if let Some(cell) = self.cells.get_mut(index) {
            *cell = cell.saturating_add(jobs);
        }
    }

    /// A rule that was due [`PER_RULE`] times from `first` to `last` is taken to be due as often until `until`.
    fn go_on(&mut self, first: Timestamp, last: Timestamp, until: Timestamp, jobs: u64) {
        let span = last.millis_since(first).max(1);
        for index in 0..CELLS {
            let from = self.start.millis() + CELL_MS * index as i64;
            let rest = (from + CELL_MS).min(until.millis()) - from.max(last.millis() + 1);
            if rest > 0
                && let Some(cell) = self.cells.get_mut(index)
            {
                let fires = rest.saturating_mul(i64::from(PER_RULE)) / span;
                *cell = cell.saturating_add(u64::try_from(fires).unwrap_or(0).saturating_mul(jobs));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use cronbus_core::id::JobId;
    use cronbus_core::job::{Command, Definition, Job, JobName};
    use cronbus_core::port::store::{Change, ChangeSequence};

    const NOW: Timestamp = Timestamp::from_seconds(1_795_338_000);

    fn change(id: i64, schedule: &str, enabled: bool) -> Change {
        let definition = Definition::new(JobName::new(&format!("j{id}")).unwrap(), Command::Noop);
        let definition = Definition { schedule: Some(schedule.to_owned()), enabled, ..definition };
        let job = Job::added(JobId(id), Arc::new(definition), "ann", Timestamp::EPOCH);
        Change { sequence: ChangeSequence(id), job: Arc::new(job) }
    }

    fn forecast(changes: &[Change]) -> Forecast {
        let mut rules = Rules::default();
        rules.learn(changes, NOW);
        Forecast::of(&rules, NOW)
    }

    #[test]
    fn starts_are_counted_where_they_are_due() {
        let found =
            forecast(&[change(1, "0 * * * *", true), change(2, "0 * * * *", true), change(3, "* * * * *", false)]);
        assert_eq!(found.cells.iter().sum::<u64>(), 48);
        assert_eq!((found.cells[0], found.cells[1], found.cells[6]), (2, 0, 2));
    }

    #[test]
    fn a_rule_of_every_second_costs_no_more_than_others() {
        let found = forecast(&[change(1, "* * * * * *", true)]);
        assert_eq!(found.cells[0], 600);
        let off = found.cells.iter().map(|count| count.abs_diff(600)).max().unwrap();
        assert!(off <= 6, "{:?}", found.cells);
    }

    #[test]
    fn jobs_that_name_channels_are_counted_by_them() {
        let named = |id, names: &[&str]| {
            let mut change = change(id, "0 * * * *", false);
            let mut job = (*change.job).clone();
            let mut definition = (*job.definition).clone();
            definition.alerts = names.iter().map(|name| (*name).to_owned()).collect();
            job.definition = Arc::new(definition);
            change.job = Arc::new(job);
            change
        };
        let mut rules = Rules::default();
        rules.learn(&[named(1, &["ops"]), named(2, &["ops"]), named(3, &["ops", "sms"])], NOW);
        assert_eq!(rules.channels(9), [("ops".to_owned(), 2), ("ops, sms".to_owned(), 1)]);
        rules.learn(&[named(2, &[]), named(3, &["ops"])], NOW);
        assert_eq!(rules.channels(9), [("ops".to_owned(), 2)]);
    }

    #[test]
    fn a_change_takes_the_place_of_what_was_known() {
        let mut rules = Rules::default();
        rules.learn(&[change(1, "0 * * * *", true)], NOW);
        rules.learn(&[change(1, "30 4 * * *", true)], NOW);
        assert_eq!(Forecast::of(&rules, NOW).cells.iter().sum::<u64>(), 1);
        rules.learn(&[change(1, "30 4 * * *", false)], NOW);
        assert_eq!(Forecast::of(&rules, NOW).cells.iter().sum::<u64>(), 0);
    }
}
