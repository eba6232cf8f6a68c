//! From the wall clock to UTC: the next instant at which a rule fires, clock changes included.
//!
//! Within one stretch of constant offset every match of the wall clock is a fire. At the border to the next stretch the
//! clock jumps: forward, and the readings in between (a gap) belong to no instant; backward, and the readings before it
//! (a fold) come a second time. The answers of [`Dst`] decide about exactly those; everything else is left alone.

use super::civil::Civil;
use super::schedule::{Fire, Moved};
use super::settings::{Dst, Fold, Gap};
use super::zone::{FIRST, HORIZON, Period, Zone};
use crate::time::Timestamp;

/// Changes of this many seconds and more are corrections, not daylight saving time: cron(8).
const CORRECTION: i64 = 3 * 3600;
/// Offsets and changes together stay below three days, so nothing fires further than this before its match.
const MARGIN: i64 = 3 * 86_400;

/// A rule's answers to clock changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answers {
    dst: Dst,
    /// The rule has a fixed hour and minute.
    fixed: bool,
}

/// A fire on its way: the UTC second and what a clock change did to it.
type Found = (i64, Option<Moved>);

impl Answers {
    pub(super) const fn new(dst: Dst, fixed: bool) -> Self {
        Self { dst, fixed }
    }

    fn gap(self, seconds: i64) -> Gap {
        let by_default = if self.fixed && seconds < CORRECTION { Gap::RunAfter } else { Gap::Skip };
        self.dst.gap.unwrap_or(by_default)
    }

    fn fold(self, seconds: i64) -> Fold {
        let by_default = if self.fixed && seconds < CORRECTION { Fold::Once } else { Fold::Twice };
        self.dst.fold.unwrap_or(by_default)
    }

    /// Equal for answers that are alike for changes of every size.
    pub(super) fn key(self) -> String {
        let of_size = |seconds| (self.gap(seconds), self.fold(seconds));
        format!("{:?} {:?}", of_size(0), of_size(CORRECTION))
    }
}

/// The first fire strictly after an instant.
pub(super) fn next_after(civil: &Civil, zone: &Zone, answers: Answers, after: Timestamp) -> Option<Fire> {
    let mut from = after.seconds().saturating_add(1).max(FIRST);
    let mut index = zone.index_at(from);
    while from < HORIZON {
        let period = zone.period(index)?;
        let next_match = civil.next_from(from + period.offset);
        if let Some((second, moved)) = within(civil, period, answers, from, next_match) {
            return Some(Fire { at: Timestamp::from_seconds(second), moved });
        }
        // A fold repeats what lies before it. Without one, nothing fires before the match that was found.
        let nothing_before = next_match.map_or(HORIZON, |second| second - MARGIN);
        from = if period.closing < 0 { period.end } else { period.end.max(nothing_before) };
        index = if from == period.end { index + 1 } else { zone.index_at(from) };
    }
    None
}

/// The first fire of a stretch at or after `from`, where `next_match` is the wall clock's.
fn within(civil: &Civil, period: Period, answers: Answers, from: i64, next_match: Option<i64>) -> Option<Found> {
    let shown = match next_match {
        Some(second) => shown(civil, period, answers, second - period.offset),
        None => None,
    };
    let made_up = made_up(civil, period, answers, from);
    let found = match (shown, made_up) {
        (Some(shown), Some(made_up)) if made_up.0 < shown.0 => made_up,
        (Some(shown), _) => shown,
        (None, made_up) => made_up?,
    };
    (found.0 < period.end).then_some(found)
}

/// The first fire at a reading the clock really shows; `second` is the first match, in UTC.
fn shown(civil: &Civil, period: Period, answers: Answers, second: i64) -> Option<Found> {
    let repeated_until = period.start - period.opening.min(0);
    if second >= repeated_until {
        return Some((second, first_of_fold(period, second)));
    }
    match answers.fold(-period.opening) {
        Fold::Twice => Some((second, Some(Moved::SecondOfFold))),
        Fold::Once => {
            let second = civil.next_from(repeated_until + period.offset)? - period.offset;
            Some((second, first_of_fold(period, second)))
        }
    }
}

/// Whether the change that ends the stretch will repeat this moment.
fn first_of_fold(period: Period, second: i64) -> Option<Moved> {
    (second >= period.end + period.closing && second < period.end).then_some(Moved::FirstOfFold)
}

/// The first fire at or after `from` that makes up for a reading skipped at the start of the stretch.
fn made_up(civil: &Civil, period: Period, answers: Answers, from: i64) -> Option<Found> {
    if period.opening <= 0 || from >= period.start + period.opening {
        return None;
    }
    let offset_before = period.offset - period.opening;
    let (gap_start, gap_end) = (period.start + offset_before, period.start + period.offset);
    match answers.gap(period.opening) {
        Gap::Skip => None,
        Gap::RunAfter if from > period.start => None,
        Gap::RunAfter => civil
            .next_from(gap_start)
            .filter(|skipped| *skipped < gap_end)
            .map(|_| (period.start, Some(Moved::AfterGap))),
        Gap::Shift => {
            let skipped = civil.next_from(gap_start.max(from + offset_before)).filter(|skipped| *skipped < gap_end)?;
            Some((skipped - offset_before, Some(Moved::Shifted)))
        }
    }
}
