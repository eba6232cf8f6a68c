//! Cases of schedules worked out by hand: one line a rule, the instants in UTC.
//!
//! Sources: crontab(5) and cron(8) of Debian for the five fields and the clock changes, the Quartz tutorial for L, W
//! and #, the IANA database for the changes themselves.

use cronbus_core::schedule::{Dialect, Dst, Error, Fold, Gap, Moved, Schedule, Settings};
use cronbus_core::time::Timestamp;

fn instant(text: &str) -> Timestamp {
    let zulu = if text.ends_with('Z') { text.to_owned() } else { format!("{text}Z") };
    zulu.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// The fires after `from`, as `2026-03-08T07:00:00` with a mark where a clock change touched them.
fn fires(rule: &str, settings: &Settings<'_>, from: &str, count: usize) -> Vec<String> {
    let schedule = Schedule::parse(rule, settings).unwrap_or_else(|error| panic!("{rule}: {error}"));
    let mark = |moved| match moved {
        None => "",
        Some(Moved::AfterGap) => " after gap",
        Some(Moved::Shifted) => " shifted",
        Some(Moved::FirstOfFold) => " first",
        Some(Moved::SecondOfFold) => " second",
    };
    let line = |at: Timestamp, moved| format!("{}{}", at.to_string().replace(".000Z", ""), mark(moved));
    schedule.fires(instant(from)).take(count).map(|fire| line(fire.at, fire.moved)).collect()
}

#[track_caller]
fn check(rule: &str, zone: &str, from: &str, expected: &[&str]) {
    let settings = Settings { timezone: zone, ..Settings::default() };
    assert_eq!(fires(rule, &settings, from, expected.len()), expected, "{rule} in {zone}");
}

#[track_caller]
fn check_dst(rule: &str, zone: &str, (gap, fold): (Option<Gap>, Option<Fold>), from: &str, expected: &[&str]) {
    let settings = Settings { timezone: zone, dst: Dst { gap, fold }, ..Settings::default() };
    assert_eq!(fires(rule, &settings, from, expected.len()), expected, "{rule} in {zone} with {gap:?} {fold:?}");
}

#[track_caller]
fn check_quartz(rule: &str, from: &str, expected: &[&str]) {
    let settings = Settings { dialect: Dialect::Quartz, ..Settings::default() };
    assert_eq!(fires(rule, &settings, from, expected.len()), expected, "{rule} in Quartz");
}

#[test]
fn five_fields_of_debian_cron() {
    // 2026-11-22 is a Sunday.
    for (rule, expected) in [
        ("* * * * *", ["2026-11-22T09:01:00", "2026-11-22T09:02:00"]),
        ("*/15 * * * *", ["2026-11-22T09:15:00", "2026-11-22T09:30:00"]),
        ("0 9 * * 0", ["2026-11-29T09:00:00", "2026-12-06T09:00:00"]),
        ("0 9 * * 7", ["2026-11-29T09:00:00", "2026-12-06T09:00:00"]),
        ("0 9 * * 1-5", ["2026-11-23T09:00:00", "2026-11-24T09:00:00"]),
        ("0 9 * * Mon,wed", ["2026-11-23T09:00:00", "2026-11-25T09:00:00"]),
        ("0 9 * * FRI-MON", ["2026-11-23T09:00:00", "2026-11-27T09:00:00"]),
        ("0 9 * * 6-7", ["2026-11-28T09:00:00", "2026-11-29T09:00:00"]),
        ("0 22-2/2 * * *", ["2026-11-22T22:00:00", "2026-11-23T00:00:00"]),
        ("5-10/5,59 8 * * *", ["2026-11-23T08:05:00", "2026-11-23T08:10:00"]),
        ("0 0 1 nov-FEB *", ["2026-12-01T00:00:00", "2027-01-01T00:00:00"]),
        ("0 0 13 * 5", ["2026-11-27T00:00:00", "2026-12-04T00:00:00"]),
        ("0 0 23 * 2", ["2026-11-23T00:00:00", "2026-11-24T00:00:00"]),
        ("0 0 */2 * 2", ["2026-12-01T00:00:00", "2026-12-15T00:00:00"]),
        ("0 0 13 * */5", ["2026-12-13T00:00:00", "2027-06-13T00:00:00"]),
        ("0 0 31 * *", ["2026-12-31T00:00:00", "2027-01-31T00:00:00"]),
        ("0 0 ? * 1", ["2026-11-23T00:00:00", "2026-11-30T00:00:00"]),
    ] {
        check(rule, "UTC", "2026-11-22T09:00:00", &expected);
    }
}

#[test]
fn names_for_fields() {
    for (rule, expected) in [
        ("@yearly", ["2027-01-01T00:00:00", "2028-01-01T00:00:00"]),
        ("@annually", ["2027-01-01T00:00:00", "2028-01-01T00:00:00"]),
        ("@monthly", ["2026-12-01T00:00:00", "2027-01-01T00:00:00"]),
        ("@weekly", ["2026-11-29T00:00:00", "2026-12-06T00:00:00"]),
        ("@daily", ["2026-11-23T00:00:00", "2026-11-24T00:00:00"]),
        ("@midnight", ["2026-11-23T00:00:00", "2026-11-24T00:00:00"]),
        ("@hourly", ["2026-11-22T10:00:00", "2026-11-22T11:00:00"]),
        ("@every 90m", ["2026-11-22T10:30:00", "2026-11-22T12:00:00"]),
        ("CRON_TZ=Asia/Tokyo @daily", ["2026-11-22T15:00:00", "2026-11-23T15:00:00"]),
        ("TZ=Asia/Kolkata 30 5 * * *", ["2026-11-23T00:00:00", "2026-11-24T00:00:00"]),
    ] {
        check(rule, "UTC", "2026-11-22T09:00:00", &expected);
    }
}

#[test]
fn names_keep_their_meaning_in_every_dialect() {
    check_quartz("@weekly", "2026-11-22T09:00:00", &["2026-11-29T00:00:00"]);
}

#[test]
fn seconds_and_years() {
    for (rule, expected) in [
        ("*/30 * * * * *", ["2026-11-22T09:00:30", "2026-11-22T09:01:00"]),
        ("5,50 59 23 * * *", ["2026-11-22T23:59:05", "2026-11-22T23:59:50"]),
        ("58-1 0 9 * * *", ["2026-11-22T09:00:01", "2026-11-22T09:00:58"]),
        ("0 0 0 1 1 * 2030,2040-2041", ["2030-01-01T00:00:00", "2040-01-01T00:00:00"]),
        ("59 59 23 31 12 ? 2026-2199/2", ["2026-12-31T23:59:59", "2028-12-31T23:59:59"]),
    ] {
        check(rule, "UTC", "2026-11-22T09:00:00", &expected);
    }
}

#[test]
fn days_no_number_names() {
    for (rule, expected) in [
        ("0 0 L * *", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("0 0 L-3 * *", ["2026-01-28", "2026-02-25", "2026-03-28"]),
        // 31 January 2026 is a Saturday, 28 February too, 31 May a Sunday.
        ("0 0 LW * *", ["2026-01-30", "2026-02-27", "2026-03-31"]),
        ("0 0 LW 5 *", ["2026-05-29", "2027-05-31", "2028-05-31"]),
        ("0 0 15W * *", ["2026-01-15", "2026-02-16", "2026-03-16"]),
        // 1 August 2026 is a Saturday: never into the month before.
        ("0 0 1W 8 *", ["2026-08-03", "2027-08-02", "2028-08-01"]),
        ("0 0 31W 1,5 *", ["2026-01-30", "2026-05-29", "2027-01-29"]),
        ("0 0 * * 5L", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("0 0 * * 0L", ["2026-01-25", "2026-02-22", "2026-03-29"]),
        ("0 0 * * friL", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("0 0 * * 1#1", ["2026-01-05", "2026-02-02", "2026-03-02"]),
        ("0 0 * * 7#5", ["2026-03-29", "2026-05-31", "2026-08-30"]),
        ("0 0 1,L * *", ["2026-01-31", "2026-02-01", "2026-02-28"]),
        ("0 0 * * TUE#1,TUE#3", ["2026-01-06", "2026-01-20", "2026-02-03"]),
        ("0 0 L * 1#1", ["2026-01-05", "2026-01-31", "2026-02-02"]),
        ("0 0 * * L", ["2026-01-03", "2026-01-10", "2026-01-17"]),
    ] {
        let expected = expected.map(|day| format!("{day}T00:00:00"));
        check(rule, "UTC", "2026-01-01T00:00:00", &expected.each_ref().map(String::as_str));
    }
}

#[test]
fn quartz_numbers_weekdays_from_sunday_as_1() {
    check_quartz("0 0 9 ? * 2-6", "2026-11-21T10:00:00", &["2026-11-23T09:00:00", "2026-11-24T09:00:00"]);
    check_quartz("0 0 9 ? * 1", "2026-11-21T10:00:00", &["2026-11-22T09:00:00", "2026-11-29T09:00:00"]);
    check_quartz("0 0 9 ? * 7", "2026-11-21T10:00:00", &["2026-11-28T09:00:00", "2026-12-05T09:00:00"]);
    check_quartz("0 0 9 ? * 6L", "2026-11-21T10:00:00", &["2026-11-27T09:00:00", "2026-12-25T09:00:00"]);
    check_quartz("0 0 9 ? * 6#3", "2026-11-21T10:00:00", &["2026-12-18T09:00:00", "2027-01-15T09:00:00"]);
    check_quartz("0 0 9 ? * MON#1", "2026-11-21T10:00:00", &["2026-12-07T09:00:00", "2027-01-04T09:00:00"]);
    check_quartz("0 0 12 1/5 * ?", "2026-11-21T10:00:00", &["2026-11-21T12:00:00", "2026-11-26T12:00:00"]);
    check_quartz("0 9 ? * SUN", "2026-11-21T10:00:00", &["2026-11-22T09:00:00", "2026-11-29T09:00:00"]);
}

#[test]
fn leap_days() {
    check("0 0 29 2 *", "UTC", "2026-01-01T00:00:00", &["2028-02-29T00:00:00", "2032-02-29T00:00:00"]);
    check("0 0 29 2 *", "UTC", "2096-03-01T00:00:00", &["2104-02-29T00:00:00", "2108-02-29T00:00:00"]);
    check("0 0 L 2 *", "UTC", "2027-01-01T00:00:00", &["2027-02-28T00:00:00", "2028-02-29T00:00:00"]);
    check("0 12 */29 2 MON", "UTC", "2026-02-02T00:00:00", &["2027-02-01T12:00:00", "2038-02-01T12:00:00"]);
    check("0 0 * 2 SAT#5", "UTC", "2026-01-01T00:00:00", &["2048-02-29T00:00:00", "2076-02-29T00:00:00"]);
}

#[test]
fn every_counts_from_the_anchor() {
    let settings = Settings { anchor: instant("2026-11-22T09:00:07"), ..Settings::default() };
    assert_eq!(
        fires("@every 1h30m", &settings, "2026-11-22T09:00:07", 2),
        ["2026-11-22T10:30:07", "2026-11-22T12:00:07"]
    );
    assert_eq!(
        fires("@every 30s", &settings, "2026-11-22T08:59:00", 2),
        ["2026-11-22T08:59:07", "2026-11-22T08:59:37"]
    );
}

#[test]
fn at_fires_once() {
    let settings = Settings::default();
    let rule = "@at 2026-12-01T08:00:00+08:00";
    assert_eq!(fires(rule, &settings, "2026-11-22T00:00:00", 5), ["2026-12-01T00:00:00"]);
    assert!(fires(rule, &settings, "2026-12-01T00:00:00", 5).is_empty());
}

/// New York: 2026-03-08 02:00 EST becomes 03:00 EDT (07:00 UTC); 2026-11-01 02:00 EDT becomes 01:00 EST (06:00 UTC).
#[test]
fn new_york() {
    let zone = "America/New_York";
    check(
        "30 2 * * *",
        zone,
        "2026-03-07T00:00:00",
        &["2026-03-07T07:30:00", "2026-03-08T07:00:00 after gap", "2026-03-09T06:30:00"],
    );
    check("0,30 2 * * *", zone, "2026-03-08T00:00:00", &["2026-03-08T07:00:00 after gap", "2026-03-09T06:00:00"]);
    check("0 2,3 * * *", zone, "2026-03-08T00:00:00", &["2026-03-08T07:00:00", "2026-03-09T06:00:00"]);
    check("*/30 * * * *", zone, "2026-03-08T06:00:00", &["2026-03-08T06:30:00", "2026-03-08T07:00:00"]);
    check("*/30 2 * * *", zone, "2026-03-08T00:00:00", &["2026-03-09T06:00:00", "2026-03-09T06:30:00"]);
    check("0 */2 * * *", zone, "2026-03-08T05:00:00", &["2026-03-08T08:00:00", "2026-03-08T10:00:00"]);
    check("30 1 * * *", zone, "2026-10-31T12:00:00", &["2026-11-01T05:30:00 first", "2026-11-02T06:30:00"]);
    check("0 2 * * *", zone, "2026-11-01T00:00:00", &["2026-11-01T07:00:00", "2026-11-02T07:00:00"]);
    check(
        "*/30 1 * * *",
        zone,
        "2026-11-01T00:00:00",
        &[
            "2026-11-01T05:00:00 first",
            "2026-11-01T05:30:00 first",
            "2026-11-01T06:00:00 second",
            "2026-11-01T06:30:00 second",
            "2026-11-02T06:00:00",
        ],
    );
    check(
        "@hourly",
        zone,
        "2026-11-01T04:30:00",
        &["2026-11-01T05:00:00 first", "2026-11-01T06:00:00 second", "2026-11-01T07:00:00"],
    );
    check("* 30 2 * * *", zone, "2026-03-08T00:00:00", &["2026-03-08T07:00:00 after gap", "2026-03-09T06:30:00"]);
}

#[test]
fn new_york_with_other_answers() {
    let zone = "America/New_York";
    let (after, skip, shift) = (Some(Gap::RunAfter), Some(Gap::Skip), Some(Gap::Shift));
    let (once, twice) = (Some(Fold::Once), Some(Fold::Twice));
    let spring = "2026-03-08T00:00:00";
    check_dst("30 2 * * *", zone, (skip, None), spring, &["2026-03-09T06:30:00"]);
    check_dst("30 2 * * *", zone, (shift, None), spring, &["2026-03-08T07:30:00 shifted", "2026-03-09T06:30:00"]);
    check_dst(
        "0,30 2,3 * * *",
        zone,
        (shift, None),
        spring,
        &["2026-03-08T07:00:00", "2026-03-08T07:30:00", "2026-03-09T06:00:00"],
    );
    check_dst(
        "*/20 2 * * *",
        zone,
        (shift, None),
        spring,
        &[
            "2026-03-08T07:00:00 shifted",
            "2026-03-08T07:20:00 shifted",
            "2026-03-08T07:40:00 shifted",
            "2026-03-09T06:00:00",
        ],
    );
    check_dst("*/20 2 * * *", zone, (after, None), spring, &["2026-03-08T07:00:00 after gap", "2026-03-09T06:00:00"]);
    let autumn = "2026-11-01T00:00:00";
    check_dst(
        "30 1 * * *",
        zone,
        (None, twice),
        autumn,
        &["2026-11-01T05:30:00 first", "2026-11-01T06:30:00 second", "2026-11-02T06:30:00"],
    );
    check_dst(
        "*/30 1 * * *",
        zone,
        (None, once),
        autumn,
        &["2026-11-01T05:00:00 first", "2026-11-01T05:30:00 first", "2026-11-02T06:00:00"],
    );
    // Asked in the middle of the second hour.
    check_dst("*/30 1 * * *", zone, (None, once), "2026-11-01T06:10:00", &["2026-11-02T06:00:00"]);
    check_dst("*/30 1 * * *", zone, (None, twice), "2026-11-01T06:10:00", &["2026-11-01T06:30:00 second"]);
    check_dst("*/20 2 * * *", zone, (shift, None), "2026-03-08T07:25:00", &["2026-03-08T07:40:00 shifted"]);
}

/// London: 2026-03-29 01:00 GMT becomes 02:00 BST; 2026-10-25 02:00 BST becomes 01:00 GMT (01:00 UTC).
#[test]
fn london() {
    let zone = "Europe/London";
    check("30 1 * * *", zone, "2026-03-28T12:00:00", &["2026-03-29T01:00:00 after gap", "2026-03-30T00:30:00"]);
    check("30 1 * * *", zone, "2026-10-24T12:00:00", &["2026-10-25T00:30:00 first", "2026-10-26T01:30:00"]);
    check("0 1 25 10 *", zone, "2026-01-01T00:00:00", &["2026-10-25T00:00:00 first", "2027-10-25T00:00:00"]);
}

/// Sydney: 2026-04-05 03:00 AEDT becomes 02:00 AEST (16:00 UTC the day before); 2026-10-04 02:00 AEST becomes 03:00
/// AEDT.
#[test]
fn sydney() {
    let zone = "Australia/Sydney";
    check("30 2 * * *", zone, "2026-04-04T00:00:00", &["2026-04-04T15:30:00 first", "2026-04-05T16:30:00"]);
    check("30 2 * * *", zone, "2026-10-03T00:00:00", &["2026-10-03T16:00:00 after gap", "2026-10-04T15:30:00"]);
}

/// Lord Howe moves by half an hour: 2026-04-05 02:00 (+11) becomes 01:30 (+10:30), 15:00 UTC the day before; 2026-10-04
/// 02:00 (+10:30) becomes 02:30 (+11), 15:30 UTC the day before.
#[test]
fn lord_howe() {
    let zone = "Australia/Lord_Howe";
    check("45 1 * * *", zone, "2026-04-04T00:00:00", &["2026-04-04T14:45:00 first", "2026-04-05T15:15:00"]);
    check("15 1 * * *", zone, "2026-04-04T00:00:00", &["2026-04-04T14:15:00", "2026-04-05T14:45:00"]);
    check("15 2 * * *", zone, "2026-10-03T00:00:00", &["2026-10-03T15:30:00 after gap", "2026-10-04T15:15:00"]);
    check("30 2 * * *", zone, "2026-10-03T00:00:00", &["2026-10-03T15:30:00", "2026-10-04T15:30:00"]);
    let shift = (Some(Gap::Shift), None);
    check_dst(
        "15 2 * * *",
        zone,
        shift,
        "2026-10-03T00:00:00",
        &["2026-10-03T15:45:00 shifted", "2026-10-04T15:15:00"],
    );
    check(
        "*/15 1 * * *",
        zone,
        "2026-04-04T14:20:00",
        &[
            "2026-04-04T14:30:00 first",
            "2026-04-04T14:45:00 first",
            "2026-04-04T15:00:00 second",
            "2026-04-04T15:15:00 second",
            "2026-04-05T14:30:00",
        ],
    );
}

/// Apia had no 2011-12-30: 2011-12-29T24:00-10:00 is 2011-12-31T00:00+14:00. A change of a day is a correction.
#[test]
fn apia() {
    let zone = "Pacific/Apia";
    check("0 9 * * *", zone, "2011-12-29T00:00:00", &["2011-12-29T19:00:00", "2011-12-30T19:00:00"]);
    check("0 9 30 12 *", zone, "2011-01-01T00:00:00", &["2012-12-29T19:00:00"]);
    check("0 0 31 12 *", zone, "2011-01-01T00:00:00", &["2011-12-30T10:00:00"]);
    let ask = |gap| (Some(gap), None);
    check_dst("0 9 30 12 *", zone, ask(Gap::RunAfter), "2011-01-01T00:00:00", &["2011-12-30T10:00:00 after gap"]);
    check_dst("0 9 30 12 *", zone, ask(Gap::Shift), "2011-01-01T00:00:00", &["2011-12-30T19:00:00 shifted"]);
}

/// Casablanca leaves +01 for Ramadan: in 2026 from 02-15 03:00 back to 02:00 (02:00 UTC), and on 03-22 02:00 to 03:00.
#[test]
fn casablanca() {
    let zone = "Africa/Casablanca";
    check("30 2 * * *", zone, "2026-02-14T12:00:00", &["2026-02-15T01:30:00 first", "2026-02-16T02:30:00"]);
    check("30 2 * * *", zone, "2026-03-21T12:00:00", &["2026-03-22T02:00:00 after gap", "2026-03-23T01:30:00"]);
}

/// Kwajalein left out 1993-08-21 (a day); Caracas moved by half an hour on 2016-05-01 02:30; Troll moves by two hours.
#[test]
fn odd_changes() {
    check("0 12 21 8 *", "Pacific/Kwajalein", "1993-08-01T00:00:00", &["1994-08-21T00:00:00"]);
    check("45 2 * * *", "America/Caracas", "2016-04-30T12:00:00", &["2016-05-01T07:00:00 after gap"]);
    check("30 1 * * *", "Antarctica/Troll", "2026-03-28T12:00:00", &["2026-03-29T01:00:00 after gap"]);
    check("30 2 * * *", "Antarctica/Troll", "2026-10-24T12:00:00", &["2026-10-25T00:30:00 first"]);
}

#[test]
fn what_never_fires_is_refused() {
    for rule in
        ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31W 2 *", "0 0 L-30 2 *", "0 0 0 29 2 * 2027", "0 0 */31 * 5#2"]
    {
        let error = Schedule::parse(rule, &Settings::default()).unwrap_err();
        assert_eq!(error, Error::NeverFires { text: rule.to_owned() });
        assert!(error.to_string().contains("never fires"), "{error}");
    }
    // The only moment is skipped by the clock.
    let skip = Dst { gap: Some(Gap::Skip), fold: None };
    let settings = Settings { timezone: "Europe/London", dst: skip, ..Settings::default() };
    assert!(matches!(Schedule::parse("0 30 1 29 3 * 2026", &settings), Err(Error::NeverFires { .. })));
}

#[test]
fn what_is_over_is_told_with_its_last_moment() {
    let now = instant("2026-11-22T00:00:00");
    for (rule, last) in [
        ("0 0 12 * * * 2020", "2020-12-31T12:00:00.000Z"),
        ("0 0 12 1 1 * 1999-2007/4", "2007-01-01T12:00:00.000Z"),
        ("@at 2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z"),
        ("0 0 0 22 11 * 2026", "2026-11-22T00:00:00.000Z"),
    ] {
        let schedule = Schedule::parse(rule, &Settings::default()).unwrap();
        let message = schedule.check_fires_after(now).unwrap_err().to_string();
        assert!(schedule.is_exhausted(now) && message.contains(last), "{message}");
    }
    for rule in ["* * * * *", "@reboot", "@every 1s", "0 0 12 * * * 2027"] {
        assert_eq!(Schedule::parse(rule, &Settings::default()).unwrap().check_fires_after(now), Ok(()));
    }
}

#[test]
fn errors_name_field_value_and_remedy() {
    for (rule, zone, field, says) in [
        ("61 * * * *", "UTC", "schedule", "minute `61`"),
        ("* * * *", "UTC", "schedule", "4 field(s)"),
        ("@dayly", "UTC", "schedule", "did you mean `@daily`"),
        ("@every 10", "UTC", "schedule", "`10s`"),
        ("@at tomorrow", "UTC", "schedule", "RFC 3339"),
        ("@at 2026-12-01 08:00", "UTC", "schedule", "with an offset"),
        ("* * * * *", "Europe/Lodnon", "timezone", "did you mean `Europe/London`"),
        ("TZ=Mars/Base * * * * *", "UTC", "timezone", "`Mars/Base` is not an IANA time zone"),
    ] {
        let error = Schedule::parse(rule, &Settings { timezone: zone, ..Settings::default() }).unwrap_err();
        assert!(error.field() == field && error.to_string().contains(says), "{error}");
    }
}

#[test]
fn keys_are_equal_for_schedules_that_fire_alike_only() {
    let key = |rule: &str, zone, name| {
        let settings = Settings { timezone: zone, name, ..Settings::default() };
        Schedule::parse(rule, &settings).unwrap().interning_key()
    };
    for (a, b) in [
        ("0 0 * * *", "@daily"),
        ("0 0 * * 0", "0 0 0 * * SUN"),
        ("*/20 * * * *", "*/20 0-23 ? * *"),
        ("TZ=UTC 0 0 * * *", "TZ=Etc/GMT 0 0 * * *"),
        ("@every 60s", "@every 1m"),
    ] {
        assert_eq!(key(a, "Europe/Paris", "x"), key(b, "Europe/Paris", "x"), "{a} {b}");
    }
    assert_ne!(key("H H * * *", "UTC", "a"), key("H H * * *", "UTC", "b"));
    assert_ne!(key("0 2 * * *", "Europe/Paris", ""), key("0 2/24 * * *", "Europe/Paris", ""));
    assert_ne!(key("0 2 * * *", "Europe/Paris", ""), key("0 2 * * *", "Europe/London", ""));
    assert_eq!(key("0 2 * * *", "UTC", ""), key("0 2/24 * * *", "UTC", ""));
}
