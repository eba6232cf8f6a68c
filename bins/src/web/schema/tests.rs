//! What OpenAPI says and what is really sent or read have the same fields.

use std::collections::BTreeSet;
use std::sync::Arc;

use cronbus_core::dispatch::WaitingFor;
use cronbus_core::document::FieldChange;
use cronbus_core::id::{JobId, NodeName, Revision, RunId};
use cronbus_core::job::command::{Command, Http};
use cronbus_core::job::{Definition, Job, JobName, Misfire, Pause, Retry};
use cronbus_core::port::log::{Chunk, Stream};
use cronbus_core::port::membership::{Availability, Member};
use cronbus_core::port::operations::{Health, JobStatus, NodeStatus, PartHealth};
use cronbus_core::run::{Output, Run, Usage};
use cronbus_core::schedule::{Dst, Fold, Gap};
use cronbus_core::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::web::openapi::Description;
use crate::web::view::{
    ChangeView, ChunkView, JobView, KilledView, Listing, LogView, NodesView, PlanView, RunView, SettingView,
    SubmittedView,
};

type Names = BTreeSet<String>;

fn description() -> Value {
    serde_json::to_value(Description::openapi()).unwrap()
}

/// The fields that a schema describes, those it takes over from others included.
fn described(schema: &str) -> Names {
    let description = description();
    let mut names = Names::new();
    let mut queue = vec![description["components"]["schemas"][schema].clone()];
    assert!(queue[0].is_object(), "there is no schema {schema}");
    while let Some(part) = queue.pop() {
        names.extend(part["properties"].as_object().into_iter().flat_map(|fields| fields.keys().cloned()));
        queue.extend(part["allOf"].as_array().cloned().into_iter().flatten());
        if let Some(name) = part["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            queue.push(description["components"]["schemas"][name].clone());
        }
    }
    names
}

fn sent<T: Serialize>(value: &T) -> Names {
    serde_json::to_value(value).unwrap().as_object().unwrap().keys().cloned().collect()
}

/// The fields that a type reads, as it tells them itself to whoever writes another.
fn read<T: DeserializeOwned>() -> Names {
    let Err(error) = serde_json::from_value::<T>(json!({ "no such field": 1 })) else { panic!("it reads anything") };
    let message = error.to_string();
    let (_, expected) = message.split_once("expected").unwrap();
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn job() -> Job {
    let definition = Definition::new(JobName::new("a").unwrap(), Command::Noop);
    let at = Timestamp::from_seconds(1);
    let pause =
        Pause { since: at, until: Some(at + std::time::Duration::from_secs(9)), note: "x".into(), by: "ann".into() };
    Job { pause: Some(pause), deleted: true, ..Job::added(JobId(1), Arc::new(definition), "ann", at) }
}

fn run() -> RunView {
    let at = Timestamp::from_seconds(1);
    let mut run = Run::new(RunId::floor(at), JobId(1), Revision(1), at, at);
    run.params = Some(Arc::default());
    run.usage = Some(Usage::default());
    run.note = "x".into();
    let waiting_for = Some(WaitingFor::another(run.id));
    RunView { waiting_for, ..RunView::new(run, "a".to_owned()) }
}

#[test]
fn what_is_read_is_described() {
    for (schema, fields) in [
        ("JobDefinition", read::<Definition>()),
        ("Dst", read::<Dst>()),
        ("Misfire", read::<Misfire>()),
        ("Retry", read::<Retry>()),
        ("Http", read::<Http>()),
    ] {
        assert_eq!(described(schema), fields, "{schema}");
    }
    let dst = Dst { gap: Some(Gap::Skip), fold: Some(Fold::Once) };
    assert_eq!(described("Dst"), sent(&dst));
}

#[test]
fn the_parts_of_a_command_and_a_target_are_read() {
    let fields = |schema: &str| described(schema).into_iter().collect::<Vec<_>>();
    assert_eq!(fields("JobCommand"), ["cwd", "env", "http", "noop", "shell", "stdin", "user"]);
    let shell = json!({ "shell": "a", "cwd": "/", "env": { "A": "1" }, "stdin": "x", "user": "u" });
    serde_json::from_value::<Command>(shell).unwrap();
    assert_eq!(fields("Target"), ["broadcast", "group", "labels", "node"]);
}

#[test]
fn what_is_sent_is_described() {
    let job = job();
    let at = Timestamp::from_seconds(2);
    let mut view = JobView::new(&job, at, None);
    view.status = Some(JobStatus::default());
    view.no_node = Some("x".to_owned());
    let mut fields = sent(&view);
    fields.extend(read::<Definition>());
    assert_eq!(described("JobDocument"), fields);

    assert_eq!(described("JobPause"), sent(&job.pause));
    assert_eq!(described("Status"), sent(&JobStatus::default()));
    assert_eq!(described("Run"), sent(&run()));
    assert_eq!(described("WaitingFor"), sent(&run().waiting_for));
    assert_eq!(described("Usage"), sent(&Usage::default()));
    assert_eq!(described("Output"), sent(&Output::default()));
    assert_eq!(described("Killed"), sent(&KilledView { killed: true }));
    let submitted = SubmittedView { run_id: run().id, created: true, run: run() };
    assert_eq!(described("Submitted"), sent(&submitted));
    assert_eq!(described("RunListing"), sent(&Listing::<u8> { items: vec![], next: None }));
}

#[test]
fn logs_plans_and_nodes_are_described() {
    assert_eq!(described("Log"), sent(&LogView { items: vec![], next: 0, complete: true, lack: None }));
    let chunk = Chunk { sequence: 0, at: Timestamp::EPOCH, stream: Stream::Stdout, bytes: vec![255] };
    let mut view = ChunkView::from(chunk);
    view.text = Some(String::new());
    assert_eq!(described("LogChunk"), sent(&view));

    let setting = SettingView { key: String::new(), value: String::new(), source: String::new() };
    assert_eq!(described("Setting"), sent(&setting));
    assert_eq!(described("SettingListing"), sent(&Listing::<u8> { items: vec![], next: None }));

    let field = FieldChange { field: String::new(), from: Value::Null, to: Value::Null };
    assert_eq!(described("PlannedField"), sent(&field));
    let change = ChangeView { name: String::new(), fields: vec![] };
    assert_eq!(described("PlannedChange"), sent(&change));
    let plan = PlanView { applied: true, add: vec![], change: vec![], remove: vec![], unchanged: 0 };
    assert_eq!(described("Plan"), sent(&plan));

    let part = PartHealth { since: Some(Timestamp::EPOCH), ..PartHealth::well("") };
    assert_eq!(described("PartState"), sent(&part));
    let name = NodeName::new("a").unwrap();
    let health = Health { ready: true, node: name.clone(), parts: [("database".to_owned(), part)].into() };
    assert_eq!(described("Readiness"), sent(&health));
    let member = Member {
        name,
        address: String::new(),
        health_address: String::new(),
        roles: vec![],
        groups: vec![],
        labels: [].into(),
        version: String::new(),
        pid: 1,
        capacity: 1,
        state: Availability::Active,
        started_at: Timestamp::EPOCH,
        waits_for_leave: true,
        leased_at: Some(Timestamp::EPOCH),
    };
    assert_eq!(described("NodeListing"), sent(&NodesView { items: vec![], next: None, lacking: vec![] }));
    assert_eq!(described("Node"), sent(&NodeStatus { member, running: 0 }));
}

#[test]
fn every_reference_leads_somewhere() {
    let description = description();
    assert_eq!(description["openapi"], "3.1.0");
    let text = description.to_string();
    for path in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(description.pointer(path).is_some(), "{path}");
    }
}
