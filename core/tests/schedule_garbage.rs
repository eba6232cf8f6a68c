//! Whatever is written as a rule: it is refused or it answers, without a panic, and its answers rise.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use cronbus_core::schedule::{Dialect, Dst, Fold, Gap, Kind, Schedule, Settings, preview};
use cronbus_core::time::Timestamp;
use proptest::prelude::*;

const RULES: &[&str] = &[
    "*/5 0-23/2 1,15,L mon-FRI,dec 1-5",
    "5,35 22-4 LW */2 *",
    "0 0 29 2 *",
    "0 0 31W 1-12 5L,1#2",
    "*/10 H(0-29)/10 H 13 * FRI",
    "0 30 9 ? * MON-FRI 2026-2030/2",
    "H H(1-5) L-3 H(6-8) H",
    "CRON_TZ=Asia/Tokyo 0 3 * * *",
    "TZ=America/New_York 30 1,2 * * 7",
    "@daily",
    "@every 1h30m10s",
    "@at 2026-12-01T08:00:00.5+08:00",
    "@reboot",
];

const PIECES: &[&str] = &[
    "*",
    ",",
    "-",
    "/",
    "#",
    "?",
    "L",
    "W",
    "H",
    "(",
    ")",
    " ",
    "  ",
    "0",
    "1",
    "5",
    "7",
    "31",
    "59",
    "60",
    "99",
    "@",
    "=",
    "TZ=",
    "CRON_TZ=",
    "MON",
    "dec",
    "@every ",
    "@at ",
    "-1",
    "*/",
    "L-",
    "\t",
    "\n",
    "\0",
    "é",
    "18446744073709551616",
];

/// One change of a text: some characters replaced by a piece.
type Edit = (prop::sample::Index, usize, prop::sample::Index);

fn edit(text: &str, edits: &[Edit]) -> String {
    edits.iter().fold(text.to_owned(), |text, (at, removed, piece)| {
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len() + 1);
        let rest = chars.get(at + removed..).unwrap_or_default();
        chars[..at]
            .iter()
            .copied()
            .chain(PIECES[piece.index(PIECES.len())].chars())
            .chain(rest.iter().copied())
            .collect()
    })
}

fn settings() -> impl Strategy<Value = Settings<'static>> {
    let zones = ["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Monrovia"];
    let dialect = prop_oneof![Just(Dialect::Unix), Just(Dialect::Quartz)];
    let gap = prop::option::of(prop_oneof![Just(Gap::RunAfter), Just(Gap::Skip), Just(Gap::Shift)]);
    let fold = prop::option::of(prop_oneof![Just(Fold::Once), Just(Fold::Twice)]);
    (dialect, prop::sample::select(zones.to_vec()), gap, fold, any::<i64>()).prop_map(
        |(dialect, timezone, gap, fold, anchor)| Settings {
            dialect,
            timezone,
            dst: Dst { gap, fold },
            anchor: Timestamp::from_millis(anchor),
            name: "job",
        },
    )
}

/// Refused with a message, or consistent.
fn hold(text: &str, settings: &Settings<'_>, after: Timestamp) {
    let schedule = match Schedule::parse(text, settings) {
        Ok(schedule) => schedule,
        Err(error) => {
            let message = error.to_string();
            assert!(message.starts_with(error.field()) && message.len() < 2_000, "{message}");
            return;
        }
    };
    for after in [after, Timestamp::EPOCH, Timestamp::MAX, Timestamp::from_millis(i64::MIN)] {
        let fires: Vec<_> = schedule.fires(after).take(5).collect();
        assert!(fires.first().is_none_or(|fire| fire.at > after), "{text}: {fires:?} after {after}");
        assert!(fires.windows(2).all(|pair| pair[0].at < pair[1].at), "{text}: {fires:?} after {after}");
        assert_eq!(preview(&schedule, after, 5).len(), fires.len());
        assert_eq!(schedule.is_exhausted(after), fires.is_empty() && schedule.kind() != Kind::Reboot);
        assert_eq!(schedule.check_fires_after(after).is_err(), schedule.is_exhausted(after));
    }
    assert!(!schedule.describe().is_empty() && !schedule.interning_key().is_empty());
    let again = Schedule::parse(schedule.expression(), settings).unwrap();
    assert_eq!(again.interning_key(), schedule.interning_key(), "{text}");
}

fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![any::<i64>(), 0..7_258_118_400_000_i64].prop_map(Timestamp::from_millis)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,80}", settings in settings(), after in instant()) {
        hold(&text, &settings, after);
    }

    #[test]
    fn any_fields(
        text in "([-*,/0-9LWH#?()a-cA-C]{1,6} ){4,6}[-*,/0-9LWH#?]{1,6}",
        settings in settings(),
        after in instant(),
    ) {
        hold(&text, &settings, after);
    }

    #[test]
    fn almost_a_rule(
        rule in prop::sample::select(RULES),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, any::<prop::sample::Index>()), 0..5),
        settings in settings(),
        after in instant(),
    ) {
        hold(&edit(rule, &edits), &settings, after);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_zone_name(name in "\\PC{0,200}") {
        hold("* * * * *", &Settings { timezone: &name, ..Settings::default() }, Timestamp::EPOCH);
    }
}

/// As slow as texts of the allowed length get: every day named, matches one day in years, none from some year on.
#[test]
fn the_worst_rules_end() {
    let all = |item: &str, numbers: std::ops::RangeInclusive<u16>| {
        numbers.map(|number| item.replace('n', &number.to_string())).collect::<Vec<_>>().join(",")
    };
    let (near, before) = (all("nW", 1..=31), all("L-n", 1..=30));
    for rule in [
        format!("* * {near},{before},L,LW * {}", all("n#5", 0..=6)),
        format!("0 0 */31 2 {}", all("n#1", 0..=6)),
        format!("* * * {near} 2 *"),
        "* * * * 2 */2 1970-2199".to_owned(),
        "0 0 0 29 2 * 1972,2001-2199/2".to_owned(),
        "0 0 0 */31 2 1#1 1971-2199/2".to_owned(),
        "0 0 */30 2 5#5".to_owned(),
        "0 0 0 31W 1 SUN 2199".to_owned(),
    ] {
        for timezone in ["UTC", "America/New_York"] {
            let settings = Settings { timezone, ..Settings::default() };
            for year in [1970, 2026, 2150, 2198] {
                hold(&rule, &settings, format!("{year}-06-01T00:00:00Z").parse().unwrap());
            }
        }
    }
}
