//! What became of the runs of each hour. Pure: which hour is to be read next, and what the hours that were read say.

use std::collections::BTreeMap;
use std::time::Duration;

use cronbus_core::port::store::Tally;
use cronbus_core::run::State;
use cronbus_core::time::Timestamp;

/// How many hours are known: 30 days.
pub(super) const KEPT: i64 = 30 * 24;

/// How often the hour that goes on is read again, at the most.
const CURRENT: Duration = Duration::from_secs(4);

/// How often the one before, and hours in which something is not over yet.
const RECENT: Duration = Duration::from_secs(30);

/// An hour that took long to read is left alone for this many times as long.
const REST: u32 = 20;

/// An hour, counted from the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hour(pub(super) i64);

impl Hour {
    /// The one that an instant is in.
    pub(super) const fn of(at: Timestamp) -> Self {
        Self(at.seconds().div_euclid(3600))
    }

    /// Its first instant.
    pub(super) const fn start(self) -> Timestamp {
        Timestamp::from_seconds(self.0 * 3600)
    }

    /// Its end, which is not in it.
    pub(super) const fn end(self) -> Timestamp {
        Self(self.0 + 1).start()
    }
}

/// Counts of runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) waiting: u64,
    pub(super) running: u64,
    pub(super) good: u64,
    pub(super) bad: u64,
    pub(super) other: u64,
    pub(super) missed: u64,
    pub(super) late: u64,
}

impl Counts {
    fn of(tally: &Tally) -> Self {
        let mut counts = Self { late: tally.late, ..Self::default() };
        for (state, count) in &tally.states {
            match state {
                State::Created | State::Assigned => counts.waiting += count,
                State::Running => counts.running += count,
                State::Succeeded => counts.good += count,
                State::Failed | State::TimedOut | State::Killed | State::Lost => counts.bad += count,
                State::Skipped | State::Missed | State::Rejected => counts.other += count,
            }
            if *state == State::Missed {
                counts.missed += count;
            }
        }
        counts
    }

    fn plus(self, other: Self) -> Self {
        Self {
            waiting: self.waiting + other.waiting,
            running: self.running + other.running,
            good: self.good + other.good,
            bad: self.bad + other.bad,
            other: self.other + other.other,
            missed: self.missed + other.missed,
            late: self.late + other.late,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Known {
    counts: Counts,
    read_at: Duration,
    took: Duration,
}

/// The hours that were read.
#[derive(Clone, Debug, Default)]
pub(super) struct Hours(BTreeMap<i64, Known>);

impl Hours {
    /// The hour to read next, at `now` and at `monotonic`; absent when there is nothing to read yet.
    pub(super) fn next(&self, now: Timestamp, monotonic: Duration) -> Option<Hour> {
        let current = Hour::of(now).0;
        let is_due = |hour: &i64, every: Duration| {
            self.0.get(hour).is_some_and(|known| monotonic >= known.read_at + every.max(known.took * REST))
        };
        if !self.0.contains_key(&current) || is_due(&current, CURRENT) {
            return Some(Hour(current));
        }
        if is_due(&(current - 1), RECENT) {
            return Some(Hour(current - 1));
        }
        let unread = (current - KEPT + 1..current).rev().find(|hour| !self.0.contains_key(hour));
        let open = || {
            self.0.iter().filter(|(_, known)| known.counts.waiting + known.counts.running > 0).map(|(hour, _)| *hour)
        };
        unread.or_else(|| open().find(|hour| is_due(hour, RECENT))).map(Hour)
    }

    /// What was read of an hour; hours that are too old are forgotten.
    pub(super) fn learn(&mut self, hour: Hour, tally: &Tally, read_at: Duration, took: Duration) {
        self.0.insert(hour.0, Known { counts: Counts::of(tally), read_at, took });
        while self.0.len() > usize::try_from(KEPT).unwrap_or(usize::MAX) {
            self.0.pop_first();
        }
    }

    /// The sums of consecutive spans of `hours_each`, the last of them with the present hour; absent where an hour of
    /// a span is not known yet.
    pub(super) fn spans(&self, now: Timestamp, hours_each: i64, count: i64) -> Vec<(Hour, Option<Counts>)> {
        let end = Hour::of(now).0 + 1;
        let end = end + (hours_each - end.rem_euclid(hours_each)).rem_euclid(hours_each);
        let span = |index: i64| {
            let first = end - (count - index) * hours_each;
            let hours = (first..first + hours_each).filter(|hour| Hour(*hour).start() <= now);
            let sum = hours.map(|hour| self.0.get(&hour).map(|known| known.counts));
            (Hour(first), sum.reduce(|a, b| Some(a?.plus(b?))).flatten())
        };
        (0..count).map(span).collect()
    }

    /// The sum of the last 24 hours; absent until all of them are known.
    pub(super) fn last_day(&self, now: Timestamp) -> Option<Counts> {
        let spans = self.spans(now, 1, 24);
        spans.into_iter().map(|(_, counts)| counts).reduce(|a, b| Some(a?.plus(b?))).flatten()
    }

    /// The newest hours of the last day in which something went wrong.
    pub(super) fn bad_hours(&self, now: Timestamp) -> Vec<Hour> {
        let spans = self.spans(now, 1, 24).into_iter().rev();
        spans.filter(|(_, counts)| counts.is_some_and(|counts| counts.bad > 0)).map(|(hour, _)| hour).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64, second: i64) -> Timestamp {
        Timestamp::from_seconds(hour * 3600 + second)
    }

    fn tally(state: State, count: u64) -> Tally {
        Tally { states: vec![(state, count)], late: 1 }
    }

    #[test]
    fn the_present_comes_first_then_what_is_not_known_then_what_is_not_over() {
        let mut hours = Hours::default();
        let (now, second) = (at(10_000, 5), Duration::from_secs);
        let mut read = Vec::new();
        while let Some(hour) = hours.next(now, second(1)) {
            read.push(hour.0);
            let state = if hour.0 == 9_900 { State::Running } else { State::Succeeded };
            hours.learn(hour, &tally(state, 2), second(1), Duration::ZERO);
        }
        assert_eq!(read, (10_000 - KEPT + 1..=10_000).rev().collect::<Vec<_>>());
        assert_eq!(hours.next(now, second(5)), Some(Hour(10_000)));
        hours.learn(Hour(10_000), &tally(State::Failed, 1), second(31), Duration::ZERO);
        assert_eq!(hours.next(now, second(31)), Some(Hour(9_999)));
        hours.learn(Hour(9_999), &tally(State::Succeeded, 1), second(31), Duration::ZERO);
        assert_eq!(hours.next(now, second(31)), Some(Hour(9_900)), "something runs there");
        hours.learn(Hour(9_900), &tally(State::Succeeded, 1), second(31), Duration::ZERO);
        assert_eq!(hours.next(now, second(31)), None);
        assert_eq!(hours.next(at(10_001, 0), second(31)), Some(Hour(10_001)), "the next hour has come");
        assert_eq!(hours.bad_hours(now), [Hour(10_000)]);
    }

    #[test]
    fn what_takes_long_to_read_is_read_less_often() {
        let mut hours = Hours::default();
        hours.learn(Hour(5), &Tally::default(), Duration::from_secs(1), Duration::from_secs(3));
        for hour in 5 - KEPT..5 {
            hours.learn(Hour(hour), &Tally::default(), Duration::from_secs(60), Duration::ZERO);
        }
        hours.learn(Hour(5), &Tally::default(), Duration::from_secs(1), Duration::from_secs(3));
        assert_eq!(hours.next(at(5, 0), Duration::from_secs(60)), None);
        assert_eq!(hours.next(at(5, 0), Duration::from_secs(61)), Some(Hour(5)));
    }

    #[test]
    fn spans_are_known_once_all_their_hours_are() {
        let mut hours = Hours::default();
        let now = at(48 + 3, 10);
        for hour in [51, 50, 49] {
            hours.learn(Hour(hour), &tally(State::Succeeded, 2), Duration::ZERO, Duration::ZERO);
        }
        assert_eq!(hours.spans(now, 24, 2)[1], (Hour(48), None));
        hours.learn(Hour(48), &tally(State::Failed, 1), Duration::ZERO, Duration::ZERO);
        let (first, today) = hours.spans(now, 24, 2)[1];
        assert_eq!((first, today.unwrap().good, today.unwrap().bad, today.unwrap().late), (Hour(48), 6, 1, 4));
        assert_eq!(hours.last_day(now), None);
        assert_eq!(hours.spans(now, 1, 2).iter().map(|(hour, _)| hour.0).collect::<Vec<_>>(), [50, 51]);
    }
}
