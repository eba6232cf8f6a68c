//! Instants as people think of them: `in 3m`, `2h ago`.

use std::time::Duration;

use cronbus_core::time::Timestamp;

const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];

/// How far `at` is from `now`, in its largest unit.
pub(crate) fn to(at: Timestamp, now: Timestamp) -> String {
    let millis = at.millis_since(now);
    let length = rough(Duration::from_millis(millis.unsigned_abs()));
    match (length, millis > 0) {
        (None, _) => "now".to_owned(),
        (Some(length), true) => format!("in {length}"),
        (Some(length), false) => format!("{length} ago"),
    }
}

/// A length in its largest unit, and the next one where that says more; absent below a second.
fn rough(length: Duration) -> Option<String> {
    let seconds = length.as_secs();
    let index = UNITS.iter().position(|(unit, _)| seconds >= *unit)?;
    let (unit, name) = UNITS.get(index)?;
    let whole = seconds / unit;
    let rest = UNITS.get(index + 1).map_or(0, |(smaller, _)| seconds % unit / smaller);
    match UNITS.get(index + 1) {
        Some((_, smaller)) if whole < 10 && rest > 0 => Some(format!("{whole}{name}{rest}{smaller}")),
        _ => Some(format!("{whole}{name}")),
    }
}

/// A length as exactly as people care: `12ms`, `3.4s`, `2m10s`.
pub(crate) fn length(length: Duration) -> String {
    match length.as_millis() {
        0..1_000 => format!("{}ms", length.as_millis()),
        1_000..60_000 => format!("{:.1}s", length.as_secs_f64()),
        _ => rough(length).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_told_in_their_largest_units() {
        let now = Timestamp::from_seconds(1_000_000);
        for (seconds, expected) in [
            (0, "now"),
            (1, "in 1s"),
            (-59, "59s ago"),
            (60, "in 1m"),
            (-150, "2m30s ago"),
            (3600 * 5 + 120, "in 5h2m"),
            (-3600 * 30, "1d6h ago"),
            (86_400 * 40, "in 40d"),
        ] {
            assert_eq!(to(Timestamp::from_seconds(1_000_000 + seconds), now), expected);
        }
        assert!(!to(Timestamp::MAX, now).is_empty());
    }

    #[test]
    fn lengths_are_as_exact_as_needed() {
        for (millis, expected) in [(0, "0ms"), (999, "999ms"), (1_500, "1.5s"), (130_000, "2m10s")] {
            assert_eq!(length(Duration::from_millis(millis)), expected);
        }
    }
}
