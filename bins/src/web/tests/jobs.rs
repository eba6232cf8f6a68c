//! A job from being added to being deleted, alone and in documents; when it is due; and how what is wrong is named.

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::stage::{ask, get, noop, request, send, site};

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
async fn a_preview_shows_the_offset_of_the_zone() {
    let site = site(true);
    let uri = "/api/v1/schedule/preview?expression=30%202%20*%20*%20*&timezone=Europe%2FBerlin\
               &from=2026-03-28T12:00:00Z&count=1";
    let answer = get(&site, uri).await.json();
    assert_eq!(answer["next"], json!(["2026-03-29T03:00:00+02:00"]));
    assert_eq!(answer["moved"][0]["how"], "after_gap");
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
        ("/api/v1/channels?x=1", "x"),
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
