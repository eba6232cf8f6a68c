//! Where it all happens: a node, the jobs on it, the journal their commands write to, and the balance at the end.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Clock;
use cronbus_core::time::Timestamp;
use serde_json::json;
use tempfile::TempDir;

use crate::ledger::{Account, Ledger, Row};
use crate::load::{Job, Load};
use crate::random::Random;
use crate::support::{Client, Node, wait_for};

/// A second of absence is enough for the misfire policies to be asked.
const CONFIGURATION: &str =
    "[scheduler]\nmisfire_after = \"1s\"\n[executor]\nslots = 48\nkill_grace = \"2s\"\nqueue = 10000\n";

/// How long the last rows may take to come once no job is due any more; a slot without an answer takes so long to be
/// told.
const PATIENCE: Duration = Duration::from_secs(30);

/// A node with jobs.
pub(crate) struct Theatre {
    pub(crate) node: Node,
    folder: TempDir,
    client: Client,
    clock: SystemClock,
    until: Timestamp,
    accounts: BTreeMap<String, Account>,
}

impl Theatre {
    /// Starts a node and gives it jobs that are due for as long as said.
    pub(crate) fn open(random: &mut Random, lasts: Duration, fill: impl for<'a> FnOnce(Load<'a>) -> Load<'a>) -> Self {
        let (folder, clock) = (tempfile::tempdir().unwrap(), SystemClock::start().unwrap());
        let node = Node::start_with(CONFIGURATION);
        let until = clock.now() + lasts;
        let jobs = fill(Load::new(random, &folder.path().join("journal"), until)).jobs();
        let client = Client::new();
        apply(&node, &jobs, &folder.path().join("jobs.json"));
        let accounts = accounts(&node, &client, &jobs, until);
        Self { node, folder, client, clock, until, accounts }
    }

    /// How many slots the jobs have in all.
    pub(crate) fn slots(&self) -> usize {
        self.accounts.values().map(|account| account.moments.len()).sum()
    }

    /// Whether jobs are still due.
    pub(crate) fn goes_on(&self) -> bool {
        self.clock.now() < self.until
    }

    /// Waits for the end of the last run, and demands that everything is right. Returns how many runs are in each
    /// state.
    pub(crate) fn balance(&self) -> BTreeMap<String, usize> {
        wait_for("the last due moment", || (!self.goes_on()).then_some(()));
        let patience = Instant::now() + PATIENCE;
        let (rows, faults) = wait_for("the last run", || {
            let unfinished = self.client.get(&self.node, "/api/v1/runs?limit=1&state=created,assigned,running");
            let has_unfinished = !self.client.send(unfinished).2.contains("\"items\":[]");
            if has_unfinished && Instant::now() < patience {
                return None;
            }
            let (rows, journal) = (self.rows(), self.journal());
            let ledger = Ledger { accounts: &self.accounts, rows: &rows, journal: &journal };
            let faults: Vec<String> = ledger.faults().iter().map(ToString::to_string).collect();
            (faults.is_empty() || Instant::now() > patience).then_some((rows, faults))
        });
        assert!(faults.is_empty(), "{} faults:\n{}\n{}", faults.len(), first(&faults), self.trouble());
        let mut states = BTreeMap::new();
        for row in rows {
            *states.entry(row.state).or_default() += 1;
        }
        states
    }

    /// What the node complained of.
    fn trouble(&self) -> String {
        let complaints: Vec<String> =
            self.node.log().lines().filter(|line| !line.contains(" INFO ")).map(str::to_owned).collect();
        first(&complaints)
    }

    fn rows(&self) -> Vec<Row> {
        self.client.all(&self.node, "/api/v1/runs?limit=1000").iter().map(Row::of).collect()
    }

    fn journal(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("journal")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

fn first(lines: &[String]) -> String {
    let lines: Vec<&str> = lines.iter().map(String::as_str).take(20).collect();
    lines.join("\n")
}

fn apply(node: &Node, jobs: &[Job], file: &Path) {
    let documents: Vec<_> = jobs.iter().map(|job| &job.document).collect();
    std::fs::write(file, json!({ "job": documents }).to_string()).unwrap();
    node.ask(&["apply", "-f", file.to_str().unwrap()]);
}

/// What the jobs owe: they count from the moment they were added.
fn accounts(node: &Node, client: &Client, jobs: &[Job], until: Timestamp) -> BTreeMap<String, Account> {
    let listed = client.all(node, "/api/v1/jobs?limit=1000");
    let added = |name: &str| -> Timestamp {
        let view = listed.iter().find(|view| view["name"] == name).unwrap();
        view["created_at"].as_str().unwrap().parse().unwrap()
    };
    jobs.iter().map(|job| (job.name.clone(), job.account(added(&job.name), until))).collect()
}
