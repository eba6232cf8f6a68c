//! Promise 5, accepted means kept: a run that somebody was told of is there, and one key gives one run.

use std::collections::BTreeMap;

use super::{Evidence, Promise, Violation, violation};
use crate::history::Event;

pub(crate) fn check(evidence: &Evidence<'_>) -> Vec<Violation> {
    let mut by_key = BTreeMap::new();
    let mut found = Vec::new();
    for (_, event) in &evidence.lines {
        let Event::Promised { key, run } = event else { continue };
        if !evidence.rows.contains_key(run) {
            found.push(violation(Promise::AcceptedKept, run, "was promised and is not there"));
        }
        let first = *by_key.entry(key.clone()).or_insert(*run);
        if first != *run {
            found.push(violation(Promise::AcceptedKept, run, format!("{key} gave {first} before")));
        }
    }
    found
}
