//! Assignments for one node, cut into what one message may carry: by their number, and by the length of their texts, so
//! that long commands due together are not more than a bus can take.

use cronbus_core::job::{Command, Params};
use cronbus_core::wire::Assignment;

/// How many assignments one message carries at the most.
const MOST: usize = 10_000;

/// How many bytes of texts one message carries, unless a single assignment has more.
const HEAVIEST: usize = 16 << 20;

/// The same assignments in the same order, in batches.
pub(super) fn cut(assignments: impl IntoIterator<Item = Assignment>) -> Vec<Vec<Assignment>> {
    let mut batches = Vec::new();
    let (mut batch, mut weight) = (Vec::new(), 0);
    for assignment in assignments {
        let more = weight_of(&assignment);
        if batch.len() == MOST || (weight + more > HEAVIEST && !batch.is_empty()) {
            batches.push(std::mem::take(&mut batch));
            weight = 0;
        }
        weight += more;
        batch.push(assignment);
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

/// The bytes of what can be long in an assignment.
fn weight_of(assignment: &Assignment) -> usize {
    let definition = &assignment.job.definition;
    let params = assignment.params.as_deref().map_or(0, texts);
    let command = match &definition.command {
        Command::Shell(shell) => shell.line.len() + shell.stdin.len() + texts(&shell.env),
        Command::Http(http) => http.url.len() + http.body.len() + texts(&http.headers),
        Command::Noop => 0,
    };
    command + params + texts(&definition.params) + definition.description.len()
}

fn texts(texts: &Params) -> usize {
    texts.iter().map(|(name, value)| name.len() + value.len()).sum()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cronbus_core::id::JobId;
    use cronbus_core::job::{Definition, Job, JobName};
    use cronbus_core::suite::samples;
    use cronbus_core::time::Timestamp;
    use cronbus_core::wire::Handover;

    use super::*;

    fn assignments(count: i64, bytes: usize) -> Vec<Assignment> {
        let command = Command::shell(&"x".repeat(bytes));
        let definition = Definition::new(JobName::new("a").unwrap(), command);
        let job = Arc::new(Job::added(JobId(1), Arc::new(definition), "ann", Timestamp::EPOCH));
        let one = |number| samples::assignment(&job, Timestamp::from_millis(number), Handover(number));
        (0..count).map(one).collect()
    }

    #[test]
    fn many_and_long_ones_are_cut_and_none_is_lost() {
        for (count, bytes, sizes) in [
            (0, 10, vec![]),
            (25_000, 10, vec![10_000, 10_000, 5_000]),
            (5, 6 << 20, vec![2, 2, 1]),
            (2, 20 << 20, vec![1, 1]),
        ] {
            let all = assignments(count, bytes);
            let batches = cut(all.clone());
            assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
            assert_eq!(batches.concat(), all);
        }
    }
}
