//! The next fires of a rule, as people read them: with the clock of the rule's zone.

use jiff::tz::Offset;

use crate::time::Timestamp;

use super::schedule::{Moved, Schedule};

/// More fires than anybody reads; what is asked beyond is left out.
const MOST: usize = 10_000;

/// One due moment, shown.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PreviewedFire {
    /// When.
    pub at: Timestamp,
    /// The same moment in RFC 3339 with the offset of the rule's zone: `2026-03-29T03:00:00+02:00`.
    pub local: String,
    /// What a clock change did to it, if one did.
    pub moved: Option<Moved>,
}

/// The first `count` fires strictly after `from`; fewer when there are no more, and never more than 10,000.
#[must_use]
pub fn preview(schedule: &Schedule, from: Timestamp, count: usize) -> Vec<PreviewedFire> {
    let shown = |at| local(at, schedule.offset_at(at));
    let fires = schedule.fires(from).take(count.min(MOST));
    fires.map(|fire| PreviewedFire { at: fire.at, local: shown(fire.at), moved: fire.moved }).collect()
}

/// An instant in RFC 3339 with an offset given in seconds.
pub(super) fn local(at: Timestamp, offset: i64) -> String {
    let offset = i32::try_from(offset).ok().and_then(|seconds| Offset::from_seconds(seconds).ok());
    at.to_jiff().display_with_offset(offset.unwrap_or(Offset::UTC)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Settings;

    #[test]
    fn shows_the_zone_and_the_moved() {
        let settings = Settings { timezone: "Europe/Berlin", ..Settings::default() };
        let schedule = Schedule::parse("30 2 * * *", &settings).unwrap();
        let shown = preview(&schedule, "2026-03-28T00:00:00Z".parse().unwrap(), 3);
        let lines: Vec<_> = shown.iter().map(|fire| (fire.local.as_str(), fire.moved)).collect();
        assert_eq!(
            lines,
            [
                ("2026-03-28T02:30:00+01:00", None),
                ("2026-03-29T03:00:00+02:00", Some(Moved::AfterGap)),
                ("2026-03-30T02:30:00+02:00", None),
            ]
        );
        assert!(preview(&schedule, Timestamp::MAX, 3).is_empty());
    }
}
