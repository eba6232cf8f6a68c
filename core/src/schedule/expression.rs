//! The text around the fields: prefixes with a zone, names after `@`.

use super::error::Error;

/// The longest rule, in bytes: more than all values of five fields take.
pub(super) const MAX_LENGTH: usize = 512;

/// The names that stand for fields, for messages.
pub(super) const MACROS: &str = "@yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @reboot";

/// What crontab(5) says the names stand for.
const NAMED: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// A rule's text, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expression<'a> {
    /// The zone written before the rule.
    pub(super) zone: Option<&'a str>,
    pub(super) body: Body<'a>,
}

/// What is left without the zone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// Fields as the author wrote them.
    Fields(&'a str),
    /// Fields a name stands for, in the Unix dialect.
    Named(&'static str),
    /// After `@every`.
    Every(&'a str),
    /// After `@at`.
    At(&'a str),
    Reboot,
}

impl<'a> Expression<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, Error> {
        if text.len() > MAX_LENGTH {
            return Err(Error::TooLong { length: text.len() });
        }
        let text = text.trim_ascii();
        let (zone, text) = match text.strip_prefix("CRON_TZ=").or_else(|| text.strip_prefix("TZ=")) {
            Some(rest) => {
                let (zone, rest) = first_word(rest);
                (Some(zone), rest)
            }
            None => (None, text),
        };
        Ok(Self { zone, body: Body::read(text)? })
    }
}

impl<'a> Body<'a> {
    fn read(text: &'a str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::Empty);
        }
        if !text.starts_with('@') {
            return Ok(Self::Fields(text));
        }
        let (name, rest) = first_word(text);
        match (name.to_ascii_lowercase().as_str(), rest) {
            ("@every", period) => Ok(Self::Every(period)),
            ("@at", instant) => Ok(Self::At(instant)),
            ("@reboot", "") => Ok(Self::Reboot),
            (name, "") => match NAMED.iter().find(|(known, _)| *known == name) {
                Some((_, fields)) => Ok(Self::Named(fields)),
                None => Err(unknown(text)),
            },
            _ => Err(unknown(text)),
        }
    }
}

fn first_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()));
    (word, rest.trim_ascii_start())
}

fn unknown(text: &str) -> Error {
    let shown: String = text.chars().take(64).collect();
    let lower = shown.to_ascii_lowercase();
    let names = NAMED.iter().map(|(name, _)| *name).chain(["@every", "@at", "@reboot"]);
    let nearest = names.map(|name| (strsim::damerau_levenshtein(name, &lower), name)).min();
    Error::UnknownMacro {
        text: shown,
        nearest: nearest.filter(|(distance, _)| *distance <= 3).map(|(_, name)| name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_texts_apart() {
        for (text, zone, body) in [
            ("* * * * *", None, Body::Fields("* * * * *")),
            ("  5 4 * * *\t", None, Body::Fields("5 4 * * *")),
            ("CRON_TZ=Asia/Tokyo 5 4 * * *", Some("Asia/Tokyo"), Body::Fields("5 4 * * *")),
            ("TZ=UTC\t@daily", Some("UTC"), Body::Named("0 0 * * *")),
            ("@Every 5m", None, Body::Every("5m")),
            ("@at 2026-12-01T08:00:00Z", None, Body::At("2026-12-01T08:00:00Z")),
            ("@REBOOT", None, Body::Reboot),
        ] {
            assert_eq!(Expression::read(text), Ok(Expression { zone, body }), "{text}");
        }
    }

    #[test]
    fn refuses_with_advice() {
        for (text, advice) in [
            ("", "write five fields"),
            (" \t ", "write five fields"),
            ("TZ=UTC", "write five fields"),
            ("@dialy", "did you mean `@daily`"),
            ("@daily 5", "is not a known name"),
            ("@", "@yearly, @annually"),
            ("@xylophone", "@yearly, @annually"),
        ] {
            let message = Expression::read(text).unwrap_err().to_string();
            assert!(message.contains(advice), "{text}: {message}");
        }
        assert_eq!(Expression::read(&"*".repeat(513)), Err(Error::TooLong { length: 513 }));
    }
}
