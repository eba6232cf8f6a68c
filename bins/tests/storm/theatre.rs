//! Where it all happens: a node, the jobs on it, and the balance at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::books::{Books, complaints};
use crate::ledger::Row;
use crate::load::Load;
use crate::random::Random;
use crate::support::{Client, Node};

/// A second of absence is enough for the misfire policies to be asked.
const CONFIGURATION: &str =
    "[scheduler]\nmisfire_after = \"1s\"\n[executor]\nslots = 48\nkill_grace = \"2s\"\nqueue = 10000\n";

/// How long the last rows may take to come once no job is due any more; a slot without an answer takes so long to be
/// told.
const PATIENCE: Duration = Duration::from_secs(30);

/// A node with jobs.
pub(crate) struct Theatre {
    pub(crate) node: Node,
    pub(crate) books: Books,
    client: Client,
}

impl Theatre {
    /// Starts a node and gives it jobs that are due for as long as said.
    pub(crate) fn open(random: &mut Random, lasts: Duration, fill: impl for<'a> FnOnce(Load<'a>) -> Load<'a>) -> Self {
        let (node, client) = (Node::start_with(CONFIGURATION), Client::new());
        let mut books = Books::open(random, lasts, fill);
        node.ask(&["apply", "-f", books.file().to_str().unwrap()]);
        books.begin(&client.all(&node, "/api/v1/jobs?limit=1000"));
        Self { node, books, client }
    }

    /// Demands that everything is right. Returns how many runs are in each state.
    pub(crate) fn balance(&self) -> BTreeMap<String, usize> {
        self.books.balance(PATIENCE, || self.rows(), || complaints(&self.node.log()))
    }

    /// The rows, once all are over.
    fn rows(&self) -> Option<Vec<Row>> {
        let unfinished = self.client.get(&self.node, "/api/v1/runs?limit=1&state=created,assigned,running");
        let are_over = self.client.send(unfinished).2.contains("\"items\":[]");
        are_over.then(|| self.client.all(&self.node, "/api/v1/runs?limit=1000").iter().map(Row::of).collect())
    }
}
