//! Runs that are asked for, and what they print.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use super::stage::{ask, get, noop, request, send, site};

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
