//! Reading the crontabs people have, and saying line by line what became of them.
//!
//! Sources of the rules: crontab(5) and cron(8) of Debian's cron, and where that is silent, cronie's. A file goes through
//! these steps:
//!
//! ```text
//! text ─▶ lines ─▶ line: blank, comment, NAME = value, or rule [user] command
//!                    │            │                         │
//!          description of    environment of            command: `%` is newline and input
//!          the next entry    all entries below              │
//!                    └────────────┴────────▶ import ◀───────┴── name: a readable, unique one
//! ```
//!
//! What a job keeps of cron's meaning: entries may run beside themselves (`overlap = "allow"`), what was missed while
//! nobody was there is not made up for (`misfire.policy = "skip"`), rules are read in the machine's zone or `CRON_TZ`,
//! variables are those of the lines above, and a text that looks like a placeholder stays that text.
//!
//! What it does not keep is said with the line: cron mails what a command prints, here it is kept with the run.

mod command;
mod environment;
mod import;
mod line;
mod name;

pub use import::{Became, Import, Line, Options, import};
pub use line::Kind;

#[cfg(test)]
mod tests;
