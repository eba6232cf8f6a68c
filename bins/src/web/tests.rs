//! The web over a store in memory: every path, the token, and the problems.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::web::{Data, PayloadConfig};
use async_trait::async_trait;
use cronbus_core::id::{JobId, NodeName, RunId};
use cronbus_core::job::Job;
use cronbus_core::local::clock::VirtualClock;
use cronbus_core::local::store::MemoryStore;
use cronbus_core::port::log::{self, Chunk, Excerpt, Stream, Subject, Writer};
use cronbus_core::port::membership::{self, Availability};
use cronbus_core::port::operations::{ActorStatus, Health, JobStatus, NodeStatus, Request, Shutdown};
use cronbus_core::port::store::{self, Submission, Submitted, Write};
use cronbus_core::port::{Clock, Log, Operations, Store};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::configurations::{Configurations, Unknown};
use super::openapi::Description;
use super::site::Site;
use super::view::SettingView;
use super::{auth, problem, routes};
use crate::token::Token;

const TOKEN: &str = "the token of the tests";
const NOW: Timestamp = Timestamp::from_seconds(1_795_338_000);
const LARGEST_BODY: usize = 64 << 10;

/// Writes to the store, and executes nothing.
#[derive(Debug)]
struct Idle {
    store: Arc<MemoryStore>,
    ready: bool,
}

#[async_trait]
impl Operations for Idle {
    async fn write_jobs(&self, writes: Vec<Write>, by: &str) -> store::Result<Vec<Arc<Job>>> {
        store::Jobs::write_jobs(&*self.store, &writes, by, NOW).await
    }

    async fn submit(&self, request: Request) -> store::Result<Submitted> {
        let nonce = request.idempotency_key.clone().unwrap_or_default();
        let id = RunId::submission(NOW, request.job.id, &nonce);
        let run = Run { trigger: request.trigger, ..Run::new(id, request.job.id, request.job.revision, NOW, NOW) };
        let submission = Submission { run, idempotency_key: request.idempotency_key };
        store::Runs::submit(&*self.store, &submission).await
    }

    async fn kill(&self, _: RunId, _: &str) -> store::Result<bool> {
        Ok(true)
    }

    async fn hold(&self, _: bool) {}

    async fn set_state(&self, node: &NodeName, _: Availability) -> Result<bool, membership::Error> {
        Ok(node.as_str() == "a")
    }

    async fn members(&self) -> Vec<NodeStatus> {
        Vec::new()
    }

    async fn job_status(&self, _: JobId) -> store::Result<JobStatus> {
        Ok(JobStatus::default())
    }

    async fn health(&self) -> Health {
        Health { ready: self.ready, node: NodeName::new("a").unwrap(), parts: BTreeMap::new() }
    }

    fn actors(&self) -> Vec<ActorStatus> {
        Vec::new()
    }

    async fn shut_down(&self, _: Duration) -> Shutdown {
        Shutdown { finished: 0, killed: 0 }
    }
}

/// The configuration of the node `a`, and nobody else's.
#[derive(Debug)]
struct OneNode;

#[async_trait]
impl Configurations for OneNode {
    async fn of(&self, node: &NodeName) -> Result<Vec<SettingView>, Unknown> {
        let text = |text: &str| text.to_owned();
        match node.as_str() {
            "a" => Ok(vec![SettingView { key: text("web.listen"), value: text("\"x\""), source: text("flag") }]),
            _ => Err(Unknown::Unreachable { reason: text("it is away") }),
        }
    }
}

/// One log for all runs.
#[derive(Debug, Default)]
struct OneLog(Mutex<Vec<Chunk>>);

#[async_trait]
impl Log for OneLog {
    async fn open(&self, subject: &Subject) -> Result<Box<dyn Writer>, log::Error> {
        Err(log::Error::NotFound { run: subject.run })
    }

    async fn read(&self, _: &Subject, from: u64, _: usize) -> Result<Excerpt, log::Error> {
        let chunks: Vec<_> = self.0.lock().unwrap().iter().filter(|chunk| chunk.sequence >= from).cloned().collect();
        Ok(Excerpt { next: from + chunks.len() as u64, complete: true, chunks, lack: None })
    }

    async fn wait(&self, _: &Subject, _: u64) {}

    async fn prune(&self, _: Timestamp) -> Result<u64, log::Error> {
        Ok(0)
    }
}

fn site(ready: bool) -> Site {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::new(NOW));
    let store = Arc::new(MemoryStore::default());
    let chunk = |sequence, bytes: &[u8]| Chunk { sequence, at: NOW, stream: Stream::Stdout, bytes: bytes.to_vec() };
    let log = OneLog(Mutex::new(vec![chunk(0, b"one\n"), chunk(1, b"\xff")]));
    let operations = Idle { store: Arc::clone(&store), ready };
    let store: Arc<dyn Store> = store;
    Site::new(Arc::new(operations), store, Arc::new(log), Arc::new(OneNode), clock, Token::from_text(TOKEN))
}

/// What came back.
struct Answer {
    status: StatusCode,
    kind: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The problem document that it must be.
    fn problem(&self) -> Value {
        assert_eq!(self.kind, "application/problem+json", "{} {}", self.status, self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert!(problem["type"].is_string() && problem["title"].is_string(), "{problem}");
        problem
    }
}

/// Asks with these headers.
async fn ask(site: &Site, request: TestRequest) -> Answer {
    let app = App::new()
        .app_data(Data::new(site.clone()))
        .app_data(PayloadConfig::new(LARGEST_BODY))
        .configure(routes::configure)
        .wrap(from_fn(auth::require_token))
        .wrap(from_fn(problem::every_error_as_problem));
    let app = init_service(app).await;
    let response = match try_call_service(&app, request.to_request()).await {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let status = response.status();
    let body = to_bytes(response.into_body()).await.unwrap().to_vec();
    Answer { status, kind: kind.unwrap_or_default(), body }
}

/// A request that shows the token.
fn request(method: Method, uri: &str) -> TestRequest {
    TestRequest::default().method(method).uri(uri).insert_header(("Authorization", format!("Bearer {TOKEN}")))
}

async fn get(site: &Site, uri: &str) -> Answer {
    ask(site, request(Method::GET, uri)).await
}

async fn send(site: &Site, method: Method, uri: &str, body: Value) -> Answer {
    ask(site, request(method, uri).set_json(body)).await
}

fn noop(name: &str) -> Value {
    json!({ "name": name, "command": { "noop": true } })
}

/// Every path and method that the description names, with names that exist nowhere.
fn operations() -> Vec<(Method, String)> {
    let description = serde_json::to_value(Description::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        let path = path.replace("{job}", "nobody%2Fs").replace("{id}", &RunId::floor(NOW).to_string());
        for method in methods.as_object().unwrap().keys() {
            operations.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    operations
}

#[actix_web::test]
async fn nothing_but_health_answers_without_the_token() {
    let site = site(true);
    let mut paths = operations();
    paths.extend(["/", "/api/docs/", "/api/v1/openapi.json", "/nothing"].map(|path| (Method::GET, path.to_owned())));
    for (method, path) in paths {
        for authorization in [None, Some("Bearer wrong"), Some("Basic Og=="), Some("x")] {
            let mut request = TestRequest::default().method(method.clone()).uri(&path);
            if let Some(value) = authorization {
                request = request.insert_header(("Authorization", value));
            }
            let answer = ask(&site, request).await;
            if matches!(path.as_str(), "/healthz" | "/readyz") {
                assert_eq!(answer.status, StatusCode::OK, "{path}");
            } else {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
                answer.problem();
            }
        }
    }
}

#[actix_web::test]
async fn every_described_path_is_there_and_no_other_method() {
    let site = site(true);
    for (method, path) in operations() {
        let answer = ask(&site, request(method.clone(), &path)).await;
        let is_missing_path = answer.text().contains("there is nothing at");
        assert!(!is_missing_path && answer.status != StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        let answer = ask(&site, request(Method::PATCH, &path)).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        answer.problem();
    }
    assert_eq!(get(&site, "/nothing").await.problem()["status"], 404);
    assert!(get(&site, "/").await.text().contains("cronbus"));
    assert!(get(&site, "/api/docs/").await.text().contains("swagger"));
}

#[actix_web::test]
async fn readiness_tells_its_parts_only_to_who_shows_the_token() {
    for (ready, status) in [(true, StatusCode::OK), (false, StatusCode::SERVICE_UNAVAILABLE)] {
        let site = site(ready);
        let stranger = ask(&site, TestRequest::with_uri("/readyz")).await;
        assert_eq!((stranger.status, stranger.json()), (status, json!({ "ready": ready })));
        assert!(get(&site, "/readyz").await.json()["parts"].is_object());
    }
}

#[actix_web::test]
async fn a_job_lives_from_being_added_to_being_deleted() {
    let site = site(true);
    let added = send(&site, Method::POST, "/api/v1/jobs", noop("nightly/report")).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    let path = "/api/v1/jobs/nightly%2Freport";
    let mut job = get(&site, path).await.json();
    assert_eq!((&job["id"], &job["revision"]), (&json!(1), &json!(1)));
    assert_eq!(get(&site, "/api/v1/jobs/1").await.json(), job);

    job["priority"] = json!(7);
    assert_eq!(send(&site, Method::PUT, path, job.clone()).await.json()["revision"], 2);
    let stale = send(&site, Method::PUT, path, job).await;
    assert_eq!((stale.status, stale.problem()["field"].clone()), (StatusCode::PRECONDITION_FAILED, json!("revision")));

    let paused = send(&site, Method::POST, &format!("{path}/pause"), json!({ "note": "holiday" })).await.json();
    assert_eq!((&paused["pause"]["note"], &paused["active"]), (&json!("holiday"), &json!(false)));
    assert_eq!(send(&site, Method::POST, &format!("{path}/resume"), json!({})).await.json()["pause"], Value::Null);
    assert_eq!(get(&site, &format!("{path}/revisions")).await.json()["items"].as_array().unwrap().len(), 2);

    let gone = ask(&site, request(Method::DELETE, path)).await;
    assert_eq!((gone.status, gone.body.len()), (StatusCode::NO_CONTENT, 0));
    assert_eq!(get(&site, path).await.problem()["field"], "job");
}

#[actix_web::test]
async fn the_same_key_gives_the_same_run() {
    let site = site(true);
    send(&site, Method::POST, "/api/v1/jobs", noop("a")).await;
    let body = json!({ "idempotency_key": "k" });
    let first = send(&site, Method::POST, "/api/v1/jobs/a/run", body.clone()).await;
    let second = send(&site, Method::POST, "/api/v1/jobs/a/run", body).await;
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::OK));
    assert_eq!(first.json()["run_id"], second.json()["run_id"]);
    let id = first.json()["run_id"].as_str().unwrap().to_owned();
    let run = get(&site, &format!("/api/v1/runs/{id}")).await.json();
    assert_eq!((&run["job"], &run["state"], &run["code"]), (&json!("a"), &json!("created"), &json!(10000)));
    assert_eq!(get(&site, "/api/v1/runs?job=a&state=created").await.json()["items"][0], run);
    assert_eq!(get(&site, "/api/v1/jobs/a/history?state=failed").await.json()["items"], json!([]));
}

#[actix_web::test]
async fn logs_come_as_json_text_and_events() {
    let site = site(true);
    send(&site, Method::POST, "/api/v1/jobs", noop("a")).await;
    let run = send(&site, Method::POST, "/api/v1/jobs/a/run", json!({})).await.json();
    let path = format!("/api/v1/runs/{}/log", run["run_id"].as_str().unwrap());
    let log = get(&site, &path).await.json();
    assert_eq!((&log["items"][0]["text"], &log["items"][1]["base64"]), (&json!("one\n"), &json!("/w==")));
    let text = ask(&site, request(Method::GET, &path).insert_header(("Accept", "text/plain"))).await;
    assert_eq!(text.body, b"one\n\xff");
    assert_eq!(get(&site, &format!("{path}?from=x")).await.problem()["field"], "from");
    let events = request(Method::GET, &format!("{path}?follow=true")).insert_header(("Last-Event-ID", "last"));
    assert_eq!(ask(&site, events).await.problem()["field"], "Last-Event-ID");
}

#[actix_web::test]
async fn the_configuration_of_a_node_is_shown_with_its_sources() {
    let site = site(true);
    let setting = json!({ "key": "web.listen", "value": "\"x\"", "source": "flag" });
    assert_eq!(get(&site, "/api/v1/nodes/a/config").await.json(), json!({ "items": [setting], "next": null }));
    let other = get(&site, "/api/v1/nodes/b/config").await;
    assert_eq!((other.status, &other.problem()["field"]), (StatusCode::NOT_FOUND, &json!("node")));
}

#[actix_web::test]
async fn a_document_is_applied_once_and_comes_back() {
    let site = site(true);
    let document = "[[job]]\nname = \"a\"\nschedule = \"@hourly\"\n\n[job.command]\nshell = \"true\"\n";
    let apply = |query: &str, text: &str| {
        let uri = format!("/api/v1/apply?{query}");
        request(Method::POST, &uri).insert_header(("Content-Type", "application/toml")).set_payload(text.to_owned())
    };
    let plan = ask(&site, apply("dry_run=true", document)).await.json();
    assert_eq!((&plan["applied"], &plan["add"]), (&json!(false), &json!(["a"])));
    assert_eq!(get(&site, "/api/v1/jobs").await.json()["items"], json!([]));
    assert_eq!(ask(&site, apply("", document)).await.json()["add"], json!(["a"]));
    assert_eq!(ask(&site, apply("", document)).await.json()["unchanged"], 1);
    assert_eq!(get(&site, "/api/v1/export").await.text(), document);
    let pruned = ask(&site, apply("prune=true", &document.replace("\"a\"", "\"b\""))).await.json();
    assert_eq!((&pruned["add"], &pruned["remove"]), (&json!(["b"]), &json!(["a"])));

    let wrong = ask(&site, apply("", "[[job]]\nname = \"a\"\ncommand = { noop = true }\npriority = 70\n")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.problem()["field"].as_str().unwrap().ends_with("priority"), "{}", wrong.text());
    let other = ask(&site, request(Method::POST, "/api/v1/apply").insert_header(("Content-Type", "image/png"))).await;
    assert_eq!(
        (other.status, other.problem()["field"].clone()),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, json!("Content-Type"))
    );
}

#[actix_web::test]
async fn what_is_wrong_is_a_problem_that_names_the_field() {
    let site = site(true);
    for (uri, field) in [
        ("/api/v1/runs?state=done", "state"),
        ("/api/v1/runs?limit=100000", "limit"),
        ("/api/v1/runs?from=yesterday", "from"),
        ("/api/v1/runs?cursor=x", "cursor"),
        ("/api/v1/runs?colour=red", "colour"),
        ("/api/v1/runs?trigger=x", "trigger"),
        ("/api/v1/runs?job=nobody", "job"),
        ("/api/v1/jobs?active=perhaps", "active"),
        ("/api/v1/runs/x", "id"),
        ("/api/v1/nodes?x=1", "x"),
        ("/api/v1/schedule/preview", "expression"),
        ("/api/v1/schedule/preview?expression=nonsense", "expression"),
        ("/api/v1/schedule/preview?expression=@daily&timezone=Mars", "timezone"),
        ("/api/v1/schedule/preview?expression=@daily&count=0", "count"),
        ("/api/v1/export?format=xml", "format"),
    ] {
        let answer = get(&site, uri).await;
        assert!(answer.status.is_client_error(), "{uri}");
        assert_eq!(answer.problem()["field"], field, "{uri}");
    }
    let mut bad = noop("a");
    bad["schedule"] = json!("61 * * * *");
    let refused = send(&site, Method::POST, "/api/v1/jobs", bad).await;
    assert_eq!((refused.status.as_u16(), refused.problem()["field"].clone()), (422, json!("schedule")));
}

#[actix_web::test]
async fn bodies_are_bounded_and_paths_are_decoded_safely() {
    let site = site(true);
    let large = request(Method::POST, "/api/v1/jobs").set_payload(vec![b' '; LARGEST_BODY + 1]);
    let answer = ask(&site, large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.problem()["detail"].as_str().unwrap().contains("web.max_body"));
    for path in ["/api/v1/jobs/%ff", "/api/v1/jobs/%00", "/api/v1/jobs/..%2f..%2fetc", "/api/v1/jobs/%25"] {
        let answer = get(&site, path).await;
        assert!(answer.status.is_client_error(), "{path}");
        answer.problem();
    }
}

#[actix_web::test]
async fn a_preview_shows_the_offset_of_the_zone() {
    let site = site(true);
    let uri = "/api/v1/schedule/preview?expression=30%202%20*%20*%20*&timezone=Europe%2FBerlin\
               &from=2026-03-28T12:00:00Z&count=1";
    let answer = get(&site, uri).await.json();
    assert_eq!(answer["next"], json!(["2026-03-29T03:00:00+02:00"]));
    assert_eq!(answer["moved"][0]["how"], "after_gap");
}

#[actix_web::test]
async fn garbage_is_answered() {
    let site = site(true);
    for body in ["", "{", "[]", "null", "\u{0}", "{\"name\":1}", &"[".repeat(10_000)] {
        for path in ["/api/v1/jobs", "/api/v1/apply", "/api/v1/executor/hold"] {
            let request = request(Method::POST, path).insert_header(("Content-Type", "application/json"));
            let answer = ask(&site, request.set_payload(body.to_owned())).await;
            assert!(answer.status.as_u16() < 500, "{path} {body}: {}", answer.text());
        }
    }
}
