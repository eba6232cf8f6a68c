//! A TOML document as assignments, each with its line.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, Table, Value};

use super::assignment::Assignment;
use super::error::Error;
use super::origin::Origin;

/// Reads a document: tables are sections, and what is in them are keys, however deep a value goes.
pub(super) fn read(name: &Arc<str>, text: &str, errors: &mut Vec<Error>) -> Vec<Assignment> {
    let (document, mut faults) = DeTable::parse_recoverable(text);
    let lines = Lines::new(name, text);
    if !faults.is_empty() {
        let at = |fault: &toml::de::Error| fault.span().map_or(0, |span| span.start);
        faults.sort_by_key(at);
        errors.extend(faults.iter().map(|fault| Error::Syntax {
            message: format!("this is not TOML: {}", fault.message()),
            origin: lines.origin(at(fault)),
        }));
        return Vec::new();
    }
    let mut found: Vec<_> =
        document.get_ref().iter().flat_map(|(section, value)| read_section(section, value)).collect();
    found.sort_by_key(|(at, _, _)| *at);
    found.into_iter().map(|(at, key, value)| Assignment { key, value, origin: lines.origin(at) }).collect()
}

/// Where a key stands, the key, its value.
type Found = (usize, String, Value);

fn read_section(section: &Spanned<Cow<'_, str>>, value: &Spanned<DeValue<'_>>) -> Vec<Found> {
    let name = section.get_ref();
    let Some(table) = value.get_ref().as_table() else {
        return vec![(section.span().start, name.to_string(), own(value))];
    };
    if table.is_empty() {
        // Kept, so that a misspelt section is noticed.
        return vec![(section.span().start, name.to_string(), Value::Table(Table::new()))];
    }
    table.iter().flat_map(|(key, value)| read_key(format!("{name}.{}", key.get_ref()), key, value)).collect()
}

/// The tables within `alerts.channel` are named by whoever writes them, and the keys are theirs.
fn read_key(path: String, key: &Spanned<Cow<'_, str>>, value: &Spanned<DeValue<'_>>) -> Vec<Found> {
    let within =
        |path: &str| path == "alerts.channel" || path.starts_with("alerts.channel.") && path.matches('.').count() == 2;
    match value.get_ref().as_table().filter(|table| within(&path) && !table.is_empty()) {
        None => vec![(key.span().start, path, own(value))],
        Some(table) => {
            table.iter().flat_map(|(key, value)| read_key(format!("{path}.{}", key.get_ref()), key, value)).collect()
        }
    }
}

fn own(value: &Spanned<DeValue<'_>>) -> Value {
    // What the grammar allows and no value can hold (an integer of more than 64 bits) leaves its complaint as the value:
    // the check of the key's kind then refuses it at its place.
    Value::deserialize(ValueDeserializer::from(value.clone()))
        .unwrap_or_else(|error| Value::String(error.message().to_owned()))
}

/// Finds the line of an offset.
struct Lines<'a> {
    name: &'a Arc<str>,
    /// The offsets at which lines end, rising.
    ends: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(name: &'a Arc<str>, text: &str) -> Self {
        Self { name, ends: text.match_indices('\n').map(|(at, _)| at).collect() }
    }

    fn origin(&self, offset: usize) -> Origin {
        let line = 1 + self.ends.partition_point(|end| *end < offset);
        Origin::File { name: Arc::clone(self.name), line }
    }
}
