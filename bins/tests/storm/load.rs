//! The jobs: mostly calls that do nothing, some commands that write down that they started, some that take long, fail
//! or are tried again, under every policy.

use std::path::Path;

use cronbus_core::time::Timestamp;
use serde_json::{Value, json};

use crate::ledger::Account;
use crate::moments::Rule;
use crate::random::Random;

/// A job, and what the ledger has to know of it.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) name: String,
    pub(crate) rule: Rule,
    /// Whether its runs write down that they start.
    pub(crate) keeps_journal: bool,
    /// The states after which a run is tried again, once.
    pub(crate) tried_again: &'static [&'static str],
    /// The job as a document has it.
    pub(crate) document: Value,
}

impl Job {
    /// What it owes from the moment it was added to the moment it is due no more.
    pub(crate) fn account(&self, added: Timestamp, until: Timestamp) -> Account {
        Account {
            moments: self.rule.moments(added, until),
            keeps_journal: self.keeps_journal,
            tried_again: self.tried_again,
            is_broadcast: self.document["target"]["broadcast"] == true,
        }
    }
}

/// Makes jobs.
pub(crate) struct Load<'a> {
    random: &'a mut Random,
    journal: &'a Path,
    until: Timestamp,
    jobs: Vec<Job>,
}

impl<'a> Load<'a> {
    /// Jobs that are due no more from `until` on, and whose commands write to `journal`.
    pub(crate) fn new(random: &'a mut Random, journal: &'a Path, until: Timestamp) -> Self {
        Self { random, journal, until, jobs: Vec::new() }
    }

    pub(crate) fn jobs(self) -> Vec<Job> {
        self.jobs
    }

    /// Calls that do nothing.
    pub(crate) fn noops(mut self, count: usize) -> Self {
        for _ in 0..count {
            let rule = match self.random.between(0, 3) {
                0 => Rule::Seconds { first: self.random.between(0, 9), step: self.random.one_of(&[5, 7, 9, 12]) },
                _ => Rule::Every(self.random.between(2, 9)),
            };
            self.add("noop", rule, json!({ "noop": true }), &[]);
        }
        self
    }

    /// Calls that do nothing, every second.
    pub(crate) fn ticks(mut self, count: usize) -> Self {
        for _ in 0..count {
            self.add("tick", Rule::Every(1), json!({ "noop": true }), &[]);
        }
        self
    }

    /// Commands that end at once, some of them well.
    pub(crate) fn quick(mut self, count: usize) -> Self {
        for _ in 0..count {
            let (then, tried_again) = match self.random.between(0, 4) {
                0 => ("; exit 3", &["failed"][..]),
                1 => ("", &["lost"][..]),
                _ => ("", &[][..]),
            };
            let rule = Rule::Every(self.random.between(4, 9));
            let command = self.command(then);
            self.add("quick", rule, command, tried_again);
        }
        self
    }

    /// Commands that take longer than it takes until they are due again.
    pub(crate) fn slow(mut self, count: usize) -> Self {
        for _ in 0..count {
            let then = format!("; sleep {}", self.random.one_of(&["0.7", "1.3", "2.1"]));
            let tried_again = self.random.one_of(&[&[][..], &["lost"]]);
            let rule = Rule::Every(self.random.between(1, 3));
            let command = self.command(&then);
            self.add("slow", rule, command, tried_again);
        }
        self
    }

    /// Commands that end at once, on every node there is.
    pub(crate) fn broadcasts(mut self, count: usize) -> Self {
        for _ in 0..count {
            let rule = Rule::Every(self.random.between(3, 6));
            let command = self.command("");
            self.add("broadcast", rule, command, &[]);
            if let Some(job) = self.jobs.last_mut() {
                job.document["target"] = json!({ "broadcast": true });
            }
        }
        self
    }

    /// One write of less than a page to a file opened for appending: lines of several writers never mix.
    fn command(&self, then: &str) -> Value {
        json!({ "shell": format!("echo $CRONBUS_RUN_ID >> '{}'{then}", self.journal.display()) })
    }

    fn add(&mut self, kind: &str, rule: Rule, command: Value, tried_again: &'static [&'static str]) {
        let name = format!("{kind}-{}", self.jobs.len());
        let misfire = self.random.one_of(&["skip", "latest", "all"]);
        let mut document = json!({
            "name": name, "schedule": rule.text(), "command": command, "valid_until": self.until.to_string(),
            "misfire": { "policy": misfire, "max": self.random.between(1, 4) }, "queue_limit": 2,
            "overlap": self.random.one_of(&["skip", "healthy", "replace", "queue", "allow"]),
        });
        if !tried_again.is_empty() {
            document["retry"] = json!({ "max": 1, "delay": "1s", "on": tried_again });
        }
        let keeps_journal = document["command"]["noop"].is_null();
        self.jobs.push(Job { name, rule, keeps_journal, tried_again, document });
    }
}
