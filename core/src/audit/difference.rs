//! Where two documents differ, for people.

use serde_json::Value;

/// The longest value that is shown, in characters.
const LONGEST: usize = 2_000;

/// How many differences are shown.
const MOST: usize = 200;

/// One place where two documents differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which field, like `definition.command.shell`.
    pub field: String,
    /// What it was; absent where there was none.
    pub from: Option<String>,
    /// What it is; absent where there is none.
    pub to: Option<String>,
}

/// Where `before` and `after` differ, by field, at most two hundred. What is absent counts as an empty document.
#[must_use]
pub fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", before.unwrap_or(&Value::Null), after.unwrap_or(&Value::Null), &mut found);
    found.sort_by(|one, other| one.field.cmp(&other.field));
    found
}

fn compare(field: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if before == after || found.len() >= MOST {
        return;
    }
    match (before, after) {
        (Value::Object(from), Value::Object(to)) => {
            let removed = from.keys().filter(|key| !to.contains_key(*key));
            for key in to.keys().chain(removed) {
                let of = |object: &serde_json::Map<String, Value>| object.get(key).cloned().unwrap_or_default();
                compare(&below(field, key), &of(from), &of(to), found);
            }
        }
        (Value::Object(_), Value::Null) => compare(field, before, &Value::Object(Default::default()), found),
        (Value::Null, Value::Object(_)) => compare(field, &Value::Object(Default::default()), after, found),
        _ => found.push(Difference { field: field.to_owned(), from: shown(before), to: shown(after) }),
    }
}

fn below(field: &str, key: &str) -> String {
    if field.is_empty() { key.to_owned() } else { format!("{field}.{key}") }
}

fn shown(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    Some(short)
}
