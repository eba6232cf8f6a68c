//! What answers at all: every path, the token, readiness, and bodies and paths that strangers may send.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use cronbus_core::id::RunId;
use serde_json::json;
use utoipa::OpenApi;

use super::stage::{LARGEST_BODY, NOW, ask, get, request, site};
use crate::web::openapi::Description;

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
    paths.extend(["/api/docs/", "/api/v1/openapi.json", "/nothing"].map(|path| (Method::GET, path.to_owned())));
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
