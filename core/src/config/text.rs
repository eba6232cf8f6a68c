//! Values written as plain text, in variables and flags: the kind of the key's default says how they are read.

use toml::{Table, Value};

/// Reads a text as a value of the same kind as `default`. A list is `a,b`, a table `k=v,k=v`.
///
/// # Errors
/// What was expected.
pub(super) fn read(text: &str, default: &Value) -> Result<Value, String> {
    match default {
        Value::Integer(_) => text.trim().parse().map(Value::Integer).map_err(|_| "write a whole number".to_owned()),
        Value::Boolean(_) => text.trim().parse().map(Value::Boolean).map_err(|_| "write true or false".to_owned()),
        Value::Array(_) => Ok(parts(text).map(Value::from).collect::<Vec<_>>().into()),
        Value::Table(_) => table(text).map(Value::Table),
        _ => Ok(Value::from(text)),
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn table(text: &str) -> Result<Table, String> {
    let pair = |part: &str| {
        let (key, value) = part.split_once('=').ok_or_else(|| format!("`{part}` has no `=`: write k=v,k=v"))?;
        Ok((key.trim().to_owned(), Value::from(value.trim())))
    };
    parts(text).map(pair).collect()
}
