//! What later releases write, as far as it can be told what they may do. What earlier ones wrote is kept in
//! `bins/tests/compatibility`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::sections::Writer;
use super::*;
use crate::id::{Attempt, Epoch, JobId, NodeName, Partition, Revision, RunId, Shard, Slot};
use crate::job::{Command, Definition, Job, JobName, Params};
use crate::port::store::{Advance, Creation};
use crate::run::{Ending, Outcome, Output, Run, Usage};
use crate::time::Timestamp;
use crate::wire::{Assignment, AssignmentBatch, Control, DueBatch, Durable, Handover, Report};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_790_000_000 + seconds)
}

fn run(number: i64) -> RunId {
    RunId::submission(at(number), JobId(1), "x")
}

fn assignments() -> Message {
    let mut definition = Definition::new(JobName::new("nightly").unwrap(), Command::shell("echo {{due_at}}"));
    definition.schedule = Some("0 3 * * *".to_owned());
    let job = Arc::new(Job::added(JobId(7), Arc::new(definition), "ann", at(0)));
    let one = |number: i64| Assignment {
        run: run(number),
        handover: Handover(number),
        job: Arc::clone(&job),
        due_at: at(number),
        attempt: Attempt(2),
        shard: Shard(1),
        shards: 3,
        params: (number == 1).then(|| Arc::new(Params::from([("day".to_owned(), "2026-11-22".to_owned())]))),
        start_by: (number == 1).then(|| at(60)),
        not_before: (number == 2).then(|| at(2)),
        on_leave: false,
        secrets: None,
    };
    let from = NodeName::new("d-1.lan").unwrap();
    let assignments = vec![one(1), one(2)];
    Message::Assign(AssignmentBatch {
        from,
        from_life: at(-9),
        to_life: at(-5),
        sent_at: None,
        sequence: 4,
        assignments,
    })
}

fn controls() -> Message {
    let (reply_to, runs) = (NodeName::new("d-1.lan").unwrap(), vec![run(1), run(2)]);
    Message::Control(vec![
        Control::Acknowledge { runs: runs.clone() },
        Control::Kill { run: run(3), reason: "killed by ann".to_owned() },
        Control::Hold(true),
        Control::Inquire { runs: runs.clone(), upto: Handover(9), reply_to: reply_to.clone() },
        Control::Revoke { runs, upto: Handover(9), reply_to },
    ])
}

fn reports() -> Message {
    let outcome = Outcome {
        exit_code: Some(3),
        signal: Some(9),
        usage: Some(Usage { user_ms: 1, system_ms: 2, max_rss_bytes: 3 }),
        output: Output { bytes: 7, truncated: true },
        ..Outcome::bare(Ending::Failed, Some(at(1)), at(2), "exit code 3")
    };
    Message::Reports {
        node: NodeName::new("e-1.lan").unwrap(),
        reports: vec![
            Report::Accepted { run: run(1), handover: Handover(1) },
            Report::Refused { run: run(2), handover: Handover(2), reason: "full".to_owned(), expired: true },
            Report::Started { run: run(3), at: at(3) },
            Report::Ended { run: run(4), outcome: Arc::new(outcome) },
            Report::Unknown { run: run(5), upto: Handover(5) },
        ],
    }
}

fn due() -> Message {
    let slot = Slot::new(JobId(7), at(1));
    let runs = vec![Run::new(slot.run_id(Attempt::FIRST), JobId(7), Revision(2), at(1), at(0))];
    let (partition, epoch, watermark) = (Partition(3), Epoch(5), at(1));
    let advances = vec![Advance { partition, epoch, watermark }];
    let from = NodeName::new("s-1.lan").unwrap();
    let creation = Arc::new(Creation { runs, advances, ..Creation::default() });
    Message::Due(DueBatch { from, from_life: at(-9), sequence: 4, creation })
}

fn durable() -> Message {
    Message::Durable(Durable { to_life: at(-9), sequence: 4, fenced: vec![Partition(3)] })
}

/// Adds a field that nobody knows to every object.
fn later(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(later);
            fields.insert("later".to_owned(), json!({ "more": [1] }));
        }
        Value::Array(values) => values.iter_mut().for_each(later),
        _ => {}
    }
}

#[test]
fn fields_and_sections_of_a_later_release_are_passed_over() {
    for message in [due(), durable()] {
        let mut value = serde_json::to_value(&message).unwrap();
        later(&mut value);
        let content = [&[kind::JSON][..], value.to_string().as_bytes()].concat();
        assert_eq!(decode(&content).map(|decoded| decoded.message), Ok(message));
    }
    for message in [assignments(), controls(), reports()] {
        let mut content = encode(&message).unwrap();
        content.extend([200, 0, 0, 0, 3, 1, 2, 3]);
        assert_eq!(decode(&content).map(|decoded| decoded.message), Ok(message));
    }
}

#[test]
fn kinds_and_entries_of_a_later_release_are_refused() {
    assert!(decode(&[9, 1, 2]).unwrap_err().to_string().contains("update the node"));
    let word = [&[kind::JSON][..], br#"{"kind":"later","body":{}}"#].concat();
    assert!(decode(&word).unwrap_err().to_string().contains("later"));
    // One entry, of the number 60.
    let entries = Writer::new(kind::CONTROLS).section(1, &(1_u8, 60_u8)).unwrap().finish();
    assert!(decode(&entries).is_err());
}
