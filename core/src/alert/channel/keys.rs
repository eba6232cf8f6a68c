//! Which keys channels have, what their values are like, and how they are shown.

use toml::{Table, Value};

/// What is shown where a secret is.
const HIDDEN: &str = "\"***\"";

/// What the value of a key is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A text that is never shown.
    Secret,
    /// A URL, of which scheme and host are shown.
    Url,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
    /// Texts.
    List,
    /// Texts by name, of which the names are shown.
    Pairs,
    /// Texts, in a list or by name.
    Texts,
}

/// Every key of every kind of channel.
pub const KEYS: &[(&str, Shape)] = &[
    ("kind", Shape::Text),
    ("allow_private", Shape::Flag),
    ("group_wait", Shape::Text),
    ("group_over", Shape::Number),
    ("rate", Shape::Number),
    ("rate_window", Shape::Text),
    ("host", Shape::Text),
    ("port", Shape::Number),
    ("encryption", Shape::Text),
    ("user", Shape::Text),
    ("password", Shape::Secret),
    ("password_file", Shape::Text),
    ("ca_file", Shape::Text),
    ("from", Shape::Text),
    ("to", Shape::List),
    ("subject", Shape::Text),
    ("url", Shape::Url),
    ("url_file", Shape::Text),
    ("method", Shape::Text),
    ("headers", Shape::Pairs),
    ("body", Shape::Text),
    ("answer_has", Shape::Text),
    ("secret", Shape::Secret),
    ("secret_file", Shape::Text),
    ("routing_key", Shape::Secret),
    ("routing_key_file", Shape::Text),
    ("provider", Shape::Text),
    ("max_length", Shape::Number),
    ("account", Shape::Text),
    ("auth_token", Shape::Secret),
    ("auth_token_file", Shape::Text),
    ("access_key_id", Shape::Text),
    ("access_key_secret", Shape::Secret),
    ("access_key_secret_file", Shape::Text),
    ("secret_id", Shape::Text),
    ("secret_key", Shape::Secret),
    ("secret_key_file", Shape::Text),
    ("region", Shape::Text),
    ("app_id", Shape::Text),
    ("sign_name", Shape::Text),
    ("template_code", Shape::Text),
    ("template_id", Shape::Text),
    ("template_params", Shape::Texts),
];

/// What the value of a key is like; `None` when no channel has such a key.
#[must_use]
pub fn shape_of(key: &str) -> Option<Shape> {
    KEYS.iter().find(|(known, _)| *known == key).map(|(_, shape)| *shape)
}

impl Shape {
    /// A value of this shape, for reading others like it from plain text.
    #[must_use]
    pub fn example(self) -> Value {
        match self {
            Self::Text | Self::Secret | Self::Url => Value::from(""),
            Self::Flag => Value::from(false),
            Self::Number => Value::from(0),
            Self::List | Self::Texts => Value::Array(Vec::new()),
            Self::Pairs => Value::Table(Table::new()),
        }
    }
}

/// A value as people see it: as TOML, without secrets. One of a key that nobody knows, or of the wrong kind, may be
/// meant as a secret.
#[must_use]
pub fn shown(key: &str, value: &Value) -> String {
    match (shape_of(key), value) {
        (Some(Shape::Secret), Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
        (Some(Shape::Url), Value::String(url)) => Value::from(without_path(url)).to_string(),
        (Some(Shape::Pairs), Value::Table(pairs)) => {
            let pairs: Vec<_> = pairs.keys().map(|name| format!("{} = {HIDDEN}", Value::from(name.as_str()))).collect();
            if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
        }
        (Some(Shape::Secret | Shape::Url | Shape::Pairs) | None, _) => HIDDEN.to_owned(),
        (Some(_), value) => one_line(value),
    }
}

/// Scheme and host; what follows may be all that proves who may call.
fn without_path(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return if url.is_empty() { "" } else { "***" }.to_owned() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let hidden = if authority.len() == rest.trim_end_matches('/').len() { "" } else { "/***" };
    format!("{scheme}://{host}{hidden}")
}

fn one_line(value: &Value) -> String {
    let mut text = match value {
        Value::Table(table) => {
            let pairs: Vec<_> =
                table.iter().map(|(name, value)| format!("{} = {value}", Value::from(name.as_str()))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        // Unlike TOML, on one line whatever is in it.
        Value::String(_) | Value::Array(_) => serde_json::to_string(value).unwrap_or_default(),
        other => other.to_string(),
    };
    if let Some((end, _)) = text.char_indices().nth(200) {
        text.truncate(end);
        text.push('…');
    }
    text
}
