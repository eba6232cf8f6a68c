//! `--set field=value`: changing single fields of a job.

use anyhow::Result;
use serde_json::{Map, Value};

use crate::ctl::exit::WrongUsage;
use crate::ctl::pair::Pair;

/// Fields below these hold texts, whatever they look like.
const TEXT_TABLES: [&str; 4] = ["params", "labels", "env", "headers"];

/// Sets a field of a job: `retry.max=3`, `enabled=false`, `command.shell=backup.sh`. Values are written as in TOML, or
/// as they are where that is no TOML; an empty one takes the field away, so that it has its default again.
///
/// # Errors
/// [`WrongUsage`] when the path leads through something that has no fields.
pub(crate) fn set(job: &mut Map<String, Value>, pair: &Pair) -> Result<()> {
    let parts: Vec<&str> = pair.name.split('.').collect();
    let Some((last, parents)) = parts.split_last() else { return Ok(()) };
    let mut table = job;
    for parent in parents {
        let entry = table.entry((*parent).to_owned()).or_insert_with(|| Value::Object(Map::new()));
        let Some(inner) = entry.as_object_mut() else {
            let name = &pair.name;
            return Err(WrongUsage(format!("--set {name}: `{parent}` is not a table; set it as a whole")).into());
        };
        table = inner;
    }
    let is_text = parents.last().is_some_and(|parent| TEXT_TABLES.contains(parent));
    if pair.value.is_empty() {
        table.remove(*last);
    } else {
        let value = if is_text { Value::String(pair.value.clone()) } else { read(&pair.value) };
        table.insert((*last).to_owned(), value);
    }
    Ok(())
}

/// A value as TOML writes it; a text where it is no TOML, or a date, which JSON does not have.
fn read(text: &str) -> Value {
    let plain = || Value::String(text.to_owned());
    let Ok(mut table) = format!("value = {text}").parse::<toml::Table>() else { return plain() };
    match table.remove("value") {
        Some(toml::Value::Datetime(_)) | None => plain(),
        Some(_) if !table.is_empty() => plain(),
        Some(value) => serde_json::to_value(value).unwrap_or_else(|_| plain()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn values_are_toml_or_text() {
        for (text, expected) in [
            ("enabled=false", json!({"name": "a", "enabled": false})),
            ("schedule=*/5 * * * *", json!({"name": "a", "schedule": "*/5 * * * *"})),
            ("timeout=5m", json!({"name": "a", "timeout": "5m"})),
            ("retry.max=3", json!({"name": "a", "retry": {"max": 3}})),
            ("retry.on=[\"failed\", 7]", json!({"name": "a", "retry": {"on": ["failed", 7]}})),
            ("params.day=2026", json!({"name": "a", "params": {"day": "2026"}})),
            ("command.env.A=1", json!({"name": "a", "command": {"env": {"A": "1"}}})),
            ("valid_from=2026-11-22T00:00:00Z", json!({"name": "a", "valid_from": "2026-11-22T00:00:00Z"})),
            ("name=", json!({})),
        ] {
            let mut job = json!({"name": "a"}).as_object().cloned().unwrap();
            set(&mut job, &text.parse().unwrap()).unwrap();
            assert_eq!(Value::Object(job), expected, "{text}");
        }
        let mut job = json!({"name": "a"}).as_object().cloned().unwrap();
        assert!(set(&mut job, &"name.first=b".parse().unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn no_value_makes_it_panic(name in "[a-z.]{1,12}", value in ".{0,40}") {
            let _ = set(&mut Map::new(), &Pair { name, value });
        }
    }
}
