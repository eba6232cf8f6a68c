//! What every source comes down to: this key is to have this value.

use std::fmt::Write;

use toml::Value;

use super::origin::Origin;
use super::url::ServiceUrl;

/// One key is to have one value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assignment {
    /// `section.key`, known or not.
    pub(super) key: String,
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// A value as people see it: as TOML on one line, without passwords.
pub(super) fn show(key: &str, value: &Value) -> String {
    let mut shown = match value {
        Value::String(url) if key.ends_with(".url") => Value::from(ServiceUrl::new(url).to_string()).to_string(),
        // Of the wrong kind, so that it is not known where in it a password may be.
        other if key.ends_with(".url") => format!("this {}", other.type_str()),
        // Whatever it is: it may be meant as the secret.
        value if matches!(key, "cluster.key" | "oidc.client_secret") => {
            if value.as_str() == Some("") { "\"\"" } else { "\"***\"" }.to_owned()
        }
        Value::Table(table) => inline(table),
        other => other.to_string(),
    };
    if let Some((end, _)) = shown.char_indices().nth(200) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

fn inline(table: &toml::Table) -> String {
    let mut shown = String::from("{");
    for (number, (key, value)) in table.iter().enumerate() {
        let separator = if number == 0 { " " } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(shown, "{separator}{} = {value}", Value::from(key.as_str()));
    }
    shown.push_str(if table.is_empty() { "}" } else { " }" });
    shown
}
