//! Small parts of pages: an instant, a state, a length of time, a number of bytes. Each is escaped within itself.

use askama::Template;
use askama::filters::HtmlSafe;
use cronbus_core::run::State;
use cronbus_core::time::Timestamp;
use jiff::tz::TimeZone;

use super::words::Language;

/// An instant: UTC without scripts, in the reader's zone with them; UTC and the job's zone when it is pointed at.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(source = r#"<time datetime="{{ iso }}" title="{{ title }}">{{ text }}</time>"#, ext = "html")]
pub(crate) struct When {
    iso: String,
    title: String,
    text: String,
}

impl HtmlSafe for When {}

impl When {
    /// An instant that belongs to no zone.
    pub(crate) fn at(at: Timestamp) -> Self {
        let text = shown(at);
        Self { iso: at.to_string(), title: text.clone(), text }
    }

    /// An instant of a job that is written in this zone.
    pub(crate) fn in_zone(at: Timestamp, zone: &str) -> Self {
        let mut when = Self::at(at);
        if let Some(there) = TimeZone::get(zone).ok().filter(|_| zone != "UTC") {
            let there = at.to_jiff().to_zoned(there).strftime("%Y-%m-%d %H:%M:%S").to_string();
            when.title = format!("{} · {there} {zone}", when.title);
        }
        when
    }
}

fn shown(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A state, by colour and by word.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(source = r#"<span class="state state-{{ class }}">{{ label }}</span>"#, ext = "html")]
pub(crate) struct Badge {
    class: &'static str,
    label: String,
}

impl HtmlSafe for Badge {}

impl Badge {
    /// Of a run.
    pub(crate) fn of(state: State, language: Language) -> Self {
        Self { class: state.as_str(), label: state_word(state, language) }
    }

    /// Of anything else that has a colour of this name.
    pub(crate) const fn named(class: &'static str, label: String) -> Self {
        Self { class, label }
    }
}

/// The word for a state.
pub(crate) fn state_word(state: State, language: Language) -> String {
    language.say(match state {
        State::Created => "state-created",
        State::Assigned => "state-assigned",
        State::Running => "state-running",
        State::Succeeded => "state-succeeded",
        State::Failed => "state-failed",
        State::TimedOut => "state-timed-out",
        State::Killed => "state-killed",
        State::Lost => "state-lost",
        State::Skipped => "state-skipped",
        State::Missed => "state-missed",
        State::Rejected => "state-rejected",
    })
}

/// Which of the colours of charts a state has.
pub(crate) const fn kind(state: State) -> &'static str {
    match state {
        State::Created | State::Assigned | State::Running => "busy",
        State::Succeeded => "good",
        State::Failed | State::TimedOut | State::Killed | State::Lost => "bad",
        State::Skipped | State::Missed | State::Rejected => "other",
    }
}

/// Why something ended as it did: its reason, or else what it ended with.
pub(crate) fn why(reason: &str, exit_code: Option<i32>, language: Language) -> String {
    match exit_code {
        Some(code) if reason.is_empty() && code != 0 => format!("{} {code}", language.say("run-exit-code")),
        _ => reason.to_owned(),
    }
}

/// A length of time for people: `340 ms`, `2.1 s`, `3 min 20 s`, `5 h 4 min`, `3 d 2 h`.
pub(crate) fn span(millis: i64) -> String {
    let sign = if millis < 0 { "−" } else { "" };
    let ms = millis.unsigned_abs();
    let pair = |large: u64, unit: &str, small: u64, smaller: &str| match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {smaller}"),
    };
    let text = match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..10_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        10_000..60_000 => format!("{} s", ms / 1000),
        60_000..3_600_000 => pair(ms / 60_000, "min", ms % 60_000 / 1000, "s"),
        3_600_000..86_400_000 => pair(ms / 3_600_000, "h", ms % 3_600_000 / 60_000, "min"),
        _ => pair(ms / 86_400_000, "d", ms % 86_400_000 / 3_600_000, "h"),
    };
    format!("{sign}{text}")
}

/// A number of bytes for people, in units of 1024.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    for (unit, size) in UNITS {
        if count >= size {
            let tenths = u128::from(count) * 10 / u128::from(size);
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{count} B")
}

/// A number with its thousands set apart.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_sizes_read_well() {
        for (millis, expected) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (2_149, "2.1 s"),
            (59_999, "59 s"),
            (200_000, "3 min 20 s"),
            (7_200_000, "2 h"),
            (-1_500, "−1.5 s"),
            (90_000_000, "1 d 1 h"),
        ] {
            assert_eq!(span(millis), expected);
        }
        assert_eq!(
            (bytes(12), bytes(1536), bytes(u64::MAX)),
            ("12 B".into(), "1.5 KiB".into(), "17179869183.9 GiB".into())
        );
    }

    #[test]
    fn an_instant_tells_utc_and_the_zone_of_its_job() {
        let at = "2026-11-22T09:00:00Z".parse().unwrap();
        assert_eq!(
            When::in_zone(at, "Asia/Shanghai").to_string(),
            "<time datetime=\"2026-11-22T09:00:00.000Z\" title=\"2026-11-22 09:00:00 UTC · 2026-11-22 17:00:00 \
             Asia/Shanghai\">2026-11-22 09:00:00 UTC</time>"
        );
        let strange = When::in_zone(at, "<b>");
        assert_eq!(strange, When::at(at), "a zone that is none is not shown");
    }
}
