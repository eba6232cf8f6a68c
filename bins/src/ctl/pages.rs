//! Lists of any length, page by page: no more than one page is held.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::client::Client;
use super::terminal::Terminal;
use crate::web::query::LONGEST_PAGE;
use crate::web::view::Listing;

/// How many rows a table has unless more are asked for.
pub(crate) const TABLE_ROWS: usize = 100;

/// A list on a node.
pub(crate) struct Pages<'a> {
    client: &'a Client,
    path: String,
    query: Vec<(&'static str, String)>,
    cursor: Option<String>,
    left: usize,
    begun: bool,
}

impl<'a> Pages<'a> {
    /// The first `limit` items of the list at `path`.
    pub(crate) fn new(client: &'a Client, path: &str, query: Vec<(&'static str, String)>, limit: usize) -> Self {
        Self { client, path: path.to_owned(), query, cursor: None, left: limit, begun: false }
    }

    /// The next items; absent at the end.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn next<T: DeserializeOwned>(&mut self) -> anyhow::Result<Option<Vec<T>>> {
        if self.left == 0 || (self.begun && self.cursor.is_none()) {
            return Ok(None);
        }
        let mut query = self.query.clone();
        query.push(("limit", self.left.min(LONGEST_PAGE).to_string()));
        query.extend(self.cursor.take().map(|cursor| ("cursor", cursor)));
        let page: Listing<T> = self.client.get(&self.path, &query).await?;
        self.begun = true;
        self.cursor = page.next;
        self.left = self.left.saturating_sub(page.items.len());
        Ok(Some(page.items))
    }

    /// Whether the node has more than was asked for.
    pub(crate) const fn has_more(&self) -> bool {
        self.cursor.is_some()
    }
}

/// Writes a whole list as one JSON array, while it comes.
///
/// # Errors
/// When no node answers, it refuses, or nobody reads.
pub(crate) async fn write_json<T: DeserializeOwned + Serialize>(
    mut pages: Pages<'_>,
    terminal: &mut Terminal,
) -> anyhow::Result<()> {
    let mut separator = "[\n  ";
    while let Some(items) = pages.next::<T>().await? {
        for item in items {
            terminal.bytes(separator.as_bytes())?;
            terminal.bytes(&serde_json::to_vec(&item)?)?;
            separator = ",\n  ";
        }
    }
    terminal.line(if separator == ",\n  " { "\n]" } else { "[]" })?;
    Ok(())
}
