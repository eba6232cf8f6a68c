//! A document's values with the lines they stand on: what the three languages have in common.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Counted from 1, where the language tells it.
    pub(super) line: Option<u64>,
    pub(super) value: Value<Self>,
}

/// A value whose parts are nodes of their own.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<N> {
    /// Anything without parts.
    Scalar(serde_json::Value),
    List(Vec<N>),
    /// In the order of the document; no key twice.
    Table(Vec<(String, N)>),
}

impl Node {
    /// The entries of a table.
    pub(super) fn entries(&self) -> Option<&[(String, Self)]> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The node under a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The line of what is at a path within, like `retry.on[1]`, or of the last of its parents that has one.
    pub(super) fn line_of(&self, path: &str) -> Option<u64> {
        let mut node = self;
        let mut line = self.line;
        let mut rest = path;
        while !rest.is_empty() {
            let Some((child, after)) = node.child(rest) else { break };
            line = child.line.or(line);
            (node, rest) = (child, after);
        }
        line
    }

    /// The child a path begins with, and the path within it. Keys may have dots of their own.
    fn child<'p>(&self, path: &'p str) -> Option<(&Self, &'p str)> {
        if let Value::List(nodes) = &self.value {
            let (index, after) = path.strip_prefix('[')?.split_once(']')?;
            return Some((nodes.get(index.parse::<usize>().ok()?)?, after.strip_prefix('.').unwrap_or(after)));
        }
        self.entries()?.iter().find_map(|(key, node)| {
            let after = path.strip_prefix(key.as_str())?;
            let whole = after.is_empty() || after.starts_with(['.', '[']);
            whole.then(|| (node, after.strip_prefix('.').unwrap_or(after)))
        })
    }

    /// Without the lines.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Scalar(scalar) => scalar.clone(),
            Value::List(nodes) => nodes.iter().map(Self::to_json).collect(),
            Value::Table(entries) => {
                serde_json::Value::Object(entries.iter().map(|(key, node)| (key.clone(), node.to_json())).collect())
            }
        }
    }
}

/// Reads any value of a language that describes itself. Unlike `serde_json::Value` it refuses a key that is there twice.
impl<'de, N: Deserialize<'de>> Deserialize<'de> for Value<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue(PhantomData))
    }
}

struct AnyValue<N>(PhantomData<N>);

impl<'de, N: Deserialize<'de>> Visitor<'de> for AnyValue<N> {
    type Value = Value<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Value::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Value::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Value::Scalar(number(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Value::Scalar(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Self::Value, E> {
        Ok(Value::Scalar(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Scalar(serde_json::Value::Null))
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Scalar(serde_json::Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Deserialize::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = parts.next_element()? {
            nodes.push(node);
        }
        Ok(Value::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some(key) = parts.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                let key: String = key.chars().take(64).collect();
                return Err(A::Error::custom(format!("the key `{key}` is there twice; keep one")));
            }
            entries.push((key, parts.next_value()?));
        }
        Ok(Value::Table(entries))
    }
}

/// What is no number in JSON (infinite, not a number) becomes its name, which no field takes for a number.
pub(super) fn number(value: f64) -> serde_json::Value {
    serde_json::Number::from_f64(value).map_or_else(|| value.to_string().into(), serde_json::Value::Number)
}
