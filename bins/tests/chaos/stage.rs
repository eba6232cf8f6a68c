//! A cluster with jobs, and the balance at the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Clock;
use cronbus_core::time::Timestamp;
use cronbus_servers::{Cluster, Kind, NodePlan, Plan};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::ledger::{Account, Ledger, Row};
use crate::load::{Job, Load};
use crate::random::Random;
use crate::support::{Client, wait_for};

/// Short, so that a calamity of three leases does not take half a minute.
pub(crate) const LEASE: Duration = Duration::from_secs(3);

const CONFIGURATION: &str = "[scheduler]\nmisfire_after = \"1s\"\n[executor]\nslots = 32\nkill_grace = \"2s\"\n";

/// How long the last answers may take once no job is due any more and everybody is well: leases end, hosts are given
/// up, batches are repeated.
const PATIENCE: Duration = Duration::from_secs(60);

/// A cluster with jobs.
pub(crate) struct Stage {
    pub(crate) cluster: Cluster,
    folder: TempDir,
    client: Client,
    clock: SystemClock,
    until: Timestamp,
    accounts: BTreeMap<String, Account>,
}

impl Stage {
    /// Starts a cluster and gives it jobs that are due for as long as said.
    pub(crate) fn open(
        random: &mut Random,
        database: Kind,
        lasts: Duration,
        fill: impl for<'a> FnOnce(Load<'a>) -> Load<'a>,
    ) -> Self {
        let (folder, clock) = (tempfile::tempdir().unwrap(), SystemClock::start().unwrap());
        let cluster = Cluster::start(plan(database)).unwrap();
        let until = clock.now() + lasts;
        let jobs = fill(Load::new(random, &folder.path().join("journal"), until)).jobs();
        let client = Client::new();
        apply(&cluster, &jobs, &folder.path().join("jobs.json"));
        let accounts = accounts(&all(&client, &cluster, "/api/v1/jobs?limit=1000"), &jobs, until);
        Self { cluster, folder, client, clock, until, accounts }
    }

    /// How many slots the jobs have in all; those of broadcasts once.
    pub(crate) fn slots(&self) -> usize {
        self.accounts.values().map(|account| account.moments.len()).sum()
    }

    /// Waits for the end of the last run, and demands that everything is right. Returns how many runs are in each
    /// state.
    pub(crate) fn balance(&self) -> BTreeMap<String, usize> {
        wait_for("the last due moment", || (self.clock.now() >= self.until).then_some(()));
        let patience = Instant::now() + PATIENCE;
        let (rows, faults) = wait_for("the last run", || {
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

    /// What the nodes complained of.
    fn trouble(&self) -> String {
        let of_node = |node: &cronbus_servers::Node| {
            let complaints: Vec<String> =
                node.log().lines().filter(|line| !line.contains(" INFO ")).map(str::to_owned).collect();
            format!("{}:\n{}", node.name(), first(&complaints))
        };
        self.cluster.nodes.iter().map(of_node).collect::<Vec<_>>().join("\n")
    }

    fn rows(&self) -> Vec<Row> {
        all(&self.client, &self.cluster, "/api/v1/runs?limit=1000").iter().map(Row::of).collect()
    }

    fn journal(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("journal")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// Three that decide, two that execute, one that is asked.
fn plan(database: Kind) -> Plan {
    let deciding = (1..=3).map(|n| NodePlan::new(format!("decider-{n}"), &["scheduler", "dispatcher", "monitor"]));
    let executing = (1..=2).map(|n| NodePlan::new(format!("executor-{n}"), &["executor"]));
    let asked = [NodePlan::new("web", &["web"])];
    let nodes = deciding.chain(executing).chain(asked).collect();
    let mut plan = Plan::new(PathBuf::from(env!("CARGO_BIN_EXE_cronbus")), database, nodes);
    plan.configuration = CONFIGURATION.to_owned();
    plan.lease = LEASE;
    plan.through_proxies = true;
    plan
}

fn first(lines: &[String]) -> String {
    let lines: Vec<&str> = lines.iter().map(String::as_str).take(20).collect();
    lines.join("\n")
}

fn all(client: &Client, cluster: &Cluster, path: &str) -> Vec<Value> {
    let token = std::fs::read_to_string(cluster.token_file()).unwrap();
    client
        .pages(path, |path| client.http.get(format!("{}{path}", cluster.address().unwrap())).bearer_auth(token.trim()))
}

fn apply(cluster: &Cluster, jobs: &[Job], file: &Path) {
    let documents: Vec<_> = jobs.iter().map(|job| &job.document).collect();
    std::fs::write(file, json!({ "job": documents }).to_string()).unwrap();
    let output = cluster.ask(&["apply", "-f", file.to_str().unwrap()]).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What the jobs owe: they count from the moment they were added.
fn accounts(listed: &[Value], jobs: &[Job], until: Timestamp) -> BTreeMap<String, Account> {
    let added = |name: &str| -> Timestamp {
        let view = listed.iter().find(|view| view["name"] == name).unwrap();
        view["created_at"].as_str().unwrap().parse().unwrap()
    };
    jobs.iter().map(|job| (job.name.clone(), job.account(added(&job.name), until))).collect()
}
