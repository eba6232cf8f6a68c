//! Attacks on what lets programs in: tokens that are over, at this node and at another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use async_trait::async_trait;
use cronbus_core::port::Clock;
use cronbus_core::time::Timestamp;
use serde_json::json;

use super::stage::{NOW, ask, get, send, site};
use crate::web::admin::desk::Desk;
use crate::web::site::Site;

/// A clock that stands until it is set.
#[derive(Debug, Default)]
pub(in crate::web) struct Standing(AtomicU64);

impl Standing {
    pub(in crate::web) fn go_on(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for Standing {
    fn now(&self) -> Timestamp {
        NOW + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }

    async fn sleep_until(&self, _: Timestamp) {
        std::future::pending::<()>().await;
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

/// Two nodes over one store, with one clock.
pub(in crate::web) fn two_nodes() -> (Site, Site, Arc<Standing>) {
    let clock = Arc::new(Standing::default());
    let here = Site { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..site(true) };
    let there = Site { admin: Arc::new(Desk::default()), ..here.clone() };
    (here, there, clock)
}

async fn status(site: &Site, token: &str) -> StatusCode {
    let request =
        TestRequest::default().uri("/api/v1/jobs").insert_header(("Authorization", format!("Bearer {token}")));
    ask(site, request).await.status
}

#[actix_web::test]
async fn a_revoked_token_is_nothing_here_at_once_and_elsewhere_within_seconds() {
    let (here, there, clock) = two_nodes();
    let asked = json!({ "name": "Deploy", "grants": [{ "role": "operator", "groups": ["php"] }] });
    let made = send(&here, Method::POST, "/api/v1/tokens", asked.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let token = made.json()["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("cronbus_") && token.len() == 72, "{token}");
    assert_eq!(send(&here, Method::POST, "/api/v1/tokens", asked).await.status, StatusCode::CONFLICT);
    for site in [&here, &there] {
        assert_eq!(status(site, &token).await, StatusCode::OK);
    }
    let listed = get(&here, "/api/v1/tokens").await.text();
    assert!(listed.contains("\"deploy\"") && listed.contains("used_at\":\"2026"), "{listed}");
    assert!(!listed.contains(&token) && !listed.contains(&token[8..20]), "nobody is told it again");
    assert_eq!(send(&here, Method::DELETE, "/api/v1/tokens/deploy", json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(status(&here, &token).await, StatusCode::UNAUTHORIZED);
    clock.go_on(2);
    assert_eq!(status(&there, &token).await, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn a_token_ends_at_its_end() {
    let (here, _, clock) = two_nodes();
    let end = (NOW + Duration::from_secs(60)).to_string();
    let asked = json!({ "name": "short", "grants": [{ "role": "viewer" }], "expires_at": end });
    let token = send(&here, Method::POST, "/api/v1/tokens", asked).await.json()["token"].as_str().unwrap().to_owned();
    clock.go_on(59);
    assert_eq!(status(&here, &token).await, StatusCode::OK);
    clock.go_on(2);
    assert_eq!(status(&here, &token).await, StatusCode::UNAUTHORIZED);
    for (asked, expected) in [
        (json!({ "name": "late", "grants": [], "expires_at": end }), 400),
        (json!({ "name": "a b", "grants": [] }), 422),
        (json!({ "name": "admin", "grants": [] }), 422),
        (json!({ "name": "x", "grants": [{ "role": "root" }] }), 400),
        (json!({ "name": "x", "grants": [{ "role": "admin", "groups": [] }] }), 400),
    ] {
        let answer = send(&here, Method::POST, "/api/v1/tokens", asked.clone()).await;
        assert_eq!(answer.status.as_u16(), expected, "{asked}: {}", answer.text());
    }
}

#[actix_web::test]
async fn users_are_made_and_shown_without_their_secrets() {
    let site = site(true);
    let asked = json!({ "name": "Anna", "password": "correct horse battery", "grants": [{ "role": "viewer" }] });
    let made = send(&site, Method::POST, "/api/v1/users", asked.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert_eq!(send(&site, Method::POST, "/api/v1/users", asked).await.status, StatusCode::CONFLICT);
    for path in ["/api/v1/users", "/api/v1/users/anna"] {
        let text = get(&site, path).await.text();
        assert!(text.contains("\"anna\"") && !text.contains("argon2") && !text.contains("horse"), "{text}");
    }
    for (method, path, body, expected) in [
        (Method::PUT, "/api/v1/users/anna", json!({ "grants": [{ "role": "editor", "groups": ["php"] }] }), 200),
        (Method::PUT, "/api/v1/users/nobody", json!({ "disabled": true }), 404),
        (Method::PUT, "/api/v1/users/anna", json!({ "password": "x" }), 400),
        (Method::POST, "/api/v1/users/anna/password", json!({ "password": "short" }), 422),
        (Method::POST, "/api/v1/users/anna/password", json!({ "password": "another long one" }), 200),
        (Method::POST, "/api/v1/setup-link", json!({}), 409),
        (Method::DELETE, "/api/v1/users/anna", json!({}), 204),
        (Method::DELETE, "/api/v1/users/anna", json!({}), 404),
        (Method::POST, "/api/v1/setup-link", json!({}), 201),
    ] {
        let answer = send(&site, method.clone(), path, body.clone()).await;
        assert_eq!(answer.status.as_u16(), expected, "{method} {path} {body}: {}", answer.text());
    }
}
