//! An explained rule, for people.

use anyhow::Result;
use comfy_table::Color;
use cronbus_core::time::Timestamp;

use crate::ctl::terminal::{Terminal, harmless};
use crate::ctl::{now, relative};
use crate::explain::{Explanation, words};

/// Writes what a rule means, and its next due moments with what a clock change does to them.
///
/// # Errors
/// When nobody reads it.
pub(crate) fn explanation(explanation: &Explanation, terminal: &mut Terminal) -> Result<()> {
    terminal.line(&explanation.description)?;
    if explanation.next.is_empty() {
        if !explanation.expression.is_empty() {
            let rule = harmless(&explanation.expression);
            terminal.note(format!("`{rule}` is not due by the clock after that instant"));
        }
        return Ok(());
    }
    let now = now();
    for fire in &explanation.next {
        let distance = fire.parse::<Timestamp>().map(|at| relative::to(at, now)).unwrap_or_default();
        let distance = terminal.paint(Color::DarkGrey, &format!("{distance:<10}"));
        let moved = explanation.moved.iter().find(|moved| moved.at == *fire);
        let remark = moved.map(|moved| terminal.paint(Color::Yellow, words(moved.how))).unwrap_or_default();
        terminal.line(format!("  {fire}  {distance}  {remark}").trim_end())?;
    }
    Ok(())
}
