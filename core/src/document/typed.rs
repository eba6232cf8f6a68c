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

/// The message without what the place and the value say already, in words of documents instead of types, and with the
/// nearest word where one of several is expected.
fn readable(path: &str, message: &str) -> String {
    let last = path.rsplit('.').next().and_then(|last| last.split('[').next()).unwrap_or(path);
    let message = message.strip_prefix(last).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(message);
    if message.contains("untagged enum RetryOn") {
        return "it is no ending that can be tried again: write failed, timed_out, lost, or an exit code up to 255"
            .into();
    }
    if message.starts_with("unknown variant") {
        return none_of(message);
    }
    match message.strip_prefix("invalid ").and_then(|rest| rest.split_once(", expected ")) {
        Some((_, expected)) => wanted(path, expected),
        None => message.to_owned(),
    }
}

/// What serde says of a word that is none of those it knows.
fn none_of(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    let written = words.next().unwrap_or_default();
    let known: Vec<&str> = words.collect();
    let near = suggest::did_you_mean(written, known.iter().copied());
    let known = match known.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => known.concat(),
    };
    format!("`{written}` is none of {known}{near}")
}

/// How a field is written, where serde expected something else.
fn wanted(path: &str, expected: &str) -> String {
    let example = EXAMPLES.iter().find(|(field, _)| *field == path).map(|(_, example)| *example);
    if let Some(example) = example {
        return format!("write {example}");
    }
    let of_kind = EXPECTED.iter().find(|(kind, _)| expected.starts_with(kind)).map(|(_, words)| *words);
    of_kind.map_or_else(|| format!("write {expected}"), |words| format!("write {words}"))
}

/// How the tables of a job are written.
const EXAMPLES: [(&str, &str); 8] = [
    ("command", r#"{ shell = "…" }, { http = { url = "…" } } or { noop = true }"#),
    ("command.http", r#"a table, like { url = "https://…" }"#),
    ("command.env", r#"a table, like { LANG = "C" }"#),
    ("dst", r#"a table, like { gap = "run_after" }"#),
    ("misfire", r#"a table, like { policy = "latest" }"#),
    ("retry", "a table, like { max = 3 }"),
    ("params", r#"a table, like { day = "{{due_date}}" }"#),
    ("labels", r#"a table, like { team = "ops" }"#),
];

/// What serde expects, and how a document's author would say it.
const EXPECTED: [(&str, &str); 8] = [
    ("a string", "a text, in quotes"),
    ("u8", "a whole number from 0 to 255"),
    ("u32", "a whole number from 0 to 4294967295"),
    ("f64", "a number, like 0.5"),
    ("a boolean", "true or false"),
    ("a sequence", r#"a list, like ["…"]"#),
    ("a map", "a table of names and values"),
    ("struct", "a table of names and values"),
];
