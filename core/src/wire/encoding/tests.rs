//! What is read is what was written; what was written by others is read, or refused without harm.

use std::sync::Arc;

use proptest::prelude::*;

use super::sections::Writer;
use super::*;
use crate::id::{Attempt, JobId, NodeName, RunId, Shard};
use crate::job::{Command, Definition, Job, JobName, Params, Pause};
use crate::run::{Ending, Outcome, Output, Usage};
use crate::time::Timestamp;
use crate::wire::{Assignment, AssignmentBatch, Control, Handover, Report};

fn job(id: i64, line: &str) -> Arc<Job> {
    let mut definition = Definition::new(JobName::new(&format!("job-{id}")).unwrap(), Command::shell(line));
    definition.schedule = Some("*/5 * * * *".to_owned());
    let at = Timestamp::from_millis(1_790_000_000_123);
    Arc::new(Job::added(JobId(id), Arc::new(definition), "ann", at))
}

fn assignment(job: &Arc<Job>, number: i64) -> Assignment {
    Assignment {
        run: RunId::submission(Timestamp::from_millis(number), job.id, "x"),
        handover: Handover(number),
        job: job.clone(),
        due_at: Timestamp::from_millis(number),
        attempt: Attempt(2),
        shard: Shard(1),
        shards: 3,
        params: None,
        start_by: (number % 2 == 0).then(|| Timestamp::from_millis(number + 5)),
        not_before: (number % 3 == 0).then(|| Timestamp::from_millis(number + 4)),
        on_leave: number % 5 == 0,
        secrets: None,
    }
}

fn batch(assignments: Vec<Assignment>) -> Message {
    let from = NodeName::new("d-1.lan").unwrap();
    let (from_life, to_life) = (Timestamp::from_millis(-5), Timestamp::from_millis(7));
    Message::Assign(AssignmentBatch {
        from,
        from_life,
        to_life,
        sequence: 9,
        sent_at: Some(Timestamp::from_millis(1_234)),
        assignments,
    })
}

fn round_trip(message: &Message) {
    let decoded = decode(&encode(message).unwrap()).unwrap();
    assert_eq!(decoded, Decoded { message: message.clone(), left_out: Vec::new() });
}

fn outcome(ending: Ending, number: i64) -> Arc<Outcome> {
    let at = Timestamp::from_millis(number);
    Arc::new(Outcome {
        exit_code: Some(-1),
        signal: Some(9),
        usage: Some(Usage { user_ms: 1, system_ms: u64::MAX, max_rss_bytes: 3 }),
        output: Output { bytes: 7, truncated: true },
        ..Outcome::bare(ending, Some(at), at, "because")
    })
}

proptest! {
    #[test]
    fn assignments_come_back(numbers in prop::collection::vec((any::<i32>(), 0_usize..3, 0_usize..3), 0..50)) {
        let jobs: Vec<_> = (1..=3).map(|id| job(id, "echo {{due_at}}")).collect();
        let params: Vec<_> = (1..=3).map(|n| Arc::new(Params::from([("k".to_owned(), n.to_string())]))).collect();
        let one = |(number, job, with): &(i32, usize, usize)| Assignment {
            params: params.get(*with).filter(|_| number % 3 == 0).cloned(),
            ..assignment(&jobs[*job], i64::from(*number))
        };
        round_trip(&batch(numbers.iter().map(one).collect()));
    }

    #[test]
    fn no_content_makes_it_panic(content in prop::collection::vec(any::<u8>(), 0..300), kind in 0_u8..5) {
        let mut alike = vec![kind];
        alike.extend(&content);
        drop(decode(&content));
        drop(decode(&alike));
    }

    #[test]
    fn no_damage_makes_it_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), keep in any::<prop::sample::Index>()) {
        let mut content = encode(&batch((0..5).map(|n| assignment(&job(n, "true"), n)).collect())).unwrap();
        let at = at.index(content.len());
        content[at] = byte;
        drop(decode(&content));
        content.truncate(keep.index(content.len()));
        drop(decode(&content));
    }
}

#[test]
fn controls_and_reports_come_back() {
    let run = |number| RunId::submission(Timestamp::from_millis(number), JobId(1), "x");
    let node = NodeName::new("a").unwrap();
    round_trip(&Message::Control(vec![
        Control::Acknowledge { runs: vec![run(1), run(2)] },
        Control::Kill { run: run(3), reason: "killed by ann".to_owned() },
        Control::Hold(true),
        Control::Inquire { runs: vec![run(4)], upto: Handover(i64::MAX), reply_to: node.clone() },
        Control::Begin { runs: vec![(run(6), Handover(6)), (run(7), Handover(-7))] },
        Control::Revoke { runs: vec![run(5)], upto: Handover(5), reply_to: node.clone() },
    ]));
    let endings = [Ending::Succeeded, Ending::Failed, Ending::TimedOut, Ending::Killed, Ending::Lost];
    let ended = endings.into_iter().zip(0..).map(|(e, n)| Report::Ended { run: run(n), outcome: outcome(e, n) });
    let others = [
        Report::Accepted { run: run(1), handover: Handover(1) },
        Report::Refused { run: run(2), handover: Handover(-2), reason: "full".to_owned(), expired: true },
        Report::Ready { run: run(5), handover: Handover(5) },
        Report::Started { run: run(3), at: Timestamp::from_millis(3) },
        Report::Unknown { run: run(4), upto: Handover(4) },
    ];
    round_trip(&Message::Reports { node, reports: others.into_iter().chain(ended).collect() });
}

#[test]
fn a_job_stands_once_and_paused_ones_too() {
    let shared = job(1, &"x".repeat(1000));
    let many = encode(&batch((0..100).map(|n| assignment(&shared, n)).collect())).unwrap();
    assert!(many.len() < 1000 + 100 * 60, "{} bytes", many.len());
    let pause = Pause { since: Timestamp::EPOCH, until: None, note: "n".to_owned(), by: "b".to_owned() };
    let paused = Arc::new(Job { pause: Some(pause), deleted: true, ..(*shared).clone() });
    round_trip(&batch(vec![assignment(&paused, 1)]));
}

#[test]
fn a_newer_writer_is_understood() {
    let message = Message::Control(vec![Control::Hold(false)]);
    let mut content = encode(&message).unwrap();
    content.extend([200, 0, 0, 0, 3, 1, 2, 3]);
    assert_eq!(decode(&content).unwrap().message, message);
    assert_eq!(decode(&[77, 1, 2]), Err(DecodeError::UnknownKind { kind: 77 }));
    let json = br#"{"kind":"control","body":[{"hold":true}],"later":1}"#;
    assert_eq!(decode(&[&[0], &json[..]].concat()).unwrap().message, Message::Control(vec![Control::Hold(true)]));
}

#[test]
fn a_job_that_cannot_be_read_is_left_out_and_the_rest_is_taken() {
    let (known, unknown) = (job(1, "true"), job(2, "later"));
    let mut content =
        encode(&batch(vec![assignment(&known, 1), assignment(&unknown, 2), assignment(&known, 3)])).unwrap();
    // A field that a later version may have, of the same length as one of this version.
    let at = content.windows(8).rposition(|window| window == b"schedule").unwrap();
    content[at..at + 8].copy_from_slice(b"sandbox!");
    let decoded = decode(&content).unwrap();
    let Message::Assign(batch) = decoded.message else { panic!("not assignments") };
    assert_eq!(batch.assignments.iter().map(|one| one.handover.0).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(decoded.left_out.len(), 1);
    assert!(
        decoded.left_out[0].contains("job 2") && decoded.left_out[0].contains("sandbox!"),
        "{:?}",
        decoded.left_out
    );
}

#[test]
fn sections_are_bounded_and_must_be_there() {
    let mut writer = Writer::new(kind::CONTROLS);
    for _ in 0..100 {
        writer = writer.section(9, &1_u8).unwrap();
    }
    assert!(decode(&writer.finish()).unwrap_err().to_string().contains("too many sections"));
    assert!(decode(&[kind::REPORTS]).unwrap_err().to_string().contains("missing"));
    assert!(decode(&[]).is_err());
}
