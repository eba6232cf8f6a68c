//! `cronbus cron explain`.

use anyhow::Result;
use clap::{Args, ValueEnum};
use cronbus_core::schedule::{Dialect, Dst};
use cronbus_core::time::Timestamp;

use super::show;
use crate::ctl::exit::WrongUsage;
use crate::ctl::now;
use crate::ctl::terminal::Terminal;
use crate::explain::{LARGEST_COUNT, Question, USUAL_COUNT, explain};

/// A rule, and which of its due moments.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The rule, in one argument: '0 3 * * *', '@every 5m', '@at 2026-12-01T08:00:00Z'
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    expression: String,
    /// The IANA zone the rule is written in
    #[arg(long = "tz", visible_alias = "timezone", value_name = "ZONE", default_value = "UTC")]
    timezone: String,
    /// Due moments strictly after this instant [default: now]
    #[arg(long, value_name = "RFC 3339")]
    from: Option<Timestamp>,
    /// How many
    #[arg(long, short = 'n', value_name = "N", default_value_t = USUAL_COUNT, value_parser = count)]
    count: usize,
    /// How weekdays are numbered: 0 and 7 are Sunday (unix), or 1 is (quartz)
    #[arg(long, value_enum, default_value_t = Words::Unix)]
    dialect: Words,
    /// The name of the job, from which `H` picks its values
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Words {
    Unix,
    Quartz,
}

impl From<Words> for Dialect {
    fn from(words: Words) -> Self {
        match words {
            Words::Unix => Self::Unix,
            Words::Quartz => Self::Quartz,
        }
    }
}

impl Options {
    /// Explains the rule.
    ///
    /// # Errors
    /// [`WrongUsage`] when the rule or the zone cannot be used.
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<()> {
        let question = Question {
            expression: self.expression,
            timezone: self.timezone,
            dialect: self.dialect.into(),
            dst: Dst::default(),
            name: self.name,
            anchor: Timestamp::EPOCH,
            from: self.from.unwrap_or_else(now),
            count: self.count,
        };
        let explanation = explain(&question).map_err(|error| WrongUsage(error.to_string()))?;
        if self.json {
            terminal.json(&explanation)?;
            return Ok(());
        }
        show::explanation(&explanation, terminal)
    }
}

fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=LARGEST_COUNT).contains(count));
    count.ok_or_else(|| format!("write a number from 1 to {LARGEST_COUNT}"))
}
