//! Putting values in the place of placeholders.

use std::borrow::Cow;

use super::error::Error;
use super::shell::{Quoting, Standing};
use super::syntax::{Cut, Name, Piece, cut, parse};
use super::values::{Lookup, Values};

/// The longest text that rendering makes, in bytes.
pub const MAX_RENDERED: usize = 1 << 20;

/// Fills in values as they are: for variables, headers, standard input, and bodies that are not JSON.
///
/// # Errors
/// When the text is not a template, a value is missing or has a NUL, or the result is longer than [`MAX_RENDERED`].
pub fn render_plain(text: &str, values: &impl Lookup) -> Result<String, Error> {
    refuse_nul(text)?;
    let mut rendered = String::with_capacity(text.len());
    for piece in cut(text)? {
        match piece {
            Cut::Text(text) => append(&mut rendered, text)?,
            Cut::Place(name) => append(&mut rendered, &values.value(name)?)?,
        }
    }
    Ok(rendered)
}

/// Fills in values so that a POSIX shell (`sh -c`) reads each as exactly its characters, in one word, whatever they
/// are: outside of quotes, within `'…'`, within `"…"`, and in `$(…)`.
///
/// # Errors
/// As [`render_plain`], and when a placeholder stands where no quoting is safe: in a here-document, in backquotes, in
/// `${…}`, in arithmetic, in a comment, right after a backslash or an unquoted `$`.
pub fn render_shell(text: &str, values: &Values<'_>) -> Result<String, Error> {
    refuse_nul(text)?;
    let mut rendered = String::with_capacity(text.len());
    let mut quoting = Quoting::default();
    for piece in parse(text)? {
        match piece {
            Piece::Text(text) => {
                quoting.follow(text);
                append(&mut rendered, text)?;
            }
            Piece::Place(name) => {
                let standing = quoting.place(name)?;
                append(&mut rendered, &quoted(&values.get(name)?, standing))?;
            }
        }
    }
    Ok(rendered)
}

/// Whether the text is a template: every placeholder is closed and known. For checking jobs when they are entered.
///
/// # Errors
/// As [`render_plain`], but for the values.
pub fn check(text: &str) -> Result<(), Error> {
    refuse_nul(text)?;
    parse(text).map(|_| ())
}

/// Whether the text is a template for a shell command: [`check`], and every placeholder stands where it can be quoted.
///
/// # Errors
/// As [`render_shell`], but for the values.
pub fn check_shell(text: &str) -> Result<(), Error> {
    refuse_nul(text)?;
    let mut quoting = Quoting::default();
    for piece in parse(text)? {
        match piece {
            Piece::Text(text) => quoting.follow(text),
            Piece::Place(name) => {
                quoting.place(name)?;
            }
        }
    }
    Ok(())
}

/// Appends the pieces with the values that `value` tells.
pub(super) fn append_pieces<'v>(
    rendered: &mut String,
    pieces: &[Piece<'_>],
    value: impl Fn(Name<'_>) -> Result<Cow<'v, str>, Error>,
) -> Result<(), Error> {
    for piece in pieces {
        match *piece {
            Piece::Text(text) => append(rendered, text)?,
            Piece::Place(name) => append(rendered, &value(name)?)?,
        }
    }
    Ok(())
}

pub(super) fn append(rendered: &mut String, text: &str) -> Result<(), Error> {
    if rendered.len() + text.len() > MAX_RENDERED {
        return Err(Error::TooLong);
    }
    rendered.push_str(text);
    Ok(())
}

/// The value for its place in a command line. Only single quotes are used, in which no character but `'` is special to
/// a POSIX shell (XCU 2.2.2); a quote that the text has open is closed before and opened again after.
fn quoted(value: &str, standing: Standing) -> String {
    let inner = value.replace('\'', r"'\''");
    match standing {
        Standing::Unquoted => format!("'{inner}'"),
        Standing::InSingle => inner,
        Standing::InDouble => format!("\"'{inner}'\""),
    }
}

pub(super) fn refuse_nul(text: &str) -> Result<(), Error> {
    if text.contains('\0') { Err(Error::Nul { what: "the text".to_owned() }) } else { Ok(()) }
}
