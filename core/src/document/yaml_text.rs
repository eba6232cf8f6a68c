//! Writing YAML: blocks for what has parts, literal blocks for scripts, and double quotes around all that could be taken
//! for something else.

use std::fmt::Write;

use super::node::{Node, Value};

/// Words that YAML of some version takes for something else than text.
const WORDS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];

/// The document as text.
pub(super) fn to_text(document: &Node) -> String {
    let mut text = String::new();
    match &document.value {
        Value::Table(entries) => table(&mut text, entries, 0),
        other => value(&mut text, other, 0),
    }
    text
}

/// Entries on lines of their own. The first one's indent is left to who knows what stands before it.
fn table(text: &mut String, entries: &[(String, Node)], indent: usize) {
    for (index, (key, node)) in entries.iter().enumerate() {
        if index > 0 {
            push_indent(text, indent);
        }
        scalar_text(text, key);
        text.push(':');
        match &node.value {
            Value::Table(inner) if !inner.is_empty() => {
                text.push('\n');
                push_indent(text, indent + 2);
                table(text, inner, indent + 2);
            }
            other => value(text, other, indent),
        }
    }
}

/// What follows a key or a dash, up to the end of the line.
fn value(text: &mut String, value: &Value<Node>, indent: usize) {
    match value {
        Value::List(nodes) if nodes.is_empty() => text.push_str(" []\n"),
        Value::Table(entries) if entries.is_empty() => text.push_str(" {}\n"),
        Value::Table(entries) => {
            text.push(' ');
            table(text, entries, indent + 2);
        }
        Value::List(nodes) => {
            text.push('\n');
            for node in nodes {
                push_indent(text, indent + 2);
                text.push('-');
                self::value(text, &node.value, indent + 2);
            }
        }
        Value::Scalar(serde_json::Value::String(words)) if is_script(words) => block(text, words, indent + 2),
        Value::Scalar(serde_json::Value::String(words)) => {
            text.push(' ');
            scalar_text(text, words);
            text.push('\n');
        }
        Value::Scalar(other) => {
            let _ = writeln!(text, " {other}");
        }
    }
}

/// Lines that a literal block keeps as they are.
fn is_script(words: &str) -> bool {
    let plain = |c: char| matches!(c, '\n' | '\t') || is_printable(c);
    let ends_well = words.ends_with('\n') && !words.ends_with("\n\n");
    ends_well && words.lines().count() > 1 && !words.starts_with([' ', '\t', '\n']) && words.chars().all(plain)
}

fn block(text: &mut String, words: &str, indent: usize) {
    text.push_str(" |\n");
    for line in words.lines() {
        if !line.is_empty() {
            push_indent(text, indent);
        }
        text.push_str(line);
        text.push('\n');
    }
}

fn scalar_text(text: &mut String, words: &str) {
    if is_plain(words) { text.push_str(words) } else { quoted(text, words) }
}

fn is_plain(words: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '.' | '/' | '-');
    words.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && !words.ends_with(' ')
        && words.chars().all(allowed)
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(words))
}

/// In double quotes, with the escapes of YAML 1.2, 5.7.
fn quoted(text: &mut String, words: &str) {
    text.push('"');
    for c in words.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            c if is_printable(c) => text.push(c),
            c => {
                let _ = write!(text, "\\U{:08x}", u32::from(c));
            }
        }
    }
    text.push('"');
}

/// What may stand in a YAML text as it is, but for line breaks (YAML 1.2, 5.1).
const fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

fn push_indent(text: &mut String, indent: usize) {
    text.extend(std::iter::repeat_n(' ', indent));
}
