//! Whatever changes something leaves an entry in the audit trail, with who and from where.

use std::collections::BTreeSet;

use actix_web::http::{Method, StatusCode};
use cronbus_core::alert::{Event, EventKind, Incident, Subject};
use cronbus_core::audit::{Action, Object, ObjectKind, Trail};
use cronbus_core::id::{Epoch, NodeName};
use cronbus_core::port::store::AlertStep;
use cronbus_core::secret::{Secret, SecretName};
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::stage::{Answer, KEYS, NOW, ask, get, noop, request, send, site};
use crate::safe::Safe;
use crate::web::openapi::Description;
use crate::web::session::Principal;
use crate::web::site::Site;

/// Every route that changes something: what is sent to it, and what the trail says then. `RUN`, `SILENCE` and `ALERT`
/// stand for the ids of those that are there.
fn changes() -> Vec<(Method, &'static str, &'static str, Value, &'static str)> {
    let nothing = || json!({});
    vec![
        (Method::POST, "/api/v1/jobs", "/api/v1/jobs", noop("new"), "job.create new"),
        (Method::PUT, "/api/v1/jobs/{job}", "/api/v1/jobs/known", noop("other"), "job.update other"),
        (Method::DELETE, "/api/v1/jobs/{job}", "/api/v1/jobs/known", Value::Null, "job.delete known"),
        (Method::POST, "/api/v1/jobs/{job}/pause", "/api/v1/jobs/known/pause", nothing(), "job.pause known"),
        (Method::POST, "/api/v1/jobs/{job}/resume", "/api/v1/jobs/known/resume", nothing(), "job.resume known"),
        (
            Method::POST,
            "/api/v1/jobs/{job}/run",
            "/api/v1/jobs/known/run",
            json!({ "idempotency_key": "k" }),
            "run.start known",
        ),
        (Method::POST, "/api/v1/apply", "/api/v1/apply", json!({ "job": [noop("applied")] }), "job.create applied"),
        (Method::POST, "/api/v1/runs/{id}/kill", "/api/v1/runs/RUN/kill", nothing(), "run.kill known"),
        (
            Method::POST,
            "/api/v1/alerts/{id}/acknowledge",
            "/api/v1/alerts/ALERT/acknowledge",
            nothing(),
            "alert.acknowledge ALERT",
        ),
        (Method::POST, "/api/v1/silences", "/api/v1/silences", json!({ "job": "x*", "for": "1h" }), "silence.create "),
        (Method::DELETE, "/api/v1/silences/{id}", "/api/v1/silences/SILENCE", Value::Null, "silence.end SILENCE"),
        (Method::POST, "/api/v1/channels/{name}/test", "/api/v1/channels/ops/test", nothing(), "channel.test ops"),
        (Method::POST, "/api/v1/nodes/{node}/drain", "/api/v1/nodes/a/drain", nothing(), "node.drain a"),
        (Method::POST, "/api/v1/nodes/{node}/undrain", "/api/v1/nodes/a/undrain", nothing(), "node.undrain a"),
        (Method::PUT, "/api/v1/secrets/{name}", "/api/v1/secrets/key", json!({ "value": "hunter2" }), "secret.set key"),
        (Method::POST, "/api/v1/secret-rotation", "/api/v1/secret-rotation", nothing(), "secret.rotate old"),
        (Method::DELETE, "/api/v1/secrets/{name}", "/api/v1/secrets/old", Value::Null, "secret.delete old"),
        (Method::POST, "/api/v1/executor/hold", "/api/v1/executor/hold", json!({ "hold": true }), "node.hold a"),
        (Method::POST, "/api/v1/users", "/api/v1/users", json!({ "name": "new" }), "user.create new"),
        (Method::PUT, "/api/v1/users/{name}", "/api/v1/users/known", json!({ "disabled": true }), "user.update known"),
        (Method::DELETE, "/api/v1/users/{name}", "/api/v1/users/known", Value::Null, "user.delete known"),
        (
            Method::POST,
            "/api/v1/users/{name}/password",
            "/api/v1/users/known/password",
            json!({ "password": "correct horse battery" }),
            "user.password known",
        ),
        (Method::POST, "/api/v1/tokens", "/api/v1/tokens", json!({ "name": "new" }), "token.create new"),
        (Method::DELETE, "/api/v1/tokens/{name}", "/api/v1/tokens/known", Value::Null, "token.revoke known"),
        (Method::POST, "/api/v1/setup-link", "/api/v1/setup-link", nothing(), "token.create setup-link"),
    ]
}

/// A site with a job, a run, a silence, a user, a token and something that is wrong; the ids of those that have one.
async fn prepared() -> (Site, [(&'static str, String); 3]) {
    let site = site(true);
    send(&site, Method::POST, "/api/v1/jobs", noop("known")).await;
    let run = send(&site, Method::POST, "/api/v1/jobs/known/run", json!({})).await.json();
    for path in ["/api/v1/users", "/api/v1/tokens"] {
        send(&site, Method::POST, path, json!({ "name": "known" })).await;
    }
    let silence = send(&site, Method::POST, "/api/v1/silences", json!({ "job": "a", "for": "2h" })).await.json();
    let subject = Subject::Node { node: NodeName::new("gone").unwrap() };
    let event = Event::new(EventKind::NodeLost, subject, NOW);
    let incident: Incident = serde_json::from_value(json!({
        "id": event.id, "subject": event.subject, "aspect": event.aspect, "since": event.at, "count": 1, "last": event,
        "told": {}, "escalations": [],
    }))
    .unwrap();
    let id = incident.id.to_string();
    let epoch = site.store.claim_alerts(&NodeName::new("a").unwrap(), Epoch(0)).await.unwrap();
    site.store.advance_alerts(&AlertStep { epoch, incidents: vec![incident], ..AlertStep::default() }).await.unwrap();
    let name = SecretName::new("old").unwrap();
    let sealed = Safe::with(&KEYS[1..]).seal(&name, 1, "hunter2").unwrap();
    let (updated_at, updated_by) = (NOW, "ann".to_owned());
    let old = Secret { name, version: 1, groups: BTreeSet::new(), updated_at, updated_by, sealed };
    let record = Trail { actor: Principal::admin().actor(), at: NOW, nonce: 1 };
    let record = record.entry(0, Action::SecretSet, Object::named(ObjectKind::Secret, "old"));
    assert!(site.store.put_secret(&old, &record).await.unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (site, [("RUN", text(&run["run_id"])), ("SILENCE", text(&silence["id"])), ("ALERT", id)])
}

async fn trail(site: &Site, query: &str) -> Vec<Value> {
    get(site, &format!("/api/v1/audit{query}")).await.json()["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn every_route_that_changes_something_leaves_an_entry() {
    let changes = changes();
    for (path, item) in Description::openapi().paths.paths {
        let methods = [
            (Method::PUT, item.put.is_some()),
            (Method::POST, item.post.is_some()),
            (Method::DELETE, item.delete.is_some()),
        ];
        for (method, _) in methods.into_iter().filter(|(_, is_there)| *is_there) {
            let known = changes.iter().any(|change| change.0 == method && change.1 == path);
            assert!(known, "{method} {path}: say in `changes` what the audit trail has of it");
        }
    }
    for (method, _, uri, body, expected) in changes {
        let (site, ids) = prepared().await;
        let named = |text: &str| ids.iter().fold(text.to_owned(), |text, (word, id)| text.replace(word, id));
        if uri.ends_with("setup-link") {
            send(&site, Method::DELETE, "/api/v1/users/known", Value::Null).await;
        }
        let before = trail(&site, "").await.len();
        let answer = send(&site, method.clone(), &named(uri), body).await;
        assert!(answer.status.is_success(), "{method} {uri}: {} {}", answer.status, answer.text());
        let found = trail(&site, "").await;
        assert_eq!(found.len(), before + 1, "{method} {uri}: {found:#?}");
        let told: Vec<String> = found
            .iter()
            .map(|entry| format!("{} {}", entry["action"].as_str().unwrap(), entry["object"].as_str().unwrap()))
            .collect();
        assert!(told.iter().any(|told| told.starts_with(&named(expected))), "{method} {uri}: {told:?}");
        assert!(found.iter().all(|entry| entry["actor"] == "admin" && entry["actor_kind"] == "admin_token"));
    }
}

#[actix_web::test]
async fn an_entry_tells_the_door_and_what_was_and_is() {
    let site = site(true);
    let cli = |method, uri: &str, body: &Value| {
        request(method, uri)
            .insert_header(("User-Agent", "cronbus-cli/9"))
            .peer_addr("10.1.2.3:4".parse().unwrap())
            .set_json(body)
    };
    ask(&site, cli(Method::POST, "/api/v1/jobs", &noop("a"))).await;
    let mut other = noop("a");
    other["priority"] = json!(7);
    let replaced: Answer = ask(&site, cli(Method::PUT, "/api/v1/jobs/a", &other)).await;
    assert_eq!(replaced.status, StatusCode::OK, "{}", replaced.text());
    let found = trail(&site, "?action=job.update&kind=job&object=a&actor=admin&from=2000-01-01T00:00:00Z").await;
    let [entry] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((&entry["door"], &entry["address"]), (&json!("cli"), &json!("10.1.2.3")));
    assert_eq!(entry["changed"], json!(["definition.priority", "revision"]));
    assert_eq!((&entry["before"]["revision"], &entry["after"]["definition"]["priority"]), (&json!(1), &json!(7)));
    let id = entry["id"].as_str().unwrap();
    assert_eq!(get(&site, &format!("/api/v1/audit/{id}")).await.json(), *entry);
    assert_eq!(trail(&site, "?until=2000-01-01T00:00:00Z").await, Vec::<Value>::new());
    for wrong in ["?action=job.made", "?kind=thing", "?from=yesterday", "?cursor=x", "/x"] {
        assert_eq!(get(&site, &format!("/api/v1/audit{wrong}")).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let missing = get(&site, "/api/v1/audit/00000000-0000-8000-8000-000000000001").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let refused = send(&site, method, &format!("/api/v1/audit/{id}"), json!({})).await;
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED, "nothing changes an entry");
    }
}

#[actix_web::test]
async fn what_is_refused_leaves_no_entry() {
    let site = site(true);
    send(&site, Method::POST, "/api/v1/jobs", noop("a")).await;
    send(&site, Method::POST, "/api/v1/jobs", noop("a")).await;
    send(&site, Method::POST, "/api/v1/nodes/nobody/drain", json!({})).await;
    send(&site, Method::POST, "/api/v1/channels/none/test", json!({})).await;
    send(&site, Method::POST, "/api/v1/apply?dry_run=true", json!({ "job": [noop("b")] })).await;
    assert_eq!(trail(&site, "").await.len(), 1);
}
