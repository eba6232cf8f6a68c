//! What the jobs owe, the journal their commands write to, and the balance at the end. Knows nothing of nodes: whoever
//! has them says which rows there are.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Clock;
use cronbus_core::time::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::ledger::{Account, Ledger, Row};
use crate::load::{Job, Load};
use crate::random::{self, Random};
use crate::support::wait_for;

/// How many lines of each kind a failure shows.
const SHOWN: usize = 20;

/// The books of one test.
pub(crate) struct Books {
    folder: TempDir,
    clock: SystemClock,
    until: Timestamp,
    jobs: Vec<Job>,
    accounts: BTreeMap<String, Account>,
}

impl Books {
    /// Jobs that are due for as long as said, from now.
    pub(crate) fn open(random: &mut Random, lasts: Duration, fill: impl for<'a> FnOnce(Load<'a>) -> Load<'a>) -> Self {
        let (folder, clock) = (tempfile::tempdir().unwrap(), SystemClock::start().unwrap());
        let until = clock.now() + lasts;
        let jobs = fill(Load::new(random, &folder.path().join("journal"), until)).jobs();
        Self { folder, clock, until, jobs, accounts: BTreeMap::new() }
    }

    /// A file that `cronbus apply -f` takes.
    pub(crate) fn file(&self) -> PathBuf {
        let documents: Vec<_> = self.jobs.iter().map(|job| &job.document).collect();
        let file = self.folder.path().join("jobs.json");
        std::fs::write(&file, json!({ "job": documents }).to_string()).unwrap();
        file
    }

    /// The jobs were added: what they owe counts from the moment each was, as `listed` has it.
    pub(crate) fn begin(&mut self, listed: &[Value]) {
        let added = |name: &str| -> Timestamp {
            let view = listed.iter().find(|view| view["name"] == name).unwrap();
            view["created_at"].as_str().unwrap().parse().unwrap()
        };
        let account = |job: &Job| (job.name.clone(), job.account(added(&job.name), self.until));
        self.accounts = self.jobs.iter().map(account).collect();
    }

    /// How many slots the jobs have in all; those of broadcasts once.
    pub(crate) fn slots(&self) -> usize {
        self.accounts.values().map(|account| account.moments.len()).sum()
    }

    /// Whether jobs are still due.
    pub(crate) fn goes_on(&self) -> bool {
        self.clock.now() < self.until
    }

    /// Waits for the end of the last run, but not longer than `patience` after the last moment, and demands that
    /// everything is right. `rows` may have none while there is no use in looking. Returns how many runs are in each
    /// state.
    pub(crate) fn balance(
        &self,
        patience: Duration,
        rows: impl Fn() -> Option<Vec<Row>>,
        trouble: impl Fn() -> String,
    ) -> BTreeMap<String, usize> {
        wait_for("the last due moment", || (!self.goes_on()).then_some(()));
        let end = Instant::now() + patience;
        let (rows, faults) = wait_for("the last run", || {
            let is_late = Instant::now() > end;
            let rows = rows().or_else(|| is_late.then(Vec::new))?;
            let ledger = Ledger { accounts: &self.accounts, rows: &rows, journal: &self.journal() };
            let faults: Vec<String> = ledger.faults().iter().map(ToString::to_string).collect();
            (faults.is_empty() || is_late).then_some((rows, faults))
        });
        if !faults.is_empty() {
            eprintln!("{}", trouble());
            // Last, because the end of what a test says is what is kept of it.
            panic!("{}\n{} faults:\n{}", random::replay(), faults.len(), first(faults.iter().map(String::as_str)));
        }
        let mut states = BTreeMap::new();
        for row in rows {
            *states.entry(row.state).or_default() += 1;
        }
        states
    }

    fn journal(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("journal")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// What a node complained of.
pub(crate) fn complaints(log: &str) -> String {
    first(log.lines().filter(|line| !line.contains(" INFO ")))
}

fn first<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.take(SHOWN).collect::<Vec<_>>().join("\n")
}
