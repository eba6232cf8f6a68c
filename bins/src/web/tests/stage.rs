//! A site over a store in memory, and how it is asked. Nothing is executed here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::web::{Data, PayloadConfig};
use async_trait::async_trait;
use cronbus_core::alert::{ChannelName, Message};
use cronbus_core::audit::{Action, Object, ObjectKind, Trail};
use cronbus_core::id::{JobId, NodeName, RunId};
use cronbus_core::job::Job;
use cronbus_core::local::clock::VirtualClock;
use cronbus_core::local::store::MemoryStore;
use cronbus_core::port::log::{self, Chunk, Excerpt, Stream, Subject, Writer};
use cronbus_core::port::membership::{self, Availability};
use cronbus_core::port::notifier::{self, Receipt};
use cronbus_core::port::operations::{ActorStatus, Health, JobStatus, NodeStatus, Request, Shutdown};
use cronbus_core::port::store::{self, Submission, Submitted, Write};
use cronbus_core::port::{Clock, Log, Notifier, Operations, Store};
use cronbus_core::run::Run;
use cronbus_core::suite;
use cronbus_core::time::Timestamp;
use serde_json::{Value, json};

use crate::safe::Safe;
use crate::token::Token;
use crate::web::configurations::{Configurations, Unknown};
use crate::web::site::Site;
use crate::web::view::SettingView;
use crate::web::{auth, problem, routes};

pub(in crate::web) const TOKEN: &str = "the token of the tests";
pub(in crate::web) const NOW: Timestamp = Timestamp::from_seconds(1_795_338_000);
pub(super) const LARGEST_BODY: usize = 64 << 10;

/// Writes to the store, and executes nothing.
#[derive(Debug)]
pub(super) struct Idle {
    store: Arc<MemoryStore>,
    ready: bool,
}

#[async_trait]
impl Operations for Idle {
    async fn write_jobs(&self, writes: Vec<Write>, trail: &Trail) -> store::Result<Vec<Arc<Job>>> {
        store::Audit::write_jobs_on_record(&*self.store, &writes, trail).await
    }

    async fn submit(&self, request: Request) -> store::Result<Submitted> {
        let nonce = request.idempotency_key.clone().unwrap_or_default();
        let id = RunId::submission(NOW, request.job.id, &nonce);
        let run = Run { trigger: request.trigger, ..Run::new(id, request.job.id, request.job.revision, NOW, NOW) };
        let object = Object::named(ObjectKind::Run, request.job.definition.name.as_str());
        let record = Some(request.trail.entry(0, Action::RunStart, object));
        let submission = Submission { run, idempotency_key: request.idempotency_key, record };
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
        let member = suite::membership::member("n1");
        vec![NodeStatus { member, running: 0 }]
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

    async fn hanging(&self, _: Duration) -> Vec<String> {
        Vec::new()
    }

    async fn hand_over(&self) {}

    async fn shut_down(&self, _: Duration) -> Shutdown {
        Shutdown { finished: 0, killed: 0 }
    }
}

/// The keys of secrets, the newer first.
pub(super) const KEYS: [[u8; 32]; 2] = [[2; 32], [1; 32]];

/// The configuration of the node `a`, and nobody else's.
#[derive(Debug)]
pub(super) struct OneNode;

#[async_trait]
impl Configurations for OneNode {
    fn own(&self) -> Vec<SettingView> {
        let setting = |key: &str, value: &str| SettingView {
            key: key.to_owned(),
            value: value.to_owned(),
            source: "flag".to_owned(),
        };
        vec![setting("alerts.channel.ops.kind", "\"slack\""), setting("alerts.channel.ops.url", "\"https://x/***\"")]
    }

    async fn of(&self, node: &NodeName) -> Result<Vec<SettingView>, Unknown> {
        let text = |text: &str| text.to_owned();
        match node.as_str() {
            "a" => Ok(vec![SettingView { key: text("web.listen"), value: text("\"x\""), source: text("flag") }]),
            _ => Err(Unknown::Unreachable { reason: text("it is away") }),
        }
    }
}

/// Two channels, of which one takes messages.
#[derive(Debug)]
pub(super) struct TwoChannels;

#[async_trait]
impl Notifier for TwoChannels {
    fn channels(&self) -> Vec<ChannelName> {
        ["deaf", "ops"].map(|name| ChannelName::new(name).unwrap()).into()
    }

    async fn deliver(&self, channel: &ChannelName, message: &Message) -> Result<Receipt, notifier::Error> {
        match channel.as_str() {
            "ops" => Ok(Receipt { detail: message.title.clone() }),
            "deaf" => Err(notifier::Error::Refused { channel: channel.clone(), detail: "status 404".to_owned() }),
            _ => Err(notifier::Error::NoSuchChannel { channel: channel.clone(), there_are: self.channels() }),
        }
    }
}

/// One log for all runs.
#[derive(Debug, Default)]
pub(super) struct OneLog(Mutex<Vec<Chunk>>);

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

    async fn prune(&self, _: Timestamp, _: Duration) -> Result<u64, log::Error> {
        Ok(0)
    }
}

pub(in crate::web) fn site(ready: bool) -> Site {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::new(NOW));
    let store = Arc::new(MemoryStore::default());
    let chunk = |sequence, bytes: &[u8]| Chunk { sequence, at: NOW, stream: Stream::Stdout, bytes: bytes.to_vec() };
    let log = OneLog(Mutex::new(vec![chunk(0, b"one\n"), chunk(1, b"\xff")]));
    let operations = Idle { store: Arc::clone(&store), ready };
    let store: Arc<dyn Store> = store;
    Site::new(
        Arc::new(operations),
        store,
        Arc::new(log),
        Arc::new(OneNode),
        Arc::new(TwoChannels),
        clock,
        Token::from_text(TOKEN),
    )
    .opening(Arc::new(Safe::with(&KEYS)))
}

/// What came back.
pub(in crate::web) struct Answer {
    pub(in crate::web) status: StatusCode,
    pub(super) kind: String,
    pub(in crate::web) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(in crate::web) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The problem document that it must be.
    pub(super) fn problem(&self) -> Value {
        assert_eq!(self.kind, "application/problem+json", "{} {}", self.status, self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert!(problem["type"].is_string() && problem["title"].is_string(), "{problem}");
        problem
    }
}

/// Asks with these headers.
pub(in crate::web) async fn ask(site: &Site, request: TestRequest) -> Answer {
    let app = App::new()
        .app_data(Data::new(site.clone()))
        .app_data(PayloadConfig::new(LARGEST_BODY))
        .configure(routes::configure)
        .wrap(from_fn(auth::guard))
        .wrap(from_fn(problem::every_error_as_problem));
    let app = init_service(app).await;
    let response = match try_call_service(&app, request.to_request()).await {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.unwrap().to_vec();
    Answer { status, kind: kind.unwrap_or_default(), headers, body }
}

/// A request that shows the token.
pub(super) fn request(method: Method, uri: &str) -> TestRequest {
    TestRequest::default().method(method).uri(uri).insert_header(("Authorization", format!("Bearer {TOKEN}")))
}

pub(in crate::web) async fn get(site: &Site, uri: &str) -> Answer {
    ask(site, request(Method::GET, uri)).await
}

pub(in crate::web) async fn send(site: &Site, method: Method, uri: &str, body: Value) -> Answer {
    ask(site, request(method, uri).set_json(body)).await
}

pub(in crate::web) fn noop(name: &str) -> Value {
    json!({ "name": name, "command": { "noop": true } })
}
