//! Promise 3, started at most once per attempt, and promise 6, nothing is started without its row.

use std::collections::BTreeMap;

use super::{Evidence, Promise, Violation, violation};
use crate::history::Event;

pub(crate) fn check(evidence: &Evidence<'_>) -> Vec<Violation> {
    let mut starts = BTreeMap::new();
    let mut found = Vec::new();
    for (_, event) in &evidence.lines {
        let Event::Started { life, run, has_row, .. } = event else { continue };
        if let Some(first) = starts.insert(*run, life.clone()) {
            let what = format!("started on {first:?} and again on {life:?}");
            found.push(violation(Promise::StartedOnce, run, what));
        }
        if !has_row {
            found.push(violation(Promise::NoCommitNoDispatch, run, "started without a row"));
        }
    }
    found
}
