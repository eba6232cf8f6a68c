//! Readable tables: aligned, without frames, cut to the width of the terminal.

use std::io;

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use cronbus_core::run::State;

use super::terminal::{Terminal, harmless};

/// A table that is being filled.
pub(crate) struct Rows {
    table: Table,
}

impl Rows {
    /// A table with these columns.
    pub(crate) fn new(terminal: &Terminal, columns: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if terminal.is_terminal() {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        if !terminal.has_colours() {
            table.force_no_tty();
        }
        table.set_header(columns.iter().map(|column| Cell::new(column).add_attribute(Attribute::Bold)));
        Self { table }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, cells: Vec<Cell>) {
        self.table.add_row(cells);
    }

    /// Writes it.
    ///
    /// # Errors
    /// When nobody reads it.
    pub(crate) fn write(&self, terminal: &mut Terminal) -> io::Result<()> {
        for line in self.table.lines() {
            terminal.line(line.trim_end())?;
        }
        Ok(())
    }
}

/// Writes a table of these rows.
///
/// # Errors
/// When nobody reads it.
pub(crate) fn write(
    terminal: &mut Terminal,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> io::Result<()> {
    let mut table = Rows::new(terminal, columns);
    rows.for_each(|row| table.push(row));
    table.write(terminal)
}

/// A cell with a text that came from elsewhere.
pub(crate) fn text(text: &str) -> Cell {
    Cell::new(harmless(text))
}

/// A cell with the state of a run.
pub(crate) fn state(state: State) -> Cell {
    Cell::new(state.as_str()).fg(colour(state))
}

/// The colour of a state.
pub(crate) const fn colour(state: State) -> Color {
    match state {
        State::Succeeded => Color::Green,
        State::Failed | State::TimedOut | State::Lost | State::Rejected => Color::Red,
        State::Killed | State::Skipped | State::Missed => Color::Yellow,
        State::Running => Color::Cyan,
        State::Created | State::Assigned => Color::DarkGrey,
    }
}
