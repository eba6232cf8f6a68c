//! The gate: without a session, with one, with a form of another site.

use actix_web::http::{Method, StatusCode, header};

use super::browser::Browser;
use crate::web::tests::stage::{TOKEN, ask, site};

/// Every form of the admin.
pub(super) const FORMS: [&str; 25] = [
    "/logout",
    "/nodes/a/drain",
    "/nodes/a/undrain",
    "/runs/x/kill",
    "/runs/x/again",
    "/jobs/new",
    "/jobs/bulk",
    "/jobs/preview",
    "/jobs/a/edit",
    "/jobs/a/pause",
    "/jobs/a/resume",
    "/jobs/a/run",
    "/jobs/a/rollback",
    "/jobs/a/delete",
    "/alerts/silences",
    "/alerts/silences/x/end",
    "/alerts/channels/ops/test",
    "/alerts/x/acknowledge",
    "/account",
    "/accounts/users",
    "/accounts/users/x",
    "/accounts/users/x/password",
    "/accounts/users/x/delete",
    "/accounts/tokens",
    "/accounts/tokens/x/revoke",
];

#[actix_web::test]
async fn nobody_sees_a_page_without_signing_in() {
    let browser = Browser::new(site(true));
    for (path, to) in [
        ("/runs", "/login?next=%2Fruns"),
        ("/runs?state=failed&job=a%2Fb", "/login?next=%2Fruns%3Fstate%3Dfailed%26job%3Da%252Fb"),
        ("/nodes", "/login?next=%2Fnodes"),
        ("/runs/x/log?follow=true", "/login?next=%2Fruns%2Fx%2Flog%3Ffollow%3Dtrue"),
        ("/", "/login"),
    ] {
        assert_eq!(browser.get(path).await.location(), to);
    }
    for path in FORMS {
        let answer = ask(&browser.site, browser.request(Method::POST, path)).await;
        assert_eq!(answer.location(), "/login", "{path}");
    }
    let fragment = browser.request(Method::GET, "/runs").insert_header(("x-cronbus-fragment", "1"));
    let answer = ask(&browser.site, fragment).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let asked = answer.headers.get_all(header::WWW_AUTHENTICATE).map(|value| value.to_str().unwrap());
    let asked: Vec<&str> = asked.collect();
    assert_eq!(asked, [r#"Bearer realm="cronbus""#], "a browser that is asked for Basic opens a dialog of its own");
    let bearer = browser.request(Method::GET, "/runs").insert_header(("Authorization", format!("Bearer {TOKEN}")));
    assert_eq!(ask(&browser.site, bearer).await.status, StatusCode::SEE_OTHER, "the token is for programs");
}

#[actix_web::test]
async fn the_right_token_opens_a_new_session_each_time() {
    let mut browser = Browser::new(site(true));
    browser.secret = "0".repeat(64);
    let answer = browser.sign_in(TOKEN).await;
    assert_eq!(answer.location(), "/runs");
    let cookie = answer.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=86400"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let first = browser.secret.clone();
    assert_ne!(first, "0".repeat(64), "nobody chooses a session for somebody else");
    assert_eq!(first.len(), 64);
    browser.sign_in(TOKEN).await;
    let second = std::mem::replace(&mut browser.secret, first);
    assert_eq!(browser.get("/nodes").await.status, StatusCode::SEE_OTHER, "signing in again ends the session before");
    browser.secret = second;
    browser.page("/nodes").await;
    assert_eq!(browser.post("/logout", &[]).await.location(), "/login");
    assert_eq!(browser.get("/nodes").await.status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn a_wrong_token_is_refused_and_soon_not_even_looked_at() {
    let mut browser = Browser::new(site(true));
    for _ in 0..10 {
        let answer = browser.sign_in("wrong").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.headers.get(header::SET_COOKIE).is_none() && !answer.text().contains("wrong\""));
    }
    assert_eq!(browser.sign_in(TOKEN).await.status, StatusCode::TOO_MANY_REQUESTS, "even with the right one");
}

#[actix_web::test]
async fn a_form_without_the_token_of_its_session_changes_nothing() {
    let browser = Browser::signed_in(site(true)).await;
    for path in FORMS {
        for csrf in ["", "0000", &browser.secret] {
            let request = browser.request(Method::POST, path).set_form([("csrf", csrf)]);
            let answer = ask(&browser.site, request).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
            assert!(answer.text().contains("<!doctype html>"), "{path}");
        }
        let bare = ask(&browser.site, browser.request(Method::POST, path)).await;
        assert_eq!(bare.status, StatusCode::FORBIDDEN, "{path}");
        let got = browser.get(path).await.status;
        let is_question = got == StatusCode::OK || got == StatusCode::BAD_REQUEST || got == StatusCode::NOT_FOUND;
        assert!(is_question || got == StatusCode::METHOD_NOT_ALLOWED, "{path}: nothing is done by GET");
    }
    browser.page("/nodes").await;
    for place in ["cross-site", "same-site"] {
        let csrf = crate::web::session::csrf_of(&browser.secret);
        let request = browser.request(Method::POST, "/nodes/a/drain").set_form([("csrf", csrf)]);
        let answer = ask(&browser.site, request.insert_header(("Sec-Fetch-Site", place))).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{place}");
        let request = browser.request(Method::POST, "/login").set_form([("token", TOKEN)]);
        let answer = ask(&browser.site, request.insert_header(("Sec-Fetch-Site", place))).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "signing in from {place}");
    }
    assert_eq!(browser.post("/nodes/a/drain", &[]).await.location(), "/nodes");
    assert!(browser.page("/nodes").await.contains("flash-done"), "what was done is said");
    assert!(!browser.page("/nodes").await.contains("flash-done"), "once");
}

#[actix_web::test]
async fn every_page_has_strict_headers_and_no_script_within() {
    let browser = Browser::signed_in(site(true)).await;
    for path in ["/login", "/nodes", "/runs", "/runs/nonsense", "/runs?state=nonsense", "/nodes?x"] {
        let answer = browser.get(path).await;
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let security = header("content-security-policy");
        assert!(security.starts_with("default-src 'none'; script-src 'self';"), "{path}: {security}");
        assert!(!security.contains("unsafe"), "{path}");
        assert_eq!((header("x-content-type-options"), header("cache-control")), ("nosniff".into(), "no-store".into()));
        assert_eq!(header("referrer-policy"), "same-origin");
        let text = answer.text();
        assert!(!text.contains("<style") && !text.contains(" style=") && !text.contains(" onclick="), "{path}");
        assert!(text.matches("<script").count() == text.matches("<script src=\"/assets/").count(), "{path}");
    }
    let style = browser.get("/assets/admin.css").await;
    assert!(style.headers.get("cache-control").unwrap().to_str().unwrap().contains("immutable"));
    assert_eq!(browser.get("/assets/..%2FCargo.toml").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_session_reads_what_pages_link_to_and_changes_nothing_there() {
    let browser = Browser::signed_in(site(true)).await;
    browser.page("/api/docs/").await;
    browser.page("/metrics").await;
    assert_eq!(browser.get("/api/v1/jobs").await.status, StatusCode::UNAUTHORIZED, "REST is for the token");
    let hold = browser.request(Method::POST, "/api/v1/executor/hold").set_json(serde_json::json!({ "hold": true }));
    assert_eq!(ask(&browser.site, hold).await.status, StatusCode::UNAUTHORIZED);
}
