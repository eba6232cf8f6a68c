//! The keys each table of a job may have, and what an unknown one was most likely meant to be.
//!
//! The lists repeat what the types say, to be able to advise; a test holds them to the types.

use serde_json::Value;

use super::error::FieldError;
use crate::suggest;

/// The tables of a job by their path, and their keys. Tables that are not here may have any key.
pub(super) const TABLES: [(&str, &[&str]); 9] = [
    (
        "",
        &[
            "name",
            "description",
            "schedule",
            "dialect",
            "timezone",
            "dst",
            "valid_from",
            "valid_until",
            "command",
            "target",
            "routing",
            "timeout",
            "on_timeout",
            "kill_grace",
            "isolation",
            "limits",
            "overlap",
            "queue_limit",
            "misfire",
            "retry",
            "start_deadline",
            "priority",
            "concurrency",
            "log",
            "enabled",
            "params",
            "labels",
            "alerts",
        ],
    ),
    ("command", &["shell", "stdin", "user", "cwd", "env", "http", "noop"]),
    (
        "command.http",
        &["method", "url", "headers", "body", "expect_status", "max_redirects", "verify_tls", "connect_timeout"],
    ),
    ("target", &["node", "group", "labels", "broadcast"]),
    ("dst", &["gap", "fold"]),
    ("misfire", &["policy", "window", "max"]),
    ("limits", &["memory", "cpu", "processes"]),
    ("log", &["keep", "last"]),
    ("retry", &["max", "delay", "backoff", "max_delay", "jitter", "on"]),
];

/// Takes the unknown keys out of a job and tells of each.
pub(super) fn take_unknown(job: &mut Value, faults: &mut Vec<FieldError>) {
    for (path, known) in TABLES {
        let Some(table) = table_at(job, path) else { continue };
        let unknown: Vec<String> = table.keys().filter(|key| !known.contains(&key.as_str())).cloned().collect();
        for key in unknown {
            let value = table.remove(&key).unwrap_or_default();
            faults.push(FieldError::new(join(path, &key), &value, advice(path, &key, known)));
        }
    }
}

fn table_at<'v>(job: &'v mut Value, path: &str) -> Option<&'v mut serde_json::Map<String, Value>> {
    let mut value = job;
    for key in path.split('.').filter(|key| !key.is_empty()) {
        value = value.as_object_mut()?.get_mut(key)?;
    }
    value.as_object_mut()
}

fn advice(path: &str, key: &str, known: &[&str]) -> String {
    let near = suggest::did_you_mean(key, known.iter().copied());
    let elsewhere = TABLES.iter().find(|(other, keys)| *other != path && keys.contains(&key));
    let elsewhere = match elsewhere {
        Some((other, _)) if near.is_empty() => format!("; it belongs {}", place(other)),
        _ => String::new(),
    };
    format!("there is no such key {}{near}{elsewhere} (there are {})", place(path), known.join(", "))
}

fn place(path: &str) -> String {
    if path.is_empty() { "in a job".to_owned() } else { format!("in `{path}`") }
}

/// A key within a path.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Definition;

    /// The keys that serde names when it meets one it does not know.
    fn keys_of_type(path: &str) -> Vec<String> {
        let mut job = serde_json::json!({ "name": "a", "command": { "http": { "url": "http://a" } } });
        if let Some(object) = job.as_object_mut() {
            for table in ["target", "dst", "misfire", "retry", "limits", "log"] {
                object.insert(table.to_owned(), serde_json::json!({}));
            }
        }
        table_at(&mut job, path).unwrap().insert("?".to_owned(), Value::Null);
        let message = serde_json::from_value::<Definition>(job).unwrap_err().to_string();
        let expected = message.split("expected").nth(1).unwrap_or_default();
        expected.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
    }

    #[test]
    fn the_lists_are_those_of_the_types() {
        for (path, known) in TABLES {
            // An untagged type does not name its keys: what it reads and writes is tested with it.
            if path != "target" {
                assert_eq!(keys_of_type(path), known, "{path}");
            }
        }
    }
}
