//! What programs ask a node.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Client, Node};

#[test]
fn nothing_but_health_answers_without_the_token() {
    let (node, client) = (Node::start(), Client::new());
    let (_, _, description) = client.send(client.get(&node, "/api/v1/openapi.json"));
    let description: Value = serde_json::from_str(&description).unwrap();
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().unwrap();
    assert!(paths.len() > 15);
    for path in paths.keys().map(String::as_str).chain(["/api/docs/", "/nothing"]) {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let (status, kind, text) = client.send(client.http.request(method.clone(), node.url(path)));
            if matches!(path, "/healthz" | "/readyz") {
                assert_ne!(status, StatusCode::UNAUTHORIZED, "{method} {path}");
                continue;
            }
            assert_eq!((status, kind.as_str()), (StatusCode::UNAUTHORIZED, "application/problem+json"), "{path}");
            assert!(!text.contains(&node.token()));
        }
    }
    let (status, _, text) = client.send(client.http.get(node.url("/healthz")));
    assert_eq!((status, text.as_str()), (StatusCode::OK, r#"{"alive":true}"#));
    let (status, _, text) = client.send(client.get(&node, "/readyz"));
    assert!(status == StatusCode::OK && text.contains("database"), "{text}");
    let (_, kind, text) = client.send(client.get(&node, "/metrics"));
    assert!(kind.starts_with("application/openmetrics-text") && text.contains("cronbus_ready 1"), "{text}");
    let page = client.http.get(node.url("/api/docs/")).basic_auth("anyone", Some(node.token()));
    assert!(client.send(page).2.contains("swagger"));
}

#[test]
fn a_log_is_followed_from_where_the_client_was() {
    let (node, client) = (Node::start(), Client::new());
    let run = node.run_shell("steps", "for i in 1 2 3; do echo step $i; sleep 0.2; done");
    let path = format!("/api/v1/runs/{run}/log?follow=true");
    let (status, kind, text) = client.send(client.get(&node, &path));
    assert_eq!((status, kind.as_str()), (StatusCode::OK, "text/event-stream"));
    let chunks: Vec<_> = text.matches("event: chunk\nid: ").collect();
    assert!(text.contains("step 1") && text.contains("step 3") && !chunks.is_empty(), "{text}");
    let (_, end) = text.rsplit_once("event: end\ndata: ").unwrap();
    assert_eq!(serde_json::from_str::<Value>(end.trim()).unwrap()["state"], "succeeded");

    let last = (chunks.len() - 1).to_string();
    let (_, _, rest) = client.send(client.get(&node, &path).header("Last-Event-ID", last));
    assert!(!rest.contains("event: chunk") && rest.contains("event: end"), "{rest}");
}

#[test]
fn lists_come_in_pages_by_key() {
    let (node, client) = (Node::start(), Client::new());
    let jobs: Vec<_> = (0..5).map(|i| json!({ "name": format!("job-{i}"), "command": { "noop": true } })).collect();
    let apply = client.http.post(node.url("/api/v1/apply")).bearer_auth(node.token()).json(&json!({ "job": jobs }));
    assert_eq!(client.send(apply).0, StatusCode::OK);
    let listed = client.all(&node, "/api/v1/jobs?limit=2");
    let names: Vec<_> = listed.iter().map(|job| job["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["job-0", "job-1", "job-2", "job-3", "job-4"]);
}

#[test]
fn a_problem_names_the_field() {
    let (node, client) = (Node::start(), Client::new());
    let job = json!({ "name": "a", "command": { "noop": true }, "timezone": "Mars/One" });
    let add = client.http.post(node.url("/api/v1/jobs")).bearer_auth(node.token()).json(&job);
    let (status, kind, text) = client.send(add);
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status.as_u16(), kind.as_str()), (422, "application/problem+json"));
    assert_eq!((&problem["field"], &problem["status"]), (&json!("timezone"), &json!(422)));
    assert!(problem["value"].as_str().unwrap().contains("Mars/One"), "{problem}");
}
