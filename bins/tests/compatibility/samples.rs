//! What is recorded of messages: at least one of each kind, with every field and every word.
//!
//! A field or a kind that comes makes this fail to compile, so that the next recording has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use cronbus_core::alert::{Event, EventKind, JobFacts, Subject};
use cronbus_core::id::{Attempt, Epoch, JobId, NodeName, Partition, Revision, RunId, Shard, Slot};
use cronbus_core::job::{Command, Definition, Job, JobName, Params, Pause};
use cronbus_core::port::health::Service;
use cronbus_core::port::membership::{Availability, Member, Role};
use cronbus_core::port::store::{Advance, Creation};
use cronbus_core::run::{Ending, Outcome, Output, Run, State, Trigger, Usage};
use cronbus_core::time::Timestamp;
use cronbus_core::wire::signing::{Key, Keyring, Stamp};
use cronbus_core::wire::submission::{Answer, Code, Fault};
use cronbus_core::wire::{
    Assignment, AssignmentBatch, Control, DueBatch, Durable, Handed, Handover, Message, Report, Request,
};
use serde_json::{Value, json};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_790_000_000 + seconds)
}

fn run(number: i64) -> RunId {
    RunId::submission(at(number), JobId(1), "x")
}

fn node(name: &str) -> NodeName {
    NodeName::new(name).unwrap()
}

/// All messages between nodes.
pub(crate) fn messages() -> Vec<(&'static str, Message)> {
    let (leave_asked, leave_given) = leave();
    vec![
        ("assignments", assign(None, |_| ())),
        ("assignments-sent-at", assign(Some(at(0)), |_| ())),
        ("assignments-on-leave", assign(None, |both| both[1].on_leave = true)),
        ("assignments-paused", assign(None, |both| both[0].job = paused())),
        ("assignments-secrets", assign(None, give_secrets)),
        ("leave-asked", leave_asked),
        ("leave-given", leave_given),
        ("controls", controls()),
        ("reports", reports()),
        ("reports-endings", endings()),
        ("due", due()),
        ("due-words", due_words()),
        ("durable", Message::Durable(Durable { to_life: at(-9), sequence: 4, fenced: vec![Partition(3)] })),
        ("requests", requests()),
    ]
}

fn job() -> Job {
    let mut definition = Definition::new(JobName::new("nightly").unwrap(), Command::shell("echo {{due_at}}"));
    definition.schedule = Some("0 3 * * *".to_owned());
    Job::added(JobId(7), Arc::new(definition), "ann", at(0))
}

fn paused() -> Arc<Job> {
    let pause = Pause { since: at(1), until: Some(at(2)), note: "holidays".to_owned(), by: "ann".to_owned() };
    Arc::new(Job { pause: Some(pause), deleted: true, ..job() })
}

fn give_secrets(both: &mut [Assignment]) {
    both[0].secrets = Some(Arc::new(Handed::Sealed("v1.00000000.AAAA".to_owned())));
    both[1].secrets = Some(Arc::new(Handed::Lacking("there is no secret `key`".to_owned())));
}

fn assign(sent_at: Option<Timestamp>, change: impl Fn(&mut [Assignment])) -> Message {
    let job = Arc::new(job());
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
    let mut assignments = vec![one(1), one(2)];
    change(&mut assignments);
    let (from_life, to_life) = (at(-9), at(-5));
    Message::Assign(AssignmentBatch { from: node("d-1.lan"), from_life, to_life, sent_at, sequence: 4, assignments })
}

fn leave() -> (Message, Message) {
    let reports = vec![Report::Ready { run: run(1), handover: Handover(1) }];
    let runs = vec![(run(1), Handover(1)), (run(2), Handover(2))];
    (Message::Reports { node: node("e-1.lan"), reports }, Message::Control(vec![Control::Begin { runs }]))
}

fn controls() -> Message {
    let (reply_to, runs) = (node("d-1.lan"), vec![run(1), run(2)]);
    Message::Control(vec![
        Control::Acknowledge { runs: runs.clone() },
        Control::Kill { run: run(3), reason: "killed by ann".to_owned() },
        Control::Hold(true),
        Control::Inquire { runs: runs.clone(), upto: Handover(9), reply_to: reply_to.clone() },
        Control::Revoke { runs, upto: Handover(9), reply_to },
    ])
}

fn outcome(ending: Ending) -> Arc<Outcome> {
    Arc::new(Outcome {
        exit_code: Some(3),
        signal: Some(9),
        usage: Some(Usage { user_ms: 1, system_ms: 2, max_rss_bytes: 3 }),
        output: Output { bytes: 7, truncated: true },
        ..Outcome::bare(ending, Some(at(1)), at(2), "exit code 3")
    })
}

fn reports() -> Message {
    Message::Reports {
        node: node("e-1.lan"),
        reports: vec![
            Report::Accepted { run: run(1), handover: Handover(1) },
            Report::Refused { run: run(2), handover: Handover(2), reason: "full".to_owned(), expired: true },
            Report::Started { run: run(3), at: at(3) },
            Report::Ended { run: run(4), outcome: outcome(Ending::Failed) },
            Report::Unknown { run: run(5), upto: Handover(5) },
        ],
    }
}

fn endings() -> Message {
    let all = [Ending::Succeeded, Ending::Failed, Ending::TimedOut, Ending::Killed, Ending::Lost];
    let ended = all.map(|ending| Report::Ended { run: run(4), outcome: outcome(ending) });
    Message::Reports { node: node("e-1.lan"), reports: ended.to_vec() }
}

fn planned(runs: Vec<Run>) -> Message {
    let (partition, epoch, watermark) = (Partition(3), Epoch(5), at(1));
    let advances = vec![Advance { partition, epoch, watermark }];
    let creation = Arc::new(Creation { runs, advances, ..Creation::default() });
    Message::Due(DueBatch { from: node("s-1.lan"), from_life: at(-9), sequence: 4, creation })
}

fn new_run() -> Run {
    let slot = Slot::new(JobId(7), at(1));
    Run::new(slot.run_id(Attempt::FIRST), JobId(7), Revision(2), at(1), at(0))
}

fn due() -> Message {
    planned(vec![new_run()])
}

/// Rows with every word that a row may have, and every field.
fn due_words() -> Message {
    let states = State::ALL.map(|state| Run { state, ..new_run() });
    let triggers = [Trigger::Schedule, Trigger::Manual, Trigger::Adhoc, Trigger::Retry];
    let triggers = triggers.map(|trigger| Run { trigger, ..new_run() });
    let full = Run {
        params: Some(Arc::new(Params::from([("day".to_owned(), "2026-11-22".to_owned())]))),
        node: Some(node("e-1.lan")),
        started_at: Some(at(2)),
        ended_at: Some(at(3)),
        exit_code: Some(3),
        signal: Some(9),
        reason: "exit code 3".to_owned(),
        usage: Some(Usage { user_ms: 1, system_ms: 2, max_rss_bytes: 3 }),
        output: Output { bytes: 7, truncated: true },
        note: "it ended after all".to_owned(),
        ..new_run()
    };
    planned(states.into_iter().chain(triggers).chain([full]).collect())
}

fn requests() -> Message {
    let take_up = Request::TakeUp { runs: vec![run(1)], partition: Partition(3) };
    Message::Requests(vec![take_up, Request::Kill { run: run(2), reason: "killed by ann".to_owned() }])
}

/// Add what comes to the samples above, too.
#[allow(dead_code, reason = "it has to compile")]
const fn every_kind_has_a_sample(message: &Message, control: &Control, report: &Report, request: &Request) {
    match message {
        Message::Assign(_) | Message::Control(_) | Message::Reports { .. } => {}
        Message::Due(_) | Message::Durable(_) | Message::Requests(_) => {}
    }
    match control {
        Control::Acknowledge { .. } | Control::Kill { .. } | Control::Hold(_) => {}
        Control::Begin { .. } | Control::Revoke { .. } | Control::Inquire { .. } => {}
    }
    match report {
        Report::Accepted { .. } | Report::Refused { .. } | Report::Ready { .. } => {}
        Report::Started { .. } | Report::Ended { .. } | Report::Unknown { .. } => {}
    }
    match request {
        Request::TakeUp { .. } | Request::Kill { .. } => {}
    }
}

/// What a node says of itself in the register.
pub(crate) fn member() -> Member {
    Member {
        name: node("e-1.lan"),
        address: "https://127.0.0.2:7373".to_owned(),
        health_address: "http://127.0.0.2:7374".to_owned(),
        roles: Role::ALL.to_vec(),
        groups: vec!["php".to_owned()],
        labels: BTreeMap::from([("rack".to_owned(), "r7".to_owned())]),
        version: "0.1.0".to_owned(),
        pid: 4711,
        capacity: 16,
        state: Availability::Draining,
        started_at: at(0),
        waits_for_leave: true,
        leased_at: Some(at(1)),
    }
}

/// What anybody may subscribe to: one of each kind, and of each subject.
pub(crate) fn events() -> Vec<Event> {
    let facts = JobFacts {
        id: JobId(7),
        name: JobName::new("nightly").unwrap(),
        group: Some("php".to_owned()),
        labels: BTreeMap::from([("team".to_owned(), "ops".to_owned())]),
        alerts: vec!["ops-mail".to_owned()],
    };
    let of_job = |kind| Event::of_run(kind, Subject::Job(facts.clone()), at(1), run(1));
    let full = Event {
        attempt: Some(2),
        node: Some(node("e-1.lan")),
        exit_code: Some(3),
        ..of_job(EventKind::Failed).because("exit code 3")
    };
    let subjects = [
        Subject::Node { node: node("e-1.lan") },
        Subject::Service { node: node("e-1.lan"), service: Service::Database },
        Subject::Messages { node: node("e-1.lan") },
    ];
    let others = subjects.map(|subject| Event::new(EventKind::NodeLost, subject, at(1)));
    EventKind::ALL.map(of_job).into_iter().chain([full]).chain(others).collect()
}

/// What clients that submit are answered.
pub(crate) fn answers() -> Vec<Answer> {
    let codes = [Code::Invalid, Code::NotFound, Code::Unavailable, Code::Forbidden, Code::Conflict];
    let refused = codes.map(|code| Answer::Refused { error: Fault::new(code, "there is none", Some("job")) });
    [Answer::Accepted { run_id: run(1), created: true }].into_iter().chain(refused).collect()
}

/// What clients submit.
pub(crate) fn submissions() -> [Value; 4] {
    [
        json!({ "job": "nightly" }),
        json!({ "job": "nightly", "params": { "day": "2026-11-22" }, "idempotency_key": "once" }),
        json!({ "command": { "shell": "backup.sh", "env": { "A": "1" } }, "target": { "group": "php" }, "timeout": "5m" }),
        json!({ "command": { "http": { "url": "https://example.org/" } }, "overlap": "skip", "priority": 7 }),
    ]
}

/// The keys of a cluster that has this one.
pub(crate) fn keyring(key: &[u8; 32]) -> Keyring {
    Keyring::of(Key::new(key))
}

/// A message under seal, and what is in it.
pub(crate) fn sealed(key: &[u8; 32]) -> Value {
    let (subject, content) = ("cronbus.v1.control.e-1~lan", b"content");
    let (life, expires_at) = (at(-9), at(900));
    let stamp = Stamp { sender: node("d-1.lan"), life, sequence: 4, expires_at, part: 0, parts: 2 };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let message = keyring(key).seal(subject, &stamp, content);
    json!({ "subject": subject, "content": hex(content), "message": hex(&message) })
}
