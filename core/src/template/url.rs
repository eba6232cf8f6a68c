//! Values in a URL: whatever is in them, they stay in the part of the URL that they stand in.
//!
//! RFC 3986, 2.3 names the characters that mean nothing anywhere in a URL; all others are percent-encoded. Where a URL
//! begins with a placeholder nothing is, for there a whole address is meant.

use super::error::Error;
use super::render::{append, refuse_nul};
use super::syntax::{Cut, cut};
use super::values::Lookup;

/// Fills in values percent-encoded, but for one that the URL begins with.
///
/// # Errors
/// As [`super::render_plain`], and when a value is `.` or `..`, which no encoding keeps from meaning another folder.
pub fn render_url(text: &str, values: &impl Lookup) -> Result<String, Error> {
    refuse_nul(text)?;
    let mut rendered = String::with_capacity(text.len());
    for piece in cut(text)? {
        match piece {
            Cut::Text(text) => append(&mut rendered, text)?,
            Cut::Place(name) if rendered.is_empty() => append(&mut rendered, &values.value(name)?)?,
            Cut::Place(name) => append(&mut rendered, &encoded(name, &values.value(name)?)?)?,
        }
    }
    Ok(rendered)
}

/// Fills in values as those of a form are written (`application/x-www-form-urlencoded`), but for blanks, which are
/// percent-encoded like everything else.
///
/// # Errors
/// As [`super::render_plain`].
pub fn render_form(text: &str, values: &impl Lookup) -> Result<String, Error> {
    refuse_nul(text)?;
    let mut rendered = String::with_capacity(text.len());
    for piece in cut(text)? {
        match piece {
            Cut::Text(text) => append(&mut rendered, text)?,
            Cut::Place(name) => append(&mut rendered, &percent_encode(&values.value(name)?))?,
        }
    }
    Ok(rendered)
}

fn encoded(name: &str, value: &str) -> Result<String, Error> {
    // The URL standard takes `%2e` for a dot.
    if matches!(value, "." | "..") {
        return Err(Error::Folder { name: name.to_owned(), value: value.to_owned() });
    }
    Ok(percent_encode(value))
}

/// Everything but the characters that mean nothing anywhere in a URL (RFC 3986, 2.3) as `%XX`.
#[must_use]
pub fn percent_encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
