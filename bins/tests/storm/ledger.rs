//! Balances what was due against what was answered and what was started.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use serde_json::Value;

/// What is known of a job before its runs are looked at.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// When it was due, in milliseconds since the epoch.
    pub(crate) moments: Vec<i64>,
    /// Whether its runs write down that they start.
    pub(crate) keeps_journal: bool,
    /// The states after which a run is tried again, once.
    pub(crate) tried_again: &'static [&'static str],
    /// Whether each moment has a run on every node there is (`broadcast`), however many those are.
    pub(crate) is_broadcast: bool,
}

/// A row of the database.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) job: String,
    pub(crate) due_at: i64,
    pub(crate) attempt: u64,
    /// Where it is or was, if anywhere: what tells the runs of a broadcast apart.
    pub(crate) node: Option<String>,
    /// Which of the moment's runs.
    pub(crate) shard: u64,
    pub(crate) state: String,
    pub(crate) reason: String,
    pub(crate) exit_code: Option<i64>,
}

impl Row {
    /// A run as REST shows it.
    pub(crate) fn of(run: &Value) -> Self {
        let text = |field: &str| run[field].as_str().unwrap().to_owned();
        let due_at: cronbus_core::time::Timestamp = run["due_at"].as_str().unwrap().parse().unwrap();
        Self {
            id: text("id"),
            job: text("job"),
            due_at: due_at.millis(),
            attempt: run["attempt"].as_u64().unwrap(),
            node: run["node"].as_str().map(str::to_owned),
            shard: run["shard"].as_u64().unwrap(),
            state: text("state"),
            reason: text("reason"),
            exit_code: run["exit_code"].as_i64(),
        }
    }

    fn is_over(&self) -> bool {
        !matches!(self.state.as_str(), "created" | "assigned" | "running")
    }

    /// Whether it was answered without having been executed.
    fn is_refused(&self) -> bool {
        matches!(self.state.as_str(), "skipped" | "missed" | "rejected")
    }
}

/// A broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A due moment has no row.
    Unanswered,
    /// A due moment has several rows of the same attempt.
    AnsweredTwice,
    /// A row belongs to no due moment.
    NeverDue,
    /// A run is not over.
    Unfinished,
    /// A run was tried again although its job does not ask for it, or was not although it does.
    WronglyTried,
    /// A run started more than once.
    StartedTwice,
    /// A run started that the database does not know.
    Unknown,
    /// The database says that a run ended by itself, and it never started.
    NeverStarted,
    /// The database says that a run was not executed, and it was.
    StartedAnyway,
}

/// A broken promise and what it is about.
pub(crate) struct Finding {
    pub(crate) fault: Fault,
    about: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.fault, self.about)
    }
}

/// What is balanced.
pub(crate) struct Ledger<'a> {
    pub(crate) accounts: &'a BTreeMap<String, Account>,
    pub(crate) rows: &'a [Row],
    /// The ids of runs, once for each time one started.
    pub(crate) journal: &'a [String],
}

impl Ledger<'_> {
    /// Everything that is wrong.
    pub(crate) fn faults(&self) -> Vec<Finding> {
        let mut findings = self.slots();
        findings.extend(self.attempts());
        findings.extend(self.starts());
        findings
    }

    /// Every due moment has one first row, and every first row a due moment.
    fn slots(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut left: HashMap<&str, HashSet<i64>> = HashMap::new();
        for (name, account) in self.accounts {
            left.insert(name, account.moments.iter().copied().collect());
        }
        for row in self.rows.iter().filter(|row| row.attempt == 1) {
            let was_left = left.get_mut(row.job.as_str()).is_some_and(|left| left.remove(&row.due_at));
            if !was_left && !self.is_due(row) {
                findings.push(about_row(Fault::NeverDue, row));
            }
        }
        for (name, account) in self.accounts {
            let unanswered = account.moments.iter().filter(|due_at| left[name.as_str()].contains(due_at));
            findings.extend(unanswered.map(|due_at| finding(Fault::Unanswered, format!("{name} due at {due_at}"))));
        }
        findings
    }

    fn is_due(&self, row: &Row) -> bool {
        self.accounts.get(&row.job).is_some_and(|account| account.moments.contains(&row.due_at))
    }

    fn is_broadcast(&self, row: &Row) -> bool {
        self.accounts.get(&row.job).is_some_and(|account| account.is_broadcast)
    }

    /// What tells the runs of one moment apart: the node, of a broadcast.
    fn place<'a>(&self, row: &'a Row) -> &'a str {
        row.node.as_deref().filter(|_| self.is_broadcast(row)).unwrap_or_default()
    }

    /// Every attempt is there once, is over, and is followed by another one where the job asks for it and nowhere else.
    fn attempts(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut attempts: HashMap<(&str, i64, &str, u64), &Row> = HashMap::new();
        for row in self.rows {
            let is_second = attempts.insert((&row.job, row.due_at, self.place(row), row.attempt), row).is_some();
            if is_second || (row.shard > 0 && !self.is_broadcast(row)) {
                findings.push(about_row(Fault::AnsweredTwice, row));
            }
            if !row.is_over() {
                findings.push(about_row(Fault::Unfinished, row));
            }
        }
        for row in self.rows {
            let account = self.accounts.get(&row.job);
            let wanted = account.is_some_and(|account| account.tried_again.contains(&row.state.as_str()));
            let is_tried_again =
                attempts.contains_key(&(row.job.as_str(), row.due_at, self.place(row), row.attempt + 1));
            let is_owed = wanted && row.attempt == 1;
            let was_to_be_ended = row.reason.contains("not tried again");
            let is_wrong = if is_owed { !is_tried_again && !was_to_be_ended } else { is_tried_again };
            let came_from_nowhere = row.attempt > 1
                && !attempts.contains_key(&(row.job.as_str(), row.due_at, self.place(row), row.attempt - 1));
            if is_wrong || came_from_nowhere {
                findings.push(about_row(Fault::WronglyTried, row));
            }
        }
        findings
    }

    /// What started and what the database says of it agree.
    fn starts(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut started: HashSet<&str> = HashSet::new();
        for id in self.journal {
            if !started.insert(id) {
                findings.push(finding(Fault::StartedTwice, id.clone()));
            }
        }
        for row in self.rows {
            let keeps_journal = self.accounts.get(&row.job).is_some_and(|account| account.keeps_journal);
            let did_start = started.remove(row.id.as_str());
            if did_start && row.is_refused() {
                findings.push(about_row(Fault::StartedAnyway, row));
            }
            // Whoever leaves an exit code has passed the first command, which writes to the journal.
            if keeps_journal && !did_start && (row.state == "succeeded" || row.exit_code.is_some()) {
                findings.push(about_row(Fault::NeverStarted, row));
            }
        }
        findings.extend(started.into_iter().map(|id| finding(Fault::Unknown, id.to_owned())));
        findings
    }
}

fn finding(fault: Fault, about: String) -> Finding {
    Finding { fault, about }
}

fn about_row(fault: Fault, row: &Row) -> Finding {
    let Row { id, job, due_at, attempt, state, reason, .. } = row;
    finding(fault, format!("{job} due at {due_at}, attempt {attempt}, run {id}: {state} {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, due_at: i64, attempt: u64, state: &str) -> Row {
        let text = str::to_owned;
        Row {
            id: text(id),
            job: text("a"),
            due_at,
            attempt,
            node: None,
            shard: 0,
            state: text(state),
            reason: text(""),
            exit_code: None,
        }
    }

    /// A job due at 1 and 2 that is tried again when it was lost: one run that went well, one that was lost, then not.
    fn good() -> (Vec<Row>, Vec<String>) {
        let rows = vec![row("x", 1, 1, "succeeded"), row("y", 2, 1, "lost"), row("z", 2, 2, "succeeded")];
        (rows, ["x", "y", "z"].map(str::to_owned).to_vec())
    }

    fn check(change: impl FnOnce(&mut Vec<Row>, &mut Vec<String>), expected: &[Fault]) {
        let account = Account { moments: vec![1, 2], keeps_journal: true, tried_again: &["lost"], is_broadcast: false };
        let accounts = BTreeMap::from([("a".to_owned(), account)]);
        let (mut rows, mut journal) = good();
        change(&mut rows, &mut journal);
        let ledger = Ledger { accounts: &accounts, rows: &rows, journal: &journal };
        let mut found: Vec<Fault> = ledger.faults().iter().map(|finding| finding.fault).collect();
        found.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_broken_promise_is_found() {
        use Fault::*;
        check(|_, _| {}, &[]);
        check(|rows, _| drop(rows.remove(0)), &[Unanswered, Unknown]);
        check(|rows, _| rows.push(row("w", 1, 1, "missed")), &[AnsweredTwice]);
        check(|rows, _| rows.push(row("w", 3, 1, "missed")), &[NeverDue]);
        check(|rows, _| rows[0].job = "b".to_owned(), &[Unanswered, NeverDue]);
        check(|rows, _| rows[0].state = "assigned".to_owned(), &[Unfinished]);
        check(|rows, _| rows[0].state = "lost".to_owned(), &[WronglyTried]);
        check(|rows, _| rows[1].state = "failed".to_owned(), &[WronglyTried]);
        check(|_, journal| journal.push("x".to_owned()), &[StartedTwice]);
        check(|_, journal| journal.push("w".to_owned()), &[Unknown]);
        check(|_, journal| drop(journal.remove(0)), &[NeverStarted]);
        check(|_, journal| drop(journal.remove(1)), &[]);
        check(|rows, _| rows[0].state = "skipped".to_owned(), &[StartedAnyway]);
    }
}
