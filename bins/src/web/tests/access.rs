//! Every route of the description, walked by those who may not: somebody without a name, a viewer, and a program with every
//! role but in another group.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::stage::{Answer, ask, get, noop, send, site};
use crate::web::openapi::Description;
use crate::web::site::Site;

/// What everybody is answered.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];

/// What belongs to no group: it takes a role everywhere.
const OF_ALL: [&str; 16] = [
    "/metrics",
    "/api/v1/alerts/deliveries",
    "/api/v1/channels",
    "/api/v1/channels/{name}/test",
    "/api/v1/nodes/{node}/config",
    "/api/v1/nodes/{node}/drain",
    "/api/v1/nodes/{node}/undrain",
    "/api/v1/executor/hold",
    "/api/v1/users",
    "/api/v1/users/{name}",
    "/api/v1/users/{name}/password",
    "/api/v1/tokens",
    "/api/v1/tokens/{name}",
    "/api/v1/setup-link",
    "/api/v1/audit",
    "/api/v1/audit/{id}",
];

async fn token(site: &Site, name: &str, grants: Value) -> String {
    let made = send(site, Method::POST, "/api/v1/tokens", json!({ "name": name, "grants": grants })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    made.json()["token"].as_str().unwrap().to_owned()
}

async fn show(site: &Site, token: &str, method: Method, path: &str, body: Value) -> Answer {
    let request = TestRequest::default().method(method).uri(path).set_json(body);
    ask(site, request.insert_header(("Authorization", format!("Bearer {token}")))).await
}

fn of_group(name: &str, group: &str) -> Value {
    json!({ "name": name, "command": { "noop": true }, "target": { "group": group } })
}

/// A site with the job `hidden-php` of the group `php`, a run of it, and a job of no group.
async fn furnished() -> (Site, String) {
    let site = site(true);
    for job in [of_group("hidden-php", "php"), noop("hidden-free")] {
        assert_eq!(send(&site, Method::POST, "/api/v1/jobs", job).await.status, StatusCode::CREATED);
    }
    let run = send(&site, Method::POST, "/api/v1/jobs/hidden-php/run", json!({})).await;
    let run = run.json()["run_id"].as_str().unwrap().to_owned();
    (site, run)
}

/// Every route that is described, as it can be asked, with its pattern.
fn routes(run: &str) -> Vec<(Method, String, String)> {
    let mut routes = Vec::new();
    for (pattern, item) in Description::openapi().paths.paths {
        let id = if pattern.starts_with("/api/v1/runs") { run } else { "01998b0c-0000-8000-8000-000000000000" };
        let path = pattern.replace("{job}", "hidden-php").replace("{id}", id).replace("{node}", "a");
        let path = path.replace("{name}", "x");
        let there = [
            (Method::GET, item.get.is_some()),
            (Method::PUT, item.put.is_some()),
            (Method::POST, item.post.is_some()),
            (Method::DELETE, item.delete.is_some()),
            (Method::PATCH, item.patch.is_some()),
        ];
        routes
            .extend(there.into_iter().filter(|(_, is)| *is).map(|(method, _)| (method, pattern.clone(), path.clone())));
    }
    assert!(routes.len() > 30, "{}", routes.len());
    routes
}

#[actix_web::test]
async fn nobody_is_answered_without_a_name() {
    let (site, run) = furnished().await;
    for (method, pattern, path) in routes(&run) {
        for token in ["", "wrong", &format!("cronbus_{}", "0".repeat(64))] {
            let answer = show(&site, token, method.clone(), &path, json!({})).await;
            let is_open = OPEN.contains(&pattern.as_str());
            assert_eq!(answer.status == StatusCode::UNAUTHORIZED, !is_open, "{method} {path}: {}", answer.status);
        }
    }
}

#[actix_web::test]
async fn a_viewer_reads_and_changes_nothing() {
    let (site, run) = furnished().await;
    let viewer = token(&site, "viewer", json!([{ "role": "viewer" }])).await;
    for (method, pattern, path) in routes(&run) {
        let answer = show(&site, &viewer, method.clone(), &path, json!({})).await;
        let administers =
            ["users", "tokens", "config", "setup", "audit", "secrets"].iter().any(|part| pattern.contains(part));
        let is_allowed = method == Method::GET && !administers;
        assert_eq!(answer.status == StatusCode::FORBIDDEN, !is_allowed, "{method} {path}: {}", answer.text());
        if !is_allowed {
            let problem = answer.problem();
            assert_eq!(problem["type"], "urn:cronbus:problem:forbidden");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("takes the role") && detail.contains("group"), "{detail}");
        }
    }
    assert_eq!(get(&site, "/api/v1/jobs/hidden-php").await.json()["revision"], 1, "nothing was changed");
}

#[actix_web::test]
async fn a_token_of_another_group_finds_nothing_and_learns_no_name() {
    let (site, run) = furnished().await;
    let other = token(&site, "other", json!([{ "role": "admin", "groups": ["web"] }])).await;
    for (method, pattern, path) in routes(&run) {
        let body = if method == Method::PUT { noop("x") } else { json!({}) };
        let answer = show(&site, &other, method.clone(), &path, body).await;
        let text = answer.text();
        if pattern.contains("{job}") || pattern.starts_with("/api/v1/runs/{id}") {
            // A search without a text is refused before the job is looked for.
            let is_unread = pattern.contains("search") && answer.status == StatusCode::BAD_REQUEST;
            assert!(answer.status == StatusCode::NOT_FOUND || is_unread, "{method} {path}: {text}");
        } else if OF_ALL.contains(&pattern.as_str()) || pattern.contains("secrets") {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}: {text}");
        } else {
            assert!(!text.contains("hidden-"), "{method} {path}: {text}");
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
    for path in ["/api/v1/jobs", "/api/v1/runs", "/api/v1/nodes"] {
        assert_eq!(show(&site, &other, Method::GET, path, json!({})).await.json()["items"], json!([]), "{path}");
    }
}

#[actix_web::test]
async fn an_editor_of_a_group_stays_within_it() {
    let (site, _) = furnished().await;
    let editor = token(&site, "editor", json!([{ "role": "editor", "groups": ["php"] }])).await;
    let jobs = "/api/v1/jobs";
    let named = show(&site, &editor, Method::GET, jobs, json!({})).await;
    assert!(named.text().contains("hidden-php") && !named.text().contains("hidden-free"), "{}", named.text());
    for (method, path, body, expected) in [
        (Method::POST, jobs, of_group("mine", "php"), 201),
        (Method::POST, jobs, of_group("theirs", "web"), 403),
        (Method::POST, jobs, noop("anywhere"), 403),
        (Method::PUT, "/api/v1/jobs/mine", of_group("mine", "web"), 403),
        (Method::PUT, "/api/v1/jobs/mine", noop("mine"), 403),
        (Method::PUT, "/api/v1/jobs/mine", of_group("renamed", "php"), 200),
        (Method::PUT, "/api/v1/jobs/hidden-free", of_group("hidden-free", "php"), 404),
        (Method::POST, "/api/v1/jobs/hidden-php/run", json!({}), 200),
        (Method::POST, "/api/v1/apply", json!({ "job": [of_group("new", "web")] }), 403),
        (Method::POST, "/api/v1/apply?dry_run=true", json!({ "job": [of_group("new", "web")] }), 403),
        (Method::POST, "/api/v1/apply?prune=true", json!({ "job": [of_group("new", "php")] }), 200),
        (Method::POST, "/api/v1/silences", json!({ "job": "*", "for": "1h", "why": "x" }), 403),
        (Method::POST, "/api/v1/silences", json!({ "group": "web", "for": "1h", "why": "x" }), 403),
        (Method::POST, "/api/v1/silences", json!({ "group": "php", "for": "1h", "why": "x" }), 201),
    ] {
        let answer = show(&site, &editor, method.clone(), path, body.clone()).await;
        assert_eq!(answer.status.as_u16(), expected, "{method} {path} {body}: {}", answer.text());
    }
    let left = get(&site, jobs).await.text();
    assert!(left.contains("hidden-free") && !left.contains("hidden-php"), "pruning stays within the group: {left}");
}
