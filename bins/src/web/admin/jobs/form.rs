//! The fields of the form for a job, and the JSON of a definition: each field is called by its path in the definition, so
//! that what is wrong is told where it was written. What the form has no field for stays as it was.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::web::admin::fields::Fields;

/// How a field is written in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    /// A number, or what was written instead, so that it can be said what is wrong with it.
    Number,
    /// `key = value`, one a line.
    Pairs,
}

/// The fields that stand for themselves, each with its place in the definition.
const FIELDS: [(&str, Shape); 30] = [
    ("name", Shape::Text),
    ("description", Shape::Text),
    ("schedule", Shape::Text),
    ("dialect", Shape::Text),
    ("timezone", Shape::Text),
    ("routing", Shape::Text),
    ("timeout", Shape::Text),
    ("on_timeout", Shape::Text),
    ("kill_grace", Shape::Text),
    ("overlap", Shape::Text),
    ("misfire.policy", Shape::Text),
    ("misfire.window", Shape::Text),
    ("misfire.max", Shape::Number),
    ("retry.max", Shape::Number),
    ("retry.delay", Shape::Text),
    ("retry.backoff", Shape::Text),
    ("start_deadline", Shape::Text),
    ("priority", Shape::Number),
    ("concurrency", Shape::Number),
    ("limits.memory", Shape::Text),
    ("limits.cpu", Shape::Number),
    ("limits.processes", Shape::Number),
    ("log.keep", Shape::Text),
    ("log.last", Shape::Number),
    ("params", Shape::Pairs),
    ("labels", Shape::Pairs),
    ("command.shell", Shape::Text),
    ("command.user", Shape::Text),
    ("command.cwd", Shape::Text),
    ("command.env", Shape::Pairs),
];

/// Those of an HTTP call.
const HTTP: [(&str, Shape); 4] = [
    ("command.http.method", Shape::Text),
    ("command.http.url", Shape::Text),
    ("command.http.headers", Shape::Pairs),
    ("command.http.body", Shape::Text),
];

/// What a form shows: the text of each field by its path.
pub(super) type Texts = BTreeMap<String, String>;

/// `key = value` or `key: value`, one a line; what has neither is a key without a value.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let pair = |line: &str| {
        let at = line.find(['=', ':']).unwrap_or(line.len());
        let (key, rest) = line.split_at(at);
        (key.trim().to_owned(), rest.get(1..).unwrap_or_default().trim().to_owned())
    };
    lines.map(pair).collect()
}

/// The JSON of the definition that a form describes; `base` is the one that is edited.
pub(super) fn to_json(fields: &Fields, base: Value) -> Value {
    let mut definition = if base.is_object() { base } else { json!({}) };
    let kind = fields.get("command.kind").unwrap_or("shell");
    if command_kind(&definition) != kind {
        set(&mut definition, "command", Some(json!({})));
    }
    for (path, shape) in FIELDS.iter().chain(&HTTP) {
        let belongs = match path.strip_prefix("command.") {
            Some(rest) => rest.starts_with("http.") == (kind == "http") && kind != "noop",
            None => true,
        };
        if belongs && let Some(text) = fields.raw(path) {
            set(&mut definition, path, value(text, *shape));
        }
    }
    if kind == "noop" {
        set(&mut definition, "command", Some(json!({ "noop": true })));
    }
    set(&mut definition, "target", target(fields));
    set(&mut definition, "enabled", fields.get("enabled").is_none().then_some(Value::Bool(false)));
    set(&mut definition, "alerts", alerts(fields));
    definition
}

fn value(text: &str, shape: Shape) -> Option<Value> {
    // Browsers send CR LF at the ends of lines (HTML standard, 4.10.22).
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    Some(match shape {
        Shape::Text => Value::from(text),
        Shape::Number => number(text).unwrap_or_else(|| Value::from(text)),
        Shape::Pairs => Value::Object(pairs(text).into_iter().map(|(key, value)| (key, Value::from(value))).collect()),
    })
}

/// Whole where it can be.
fn number(text: &str) -> Option<Value> {
    let whole = text.parse::<u64>().ok().map(Value::from);
    whole.or_else(|| text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from))
}

fn target(fields: &Fields) -> Option<Value> {
    let text = fields.get("target.value").unwrap_or_default();
    let mut target = match fields.get("target.kind") {
        Some("node") => json!({ "node": text }),
        Some("group") => json!({ "group": text }),
        Some("labels") => {
            let labels: Map<String, Value> =
                text.split(',').flat_map(pairs).map(|(key, value)| (key, Value::from(value))).collect();
            json!({ "labels": labels })
        }
        _ => json!({}),
    };
    if fields.get("target.broadcast").is_some() {
        set(&mut target, "broadcast", Some(Value::Bool(true)));
    }
    target.as_object().is_some_and(|table| !table.is_empty()).then_some(target)
}

fn alerts(fields: &Fields) -> Option<Value> {
    let names: Vec<&str> = fields.get("alerts")?.split([',', ' ']).filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then(|| json!(names))
}

fn command_kind(definition: &Value) -> &'static str {
    let command = definition.get("command");
    let has = |key: &str| command.is_some_and(|command| command.get(key).is_some());
    if has("http") {
        "http"
    } else if has("noop") {
        "noop"
    } else {
        "shell"
    }
}

/// Sets or removes what is at a path, with the tables on the way.
fn set(table: &mut Value, path: &str, value: Option<Value>) {
    let Some(table) = table.as_object_mut() else { return };
    match (path.split_once('.'), value) {
        (Some((first, rest)), value) => {
            if value.is_none() && !table.contains_key(first) {
                return;
            }
            set(table.entry(first).or_insert_with(|| json!({})), rest, value);
            if table.get(first).and_then(Value::as_object).is_some_and(Map::is_empty) {
                table.remove(first);
            }
        }
        (None, Some(value)) => drop(table.insert(path.to_owned(), value)),
        (None, None) => drop(table.remove(path)),
    }
}

/// What the form shows for a definition.
pub(super) fn of_json(definition: &Value) -> Texts {
    let mut texts = Texts::new();
    for (path, _) in FIELDS.iter().chain(&HTTP) {
        let pointer = format!("/{}", path.replace('.', "/"));
        let text = definition.pointer(&pointer).map_or_else(String::new, written);
        texts.insert((*path).to_owned(), text);
    }
    texts.insert("command.kind".to_owned(), command_kind(definition).to_owned());
    let enabled = definition.get("enabled").and_then(Value::as_bool).unwrap_or(true);
    texts.insert("enabled".to_owned(), if enabled { "on" } else { "" }.to_owned());
    let alerts = definition.get("alerts").and_then(Value::as_array);
    let alerts: Vec<&str> = alerts.into_iter().flatten().filter_map(Value::as_str).collect();
    texts.insert("alerts".to_owned(), alerts.join(", "));
    let target = |key: &str| definition.pointer(&format!("/target/{key}"));
    let kind = ["node", "group", "labels"].into_iter().find(|kind| target(kind).is_some()).unwrap_or("any");
    let labels = |text: String| text.trim_end().replace('\n', ", ");
    texts.insert("target.value".to_owned(), target(kind).map_or_else(String::new, |value| labels(written(value))));
    texts.insert("target.kind".to_owned(), kind.to_owned());
    let broadcast = target("broadcast").and_then(Value::as_bool).unwrap_or(false);
    texts.insert("target.broadcast".to_owned(), if broadcast { "on" } else { "" }.to_owned());
    texts
}

/// What was sent, to be shown again as it was.
pub(super) fn of_fields(fields: &Fields) -> Texts {
    let others = ["command.kind", "enabled", "alerts", "target.value", "target.kind", "target.broadcast"];
    let paths = FIELDS.iter().chain(&HTTP).map(|(path, _)| *path).chain(others);
    paths.map(|path| (path.to_owned(), fields.raw(path).unwrap_or_default().to_owned())).collect()
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(table) => table.iter().map(|(key, value)| format!("{key} = {}\n", written(value))).collect(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(texts: &Texts) -> Fields {
        let mut query = crate::web::admin::link::QueryText::default();
        for (name, text) in texts {
            query = query.with(name, text);
        }
        Fields::read(query.text().trim_start_matches('?').as_bytes()).unwrap()
    }

    #[test]
    fn a_definition_survives_its_form_with_what_has_no_field() {
        for definition in [
            json!({ "name": "a", "command": { "shell": "x\ny", "env": { "A": "1" }, "stdin": "kept" }, "priority": 7 }),
            json!({ "name": "a", "command": { "http": { "url": "http://x", "expect_status": ["204"] } }, "enabled": false }),
            json!({ "name": "a", "command": { "noop": true }, "target": { "labels": { "a": "b", "c": "d" }, "broadcast": true } }),
            json!({ "name": "a", "command": { "shell": "x" }, "dst": { "gap": "skip" }, "alerts": ["ops", "duty"] }),
        ] {
            let texts = of_json(&definition);
            let mut back = to_json(&fields(&texts), definition.clone());
            back["command"].as_object_mut().unwrap().retain(|_, value| *value != json!(""));
            assert_eq!(back, definition);
        }
    }

    #[test]
    fn what_cannot_be_a_number_is_passed_on_to_be_told() {
        let sent = Fields::read(b"name=a&priority=high&command.shell=x&enabled=on").unwrap();
        let definition = to_json(&sent, json!({}));
        assert_eq!(definition, json!({ "name": "a", "priority": "high", "command": { "shell": "x" } }));
    }

    #[test]
    fn another_kind_of_command_leaves_nothing_of_the_one_before() {
        let sent = Fields::read(b"name=a&command.kind=http&command.shell=x&command.http.url=http%3A%2F%2Fx&enabled=on");
        let base = json!({ "name": "a", "command": { "shell": "x", "stdin": "y" } });
        let definition = to_json(&sent.unwrap(), base);
        assert_eq!(definition["command"], json!({ "http": { "url": "http://x" } }));
    }
}
