//! What a command writes: lines, tables and JSON on the standard output, remarks on the standard error.
//!
//! Colours are for terminals only, and not where `NO_COLOR` is set (no-color.org).

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use comfy_table::Color;
use serde::Serialize;

/// The two outputs of a command.
pub(crate) struct Terminal {
    out: Box<dyn Write>,
    colours: bool,
    is_terminal: bool,
}

impl Terminal {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        let is_terminal = io::stdout().is_terminal();
        let wants_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let out: Box<dyn Write> = if is_terminal {
            Box::new(io::stdout())
        } else {
            Box::new(io::BufWriter::with_capacity(64 << 10, io::stdout()))
        };
        Self { out, colours: is_terminal && !wants_none && !is_dumb, is_terminal }
    }

    /// Whether people look at it.
    pub(crate) const fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Whether it may have colours.
    pub(crate) const fn has_colours(&self) -> bool {
        self.colours
    }

    /// One line.
    ///
    /// # Errors
    /// When nobody reads it.
    pub(crate) fn line(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Bytes as they are.
    ///
    /// # Errors
    /// When nobody reads them.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// Makes sure that what was written is seen now.
    ///
    /// # Errors
    /// When nobody reads it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// A value as JSON, for people to read.
    ///
    /// # Errors
    /// When nobody reads it.
    pub(crate) fn json<T: Serialize>(&mut self, value: &T) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        writeln!(self.out)
    }

    /// A remark beside the answer.
    pub(crate) fn note(&self, text: impl Display) {
        drop(writeln!(io::stderr(), "{text}"));
    }

    /// A text in a colour, where there are colours.
    pub(crate) fn paint(&self, colour: Color, text: &str) -> String {
        let code = match colour {
            Color::Red => 31,
            Color::Green => 32,
            Color::Yellow => 33,
            Color::Cyan => 36,
            Color::DarkGrey => 90,
            _ => return text.to_owned(),
        };
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A text that cannot move the cursor or change colours: a tab is shown as a blank, other control characters as `�`.
pub(crate) fn harmless(text: &str) -> String {
    let shown = |c| match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// What a terminal in memory was given.
#[cfg(test)]
#[derive(Clone, Default)]
pub(crate) struct Written(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

#[cfg(test)]
impl Written {
    /// All of it so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }
}

#[cfg(test)]
impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
impl Terminal {
    /// A terminal for tests: no colours, and what is written can be looked at.
    pub(crate) fn in_memory() -> (Self, Written) {
        let written = Written::default();
        (Self { out: Box::new(written.clone()), colours: false, is_terminal: false }, written)
    }
}
