//! TOML as nodes, with the line of every value.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Error;
use super::node::{Node, Value, number};

/// Reads a text; depth is bounded by the parser's own limit of 80.
pub(super) fn parse(text: &str) -> Result<Node, Error> {
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map(|span| lines.at(span.start));
        Error::of_document(line, format!("this is not TOML: {}", error.message()))
    })?;
    Ok(Node { line: None, value: entries(table.get_ref(), &lines) })
}

/// Where the lines of a text begin, in bytes.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    /// The line of a byte, counted from 1.
    fn at(&self, byte: usize) -> u64 {
        self.0.partition_point(|end| *end < byte) as u64 + 1
    }
}

fn entries(table: &DeTable<'_>, lines: &Lines) -> Value<Node> {
    let mut sorted: Vec<_> = table.iter().collect();
    sorted.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        (key.to_string(), node(value, lines))
    };
    Value::Table(sorted.into_iter().map(entry).collect())
}

fn node(spanned: &Spanned<DeValue<'_>>, lines: &Lines) -> Node {
    let value = match spanned.get_ref() {
        DeValue::Table(table) => entries(table, lines),
        DeValue::Array(array) => Value::List(array.iter().map(|value| node(value, lines)).collect()),
        scalar => Value::Scalar(json(scalar)),
    };
    Node { line: Some(lines.at(spanned.span().start)), value }
}

/// A date is its text, so that an instant may be written without quotes.
fn json(scalar: &DeValue<'_>) -> serde_json::Value {
    match scalar {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Datetime(at) => at.to_string().into(),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(value) => value.into(),
            Err(_) => integer.as_str().into(),
        },
        DeValue::Float(float) => float.as_str().parse().map_or_else(|_| float.as_str().into(), number),
        DeValue::Array(_) | DeValue::Table(_) => serde_json::Value::Null,
    }
}
