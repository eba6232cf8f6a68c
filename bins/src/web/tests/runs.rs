//! Runs that are asked for, and what they print.

use actix_web::http::{Method, StatusCode};
use cronbus_core::id::{NodeName, RunId};
use cronbus_core::port::store::{Recording, Update};
use cronbus_core::run::{Event, State};
use serde_json::{Value, json};

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
async fn a_key_of_something_else_and_a_param_of_nobody_are_refused() {
    let site = site(true);
    for name in ["a", "b"] {
        send(&site, Method::POST, "/api/v1/jobs", noop(name)).await;
    }
    let key = json!({ "idempotency_key": "k" });
    let run = send(&site, Method::POST, "/api/v1/jobs/a/run", key.clone()).await.json();
    let other = send(&site, Method::POST, "/api/v1/jobs/b/run", key).await;
    let problem = other.problem();
    assert_eq!((other.status, &problem["field"]), (StatusCode::CONFLICT, &json!("idempotency_key")));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("`k`") && detail.contains("`a`"), "{detail}");
    assert!(detail.contains(run["run_id"].as_str().unwrap()), "{detail}");

    let misspelt = send(&site, Method::POST, "/api/v1/jobs/a/run", json!({ "params": { "dya": "1" } })).await;
    assert_eq!((misspelt.status.as_u16(), &misspelt.problem()["field"]), (422, &json!("params.dya")));
}

#[actix_web::test]
async fn a_run_without_a_node_says_so_and_output_is_not_told_before_it_is_known() {
    let site = site(true);
    let mut job = noop("a");
    job["target"] = json!({ "group": "php" });
    let added = send(&site, Method::POST, "/api/v1/jobs", job).await.json();
    assert!(added["no_node"].as_str().unwrap().contains("group `php`"), "{added}");
    let submitted = send(&site, Method::POST, "/api/v1/jobs/a/run", json!({})).await.json();
    let shown = get(&site, &format!("/api/v1/runs/{}", submitted["run_id"].as_str().unwrap())).await.json();
    for run in [&submitted["run"], &shown] {
        assert_eq!((&run["waiting_for"]["what"], &run["output"]), (&json!("node"), &json!(null)), "{run}");
        let detail = run["waiting_for"]["detail"].as_str().unwrap();
        assert!(
            detail.contains("n1: it is not among the job's target") && detail.contains("start_deadline"),
            "{detail}"
        );
    }
}

#[actix_web::test]
async fn a_run_behind_another_names_it() {
    let site = site(true);
    let mut job = noop("a");
    job["overlap"] = json!("queue");
    send(&site, Method::POST, "/api/v1/jobs", job).await;
    let waits = |run: &Value| run["waiting_for"]["what"].clone();
    let first = send(&site, Method::POST, "/api/v1/jobs/a/run", json!({})).await.json();
    assert_eq!(waits(&first["run"]), Value::Null, "nothing is in its way");
    let node = NodeName::new("n1").unwrap();
    let first: RunId = first["run_id"].as_str().unwrap().parse().unwrap();
    let mut row = site.store.run(first).await.unwrap().unwrap();
    row.apply(Event::Assign { node }).unwrap();
    let update = Update { from: State::Created, run: row, next_attempt: None };
    site.store.record(&Recording { updates: vec![update], ..Recording::default() }).await.unwrap();
    let second = send(&site, Method::POST, "/api/v1/jobs/a/run", json!({ "idempotency_key": "2" })).await.json();
    assert_eq!(waits(&second["run"]), "earlier");
    assert!(second["run"]["waiting_for"]["detail"].as_str().unwrap().contains(&first.to_string()));
}

#[actix_web::test]
async fn the_history_of_a_deleted_job_is_found_by_its_name() {
    let site = site(true);
    send(&site, Method::POST, "/api/v1/jobs", noop("a")).await;
    let run = send(&site, Method::POST, "/api/v1/jobs/a/run", json!({})).await.json();
    ask(&site, request(Method::DELETE, "/api/v1/jobs/a")).await;
    for uri in ["/api/v1/jobs/a/history", "/api/v1/jobs/1/history", "/api/v1/runs?job=a"] {
        assert_eq!(get(&site, uri).await.json()["items"][0]["id"], run["run_id"], "{uri}");
    }
    assert_eq!(get(&site, "/api/v1/jobs/a").await.status, StatusCode::NOT_FOUND);
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
async fn a_search_says_what_it_looked_at() {
    let site = site(true);
    send(&site, Method::POST, "/api/v1/jobs", noop("a")).await;
    let found = get(&site, "/api/v1/jobs/a/logs/search?q=one").await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text());
    let found = found.json();
    let expected = json!({ "items": [], "next": null, "runs": 0, "bytes": 0, "stopped": null, "unread": [] });
    assert_eq!(found, expected);
    for (path, field) in [("?q=", "q"), ("", "q"), ("?q=x&runs=501", "runs"), ("?q=x&cursor=y", "cursor")] {
        let problem = get(&site, &format!("/api/v1/jobs/a/logs/search{path}")).await.problem();
        assert_eq!((problem["status"].as_u64(), &problem["field"]), (Some(400), &json!(field)), "{path}");
    }
    assert_eq!(get(&site, "/api/v1/jobs/nobody/logs/search?q=x").await.status, StatusCode::NOT_FOUND);
}
