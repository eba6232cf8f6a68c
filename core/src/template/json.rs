//! Values in a JSON text (RFC 8259): whatever is in them, they stay the value, or the part of a string, that they are
//! meant to be.
//!
//! Within a string a value is escaped. Elsewhere one that is JSON by itself, like a number or an object, is taken as it
//! is, for it ends where it ends; any other becomes a string.

use std::borrow::Cow;

use serde_json::Value;

use super::error::Error;
use super::render::{append, refuse_nul};
use super::syntax::{Cut, Piece, cut, parse};
use super::values::Lookup;

/// Fills in values so that a reader of JSON finds each whole and nothing beside it.
///
/// # Errors
/// As [`super::render_plain`], and when a placeholder stands right after a backslash.
pub fn render_json(text: &str, values: &impl Lookup) -> Result<String, Error> {
    refuse_nul(text)?;
    let mut rendered = String::with_capacity(text.len());
    let mut reading = Reading::default();
    for piece in cut(text)? {
        match piece {
            Cut::Text(text) => {
                reading.follow(text);
                append(&mut rendered, text)?;
            }
            Cut::Place(name) => {
                let is_in_string = reading.place(name)?;
                append(&mut rendered, &written(&values.value(name)?, is_in_string))?;
            }
        }
    }
    Ok(rendered)
}

/// Whether the text is a template for JSON: [`super::check`], and every placeholder stands where it can be escaped.
///
/// # Errors
/// As [`render_json`], but for the values.
pub fn check_json(text: &str) -> Result<(), Error> {
    refuse_nul(text)?;
    let mut reading = Reading::default();
    for piece in parse(text)? {
        match piece {
            Piece::Text(text) => reading.follow(text),
            Piece::Place(name) => drop(reading.place(&name.text())?),
        }
    }
    Ok(())
}

/// Where in a JSON text one is: strings are all that matters.
#[derive(Debug, Default)]
struct Reading {
    is_in_string: bool,
    is_escaped: bool,
}

impl Reading {
    fn follow(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                _ if self.is_escaped => self.is_escaped = false,
                '\\' => self.is_escaped = self.is_in_string,
                '"' => self.is_in_string = !self.is_in_string,
                _ => {}
            }
        }
    }

    /// Whether a placeholder here stands in a string.
    fn place(&self, name: &str) -> Result<bool, Error> {
        if self.is_escaped { Err(Error::Escaped { name: name.to_owned() }) } else { Ok(self.is_in_string) }
    }
}

fn written(value: &str, is_in_string: bool) -> Cow<'_, str> {
    if !is_in_string && serde_json::from_str::<Value>(value).is_ok() {
        return Cow::Borrowed(value);
    }
    let quoted = Value::from(value).to_string();
    if !is_in_string {
        return Cow::Owned(quoted);
    }
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Cow::Owned(inner.unwrap_or_default().to_owned())
}
