//! From a value to a [`Definition`], with every fault named by its field.
//!
//! A value that fits is read in one go. Only one that does not is narrowed down: a part of it is put alone into a job
//! that is otherwise fine, and the parts of a part likewise, until the smallest ones that do not fit are found.

use serde_json::{Map, Value, json};

use super::error::FieldError;
use super::keys::{join, take_unknown};
use crate::job::Definition;
use crate::suggest;

/// How many faults of one job are told.
const MAX_FAULTS: usize = 50;

/// Reads a job from a value, as REST and the bus carry it. The fields are read, not checked: see [`super::validate()`].
///
/// # Errors
/// All that does not fit, each with its field.
pub fn definition(job: &Value) -> Result<Definition, Vec<FieldError>> {
    let read = Definition::deserialize_value(job);
    let Err(message) = read else { return read.map_err(|_| Vec::new()) };
    if !job.is_object() {
        return Err(vec![FieldError::new("", job, "a job is a table of keys and values, like `name` and `command`")]);
    }
    let mut faults = Vec::new();
    let mut known = job.clone();
    take_unknown(&mut known, &mut faults);
    for key in ["name", "command"] {
        if known.get(key).is_none_or(Value::is_null) {
            faults.push(FieldError::new(key, &Value::Null, missing(key)));
        }
    }
    for (key, value) in known.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        narrow(key, value, &|part| alone("", key, part), &mut faults);
    }
    if faults.is_empty() {
        faults.push(FieldError::new("", &Value::Null, message));
    }
    faults.truncate(MAX_FAULTS);
    Err(faults)
}

trait DeserializeValue: Sized {
    fn deserialize_value(value: &Value) -> Result<Self, String>;
}

impl DeserializeValue for Definition {
    fn deserialize_value(value: &Value) -> Result<Self, String> {
        <Self as serde::Deserialize>::deserialize(value).map_err(|error| error.to_string())
    }
}

fn missing(key: &str) -> &'static str {
    match key {
        "name" => "a job needs a name: write `name = \"…\"`, unique over all jobs",
        _ => "a job needs a command: write `command = { shell = \"…\" }` or `command = { http = { url = \"…\" } }`",
    }
}

/// Finds the smallest parts of `value` that do not fit. `whole` makes a job of a value in this place.
fn narrow(path: &str, value: &Value, whole: &dyn Fn(Value) -> Value, faults: &mut Vec<FieldError>) {
    let Err(message) = Definition::deserialize_value(&whole(value.clone())) else { return };
    let before = faults.len();
    match value {
        Value::Object(table) => {
            for (key, part) in table {
                narrow(&join(path, key), part, &|part| whole(beside(path, key, part)), faults);
            }
        }
        Value::Array(list) => {
            for (index, part) in list.iter().enumerate() {
                narrow(&format!("{path}[{index}]"), part, &|part| whole(json!([part])), faults);
            }
        }
        _ => {}
    }
    if faults.len() == before && faults.len() <= MAX_FAULTS {
        faults.push(FieldError::new(path, value, readable(path, &message)));
    }
}

/// A job with one field of its author's.
fn alone(path: &str, key: &str, value: Value) -> Value {
    let mut job = beside(path, key, value);
    if let Value::Object(table) = &mut job {
        table.entry("name").or_insert_with(|| "a".into());
        table.entry("command").or_insert_with(|| json!({ "noop": true }));
    }
    job
}

/// A table with one key, and those it cannot be without.
fn beside(path: &str, key: &str, value: Value) -> Value {
    let mut table = Map::new();
    match (path, key) {
        ("command", "stdin" | "user" | "cwd" | "env") => table.insert("shell".to_owned(), "a".into()),
        ("command.http", _) => table.insert("url".to_owned(), "http://a".into()),
        _ => None,
    };
    table.insert(key.to_owned(), value);
    Value::Object(table)
}

/// The message without what the place says already, in words of documents instead of types, and with the nearest word
/// where one of several is expected.
fn readable(path: &str, message: &str) -> String {
    let last = path.rsplit('.').next().and_then(|last| last.split('[').next()).unwrap_or(path);
    let message = message.strip_prefix(last).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(message);
    if message.contains("untagged enum RetryOn") {
        return "it is no ending that can be tried again: write failed, timed_out, lost, or an exit code up to 255"
            .into();
    }
    if message.starts_with("unknown variant") {
        let mut words = message.split('`').skip(1).step_by(2);
        let written = words.next().unwrap_or_default();
        return format!("{message}{}", suggest::did_you_mean(written, words));
    }
    EXPECTED
        .iter()
        .find_map(|(of_type, in_words)| message.strip_suffix(of_type).map(|rest| format!("{rest}{in_words}")))
        .unwrap_or_else(|| message.to_owned())
}

/// How serde ends a message, and how a document's author would say it.
const EXPECTED: [(&str, &str); 5] = [
    ("expected a string", "expected a text: put it in quotes"),
    ("expected u8", "expected a whole number from 0 to 255"),
    ("expected u32", "expected a whole number from 0 to 4294967295"),
    ("expected f64", "expected a number like 0.5"),
    ("expected a boolean", "expected true or false"),
];
