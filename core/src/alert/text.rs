//! A message as texts: one line, lines of facts, cut to what a service takes. Nothing here escapes for a format.

use super::kind::Severity;
use super::message::Message;

/// What a cut text ends with.
const ELLIPSIS: char = '…';

/// What every text ends with. Some robots take only messages that have a certain word in them: it can be this one.
pub const SIGNED: &str = "cronbus";

/// How many facts are told, and how much of each.
const MOST_FACTS: usize = 30;
const LONGEST_FACT: usize = 1000;

/// The longest end of a log that is told, in characters; where a service takes less, less.
pub const LONGEST_LOG: usize = 4000;

/// What follows the letter before it and belongs to it: marks, joiners, selectors, tones of skin.
const fn belongs_to_the_one_before(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// The text, cut at the end to at most `limit` in the measure of a service (`char::len_utf8` for bytes,
/// `char::len_utf16` for units of text messages), with a `…` where something is missing. No character is cut in two, nor
/// parted from what belongs to it.
#[must_use]
pub fn clip(text: &str, limit: usize, measure: impl Fn(char) -> usize) -> String {
    let whole: usize = text.chars().map(&measure).sum();
    if whole <= limit {
        return text.to_owned();
    }
    let Some(mut room) = limit.checked_sub(measure(ELLIPSIS)) else { return String::new() };
    // Up to where whole characters go.
    let mut end = 0;
    let mut is_joined = false;
    for (at, character) in text.char_indices() {
        if !belongs_to_the_one_before(character) && !is_joined {
            end = at;
        }
        is_joined = character == '\u{200d}';
        let size = measure(character);
        if size > room {
            break;
        }
        room -= size;
    }
    format!("{}{ELLIPSIS}", text.get(..end).unwrap_or_default().trim_end())
}

/// [`clip`] to a number of characters.
#[must_use]
pub fn clip_chars(text: &str, limit: usize) -> String {
    clip(text, limit, |_| 1)
}

/// The end of a text: its last lines, of at most `limit` characters.
#[must_use]
pub fn tail(text: &str, limit: usize) -> &str {
    let text = text.trim_end();
    let over = text.chars().count().saturating_sub(limit);
    if over == 0 {
        return text;
    }
    let rest = text.char_indices().nth(over).and_then(|(at, _)| text.get(at..)).unwrap_or_default();
    rest.split_once('\n').map_or(rest, |(_, lines)| if lines.is_empty() { rest } else { lines })
}

/// The text on one line: whatever ends a line, moves a cursor or turns the direction of writing becomes a blank.
#[must_use]
pub fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() || is_format(c) { ' ' } else { c };
    let line: String = text.chars().map(plain).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Several lines, without what moves a cursor or turns the direction of writing.
#[must_use]
pub fn lines(text: &str) -> String {
    let keep = |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || is_format(*c));
    text.replace("\r\n", "\n").chars().filter(keep).collect()
}

/// Separators of lines, marks of direction: what makes a text look like another one.
const fn is_format(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A mark that says at a glance how bad it is.
#[must_use]
pub const fn mark(message: &Message) -> &'static str {
    match message.severity {
        Severity::Critical => "🔴",
        Severity::Warning => "🟡",
        Severity::Good => "🟢",
    }
}

/// The whole message as one text.
#[must_use]
pub fn whole(message: &Message) -> String {
    format!("{} {}\n{}\n{SIGNED}", mark(message), title(message), body(message))
}

/// The title on one line.
#[must_use]
pub fn title(message: &Message) -> String {
    clip_chars(&one_line(&message.title), 200)
}

/// Title and reason on one line, for where there is room for no more.
#[must_use]
pub fn summary(message: &Message) -> String {
    let title = title(message);
    match message.reason.as_deref().map(one_line).filter(|reason| !reason.is_empty() && !title.contains(reason)) {
        Some(reason) => format!("{title}: {reason}"),
        None => title,
    }
}

/// What there is to know, each on one line: label and value. Job, run and node come first unless a line of the message
/// says them already.
#[must_use]
pub fn facts(message: &Message) -> Vec<(String, String)> {
    let said = |value: &str| message.lines.iter().any(|fact| fact.value == value);
    let own = [
        ("Job", message.job.as_ref().map(ToString::to_string)),
        ("Run", message.run.as_ref().map(ToString::to_string)),
        ("Node", message.node.as_ref().map(ToString::to_string)),
    ];
    let own =
        own.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value.filter(|value| !said(value))?)));
    let lines = message.lines.iter().map(|fact| (one_line(&fact.label), one_line(&fact.value)));
    let reason = message.reason.as_deref().filter(|reason| !said(reason)).map(one_line);
    let reason = reason.filter(|reason| !reason.is_empty()).map(|reason| ("Reason".to_owned(), reason));
    let at = ("At".to_owned(), message.at.to_string());
    let grouped = (message.grouped > 1).then(|| ("Stands for".to_owned(), format!("{} events", message.grouped)));
    let facts = own.chain(reason).chain([at]).chain(grouped).chain(lines).take(MOST_FACTS);
    facts.map(|(label, value)| (clip_chars(&label, 60), clip_chars(&value, LONGEST_FACT))).collect()
}

/// The end of the log, in a form that can be shown.
#[must_use]
pub fn log(message: &Message, longest: usize) -> Option<String> {
    let clean = lines(message.log_tail.as_deref()?);
    let tail = tail(&clean, longest);
    (!tail.is_empty()).then(|| tail.to_owned())
}

/// The address to read more at, if it is one that a link may have.
#[must_use]
pub fn link(message: &Message) -> Option<&str> {
    let url = message.url.as_deref()?;
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_plain =
        url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'`'));
    (is_web && is_plain && url.len() <= 2000).then_some(url)
}

/// The whole message as plain text of several lines, without its title.
#[must_use]
pub fn body(message: &Message) -> String {
    let mut text: String = facts(message).iter().map(|(label, value)| format!("{label}: {value}\n")).collect();
    if let Some(url) = link(message) {
        text.push_str(&format!("\n{url}\n"));
    }
    if let Some(log) = log(message, LONGEST_LOG) {
        text.push_str(&format!("\nLast output:\n{log}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        for (text, limit, expected) in [
            ("short", 5, "short"),
            ("longer", 5, "long…"),
            ("报告报告", 3, "报告…"),
            ("ab e\u{301}x", 4, "ab…"),
            ("ab👨\u{200d}👩\u{200d}👧c", 5, "ab…"),
            ("ab", 1, "…"),
            ("ab", 0, ""),
        ] {
            assert_eq!(clip_chars(text, limit), expected, "{text:?} {limit}");
        }
        assert_eq!(clip("报告报告", 9, char::len_utf8), "报告…");
        assert_eq!(clip("😀😀😀", 5, char::len_utf16), "😀😀…");
    }

    #[test]
    fn a_line_stays_a_line_and_a_tail_is_whole_lines() {
        assert_eq!(one_line("a\r\nBcc: x@y\u{2028}\u{202e}b\0c\u{1b}[31m"), "a Bcc: x@y b c [31m");
        assert_eq!(lines("a\r\nb\u{1b}[31m\u{202e}c\td"), "a\nb[31mc\td");
        assert_eq!(tail("one\ntwo\nthree\n", 9), "three");
        assert_eq!(tail("one\ntwo\n", 100), "one\ntwo");
        assert_eq!(tail("abcdef", 3), "def");
    }

    proptest! {
        #[test]
        fn no_cut_is_longer_than_allowed(text in "\\PC{0,40}", limit in 0_usize..50) {
            for measure in [char::len_utf8 as fn(char) -> usize, char::len_utf16 as fn(char) -> usize, |_| 1] {
                let cut = clip(&text, limit, measure);
                prop_assert!(cut.chars().map(measure).sum::<usize>() <= limit);
                prop_assert!(text.starts_with(cut.trim_end_matches('…')));
            }
        }

        #[test]
        fn one_line_has_no_control(text in ".{0,40}|[\\r\\n\\x00a]{0,9}") {
            prop_assert!(!one_line(&text).contains(|c: char| c.is_control() || is_format(c)));
        }
    }
}
