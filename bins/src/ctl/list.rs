//! Lists as tables or as JSON: how much of one is wanted, and what a row shows.

use anyhow::Result;
use clap::Args;
use comfy_table::Cell;
use cronbus_core::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::client::Client;
use super::connection::Connection;
use super::now;
use super::pages::{Pages, TABLE_ROWS, write_json};
use super::table::Rows;
use super::terminal::Terminal;

/// How much of a list, in which form, and from which node.
#[derive(Debug, Args)]
pub(crate) struct Wanted {
    /// At most this many [default: 100 in a table, all with --json]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// As a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// A list of REST as a table.
#[derive(Debug)]
pub(crate) struct List<'a, T> {
    /// Where it is.
    pub(crate) path: &'a str,
    /// The heads of its columns.
    pub(crate) columns: &'a [&'a str],
    /// The cells of a row, now.
    pub(crate) row: fn(&T, Timestamp) -> Vec<Cell>,
    /// What is said where nothing fits.
    pub(crate) none: &'a str,
}

impl Wanted {
    /// Asks for what fits `query`, and shows it while it comes.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn show<T: DeserializeOwned + Serialize>(
        &self,
        list: &List<'_, T>,
        query: Vec<(&'static str, String)>,
        terminal: &mut Terminal,
    ) -> Result<()> {
        let client = Client::new(&self.connection)?;
        if self.json {
            let limit = self.limit.unwrap_or(usize::MAX);
            return write_json::<T>(Pages::new(&client, list.path, query, limit), terminal).await;
        }
        let mut pages = Pages::new(&client, list.path, query, self.limit.unwrap_or(TABLE_ROWS));
        let mut rows = Rows::new(terminal, list.columns);
        let (now, mut is_empty) = (now(), true);
        while let Some(items) = pages.next::<T>().await? {
            is_empty &= items.is_empty();
            items.iter().for_each(|item| rows.push((list.row)(item, now)));
        }
        if is_empty {
            terminal.note(list.none);
            return Ok(());
        }
        rows.write(terminal)?;
        if pages.has_more() {
            terminal.note("there are more; ask for them with --limit, or for all with --json");
        }
        Ok(())
    }
}

/// The parts of a query that were given.
pub(crate) fn given<const N: usize>(parts: [(&'static str, Option<String>); N]) -> Vec<(&'static str, String)> {
    parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
