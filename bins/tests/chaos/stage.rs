//! A cluster with jobs, and the balance at the end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Clock;
use cronbus_core::time::Timestamp;
use cronbus_servers::{Cluster, Kind, NodePlan, Plan};
use serde_json::Value;

use crate::books::{Books, complaints};
use crate::ledger::Row;
use crate::load::Load;
use crate::random::Random;
use crate::support::Client;

/// Short, so that a calamity of three leases does not take half a minute.
pub(crate) const LEASE: Duration = Duration::from_secs(3);

pub(crate) const CONFIGURATION: &str =
    "[scheduler]\nmisfire_after = \"1s\"\n[executor]\nslots = 32\nkill_grace = \"2s\"\n";

/// How long the last answers may take once no job is due any more and everybody is well: leases end, hosts are given
/// up, batches are repeated.
const PATIENCE: Duration = Duration::from_secs(60);

/// A cluster with jobs.
pub(crate) struct Stage {
    pub(crate) cluster: Cluster,
    pub(crate) books: Books,
    client: Client,
    clock: SystemClock,
    /// One cluster at a time: two would be slow enough to break what none of them breaks alone.
    _turn: MutexGuard<'static, ()>,
}

static TURN: Mutex<()> = Mutex::new(());

impl Stage {
    /// Starts a cluster and gives it jobs that are due for as long as said.
    pub(crate) fn open(
        random: &mut Random,
        plan: Plan,
        lasts: Duration,
        fill: impl for<'a> FnOnce(Load<'a>) -> Load<'a>,
    ) -> Self {
        // One that failed has said so already.
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let (cluster, client) = (Cluster::start(plan).unwrap(), Client::new());
        let mut books = Books::open(random, lasts, fill);
        let output = cluster.ask(&["apply", "-f", books.file().to_str().unwrap()]).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        books.begin(&all(&client, &cluster, "/api/v1/jobs?limit=1000"));
        Self { cluster, books, client, clock: SystemClock::start().unwrap(), _turn: turn }
    }

    /// What time it is for the nodes.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// All runs, as REST shows them.
    pub(crate) fn runs(&self) -> Vec<Value> {
        all(&self.client, &self.cluster, "/api/v1/runs?limit=1000")
    }

    /// A node's figures, if it answers.
    pub(crate) fn metrics(&self, address: &str) -> Option<String> {
        self.ask(address, "/metrics")
    }

    /// What a node answers, if it answers well.
    pub(crate) fn ask(&self, address: &str, path: &str) -> Option<String> {
        self.client.try_text(self.client.http.get(format!("{address}{path}")).bearer_auth(token(&self.cluster)))
    }

    /// Demands that everything is right. Returns how many runs are in each state.
    pub(crate) fn balance(&self) -> BTreeMap<String, usize> {
        let rows = || self.runs().iter().map(Row::of).collect();
        self.books.balance(PATIENCE, || Some(rows()), || self.trouble())
    }

    /// What the nodes complained of.
    fn trouble(&self) -> String {
        let of_node = |node: &cronbus_servers::Node| format!("{}:\n{}", node.name(), complaints(&node.log()));
        self.cluster.nodes.iter().map(of_node).collect::<Vec<_>>().join("\n")
    }
}

/// Three that decide, two that execute, one that is asked.
pub(crate) fn plan(database: Kind) -> Plan {
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

fn all(client: &Client, cluster: &Cluster, path: &str) -> Vec<Value> {
    let token = token(cluster);
    client.pages(path, |path| client.http.get(format!("{}{path}", cluster.address().unwrap())).bearer_auth(&token))
}

fn token(cluster: &Cluster) -> String {
    std::fs::read_to_string(cluster.token_file()).unwrap().trim().to_owned()
}
