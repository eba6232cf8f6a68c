//! Sessions and what other sites would do with them.

use reqwest::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, LOCATION, SET_COOKIE};
use reqwest::{Response, StatusCode};

use crate::support::{Node, form};

/// A browser that follows nobody.
struct Stranger(reqwest::Client);

impl Stranger {
    fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).pool_max_idle_per_host(0);
        Self(client.redirect(reqwest::redirect::Policy::none()).build().unwrap())
    }

    async fn sign_in(&self, node: &Node, token: &str, next: &str) -> Response {
        let fields = [("token", token), ("next", next)];
        self.0.post(node.url("/login")).body(form(&fields)).send().await.unwrap()
    }

    /// The cookie of a new session.
    async fn session(&self, node: &Node) -> String {
        let answer = self.sign_in(node, &node.token(), "/").await;
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn get(&self, node: &Node, path: &str, cookie: &str) -> Response {
        self.0.get(node.url(path)).header(COOKIE, cookie).send().await.unwrap()
    }
}

/// Where an answer leads.
fn location(answer: &Response) -> &str {
    answer.headers().get(LOCATION).map_or("", |value| value.to_str().unwrap())
}

/// The CSRF token in a page.
fn csrf(page: &str) -> &str {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
    rest.split_once('"').unwrap().0
}

#[actix_rt::test]
async fn the_csrf_token_of_another_session_opens_nothing() {
    let (node, stranger) = (Node::start(), Stranger::new());
    let (own, other) = (stranger.session(&node).await, stranger.session(&node).await);
    let page = stranger.get(&node, "/nodes", &own).await.text().await.unwrap();
    for (cookie, expected) in [(&other, StatusCode::FORBIDDEN), (&own, StatusCode::SEE_OTHER)] {
        let fields = [("csrf", csrf(&page))];
        let request = stranger.0.post(node.url("/nodes/test/drain")).header(COOKIE, cookie).body(form(&fields));
        assert_eq!(request.send().await.unwrap().status(), expected);
    }
}

#[actix_rt::test]
async fn a_session_is_not_one_that_somebody_else_chose() {
    let (node, stranger) = (Node::start(), Stranger::new());
    let chosen = format!("cronbus_session={}", "a".repeat(64));
    let request = stranger.0.post(node.url("/login")).header(COOKIE, &chosen);
    let answer = request.body(form(&[("token", &node.token())])).send().await.unwrap();
    assert!(!answer.headers()[SET_COOKIE].to_str().unwrap().starts_with(&chosen));
    assert_eq!(stranger.get(&node, "/jobs", &chosen).await.status(), StatusCode::SEE_OTHER, "still outside");
}

#[actix_rt::test]
async fn signing_in_leads_to_no_other_site() {
    let (node, stranger) = (Node::start(), Stranger::new());
    for next in [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/jobs\r\nSet-Cookie: a=b",
        "@evil.example",
    ] {
        let answer = stranger.sign_in(&node, &node.token(), next).await;
        assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, "/"), "{next:?}");
    }
    for path in ["/", "/jobs", "/api/docs"] {
        let request = stranger.0.get(node.url(path)).header(HOST, "evil.example").bearer_auth(node.token());
        let answer = request.header("X-Forwarded-Host", "evil.example").send().await.unwrap();
        assert!(!location(&answer).contains("evil"), "{path} leads to {}", location(&answer));
    }
}

#[actix_rt::test]
async fn guessing_ends_whatever_address_is_claimed() {
    let (node, stranger) = (Node::start(), Stranger::new());
    let mut statuses = Vec::new();
    for number in 0..30 {
        let claimed = format!("10.0.0.{number}");
        let request = stranger.0.post(node.url("/login")).body(form(&[("token", "guess")]));
        let request = request.header("X-Forwarded-For", &claimed).header("Forwarded", format!("for={claimed}"));
        statuses.push(request.header("X-Real-IP", claimed).send().await.unwrap().status());
    }
    assert_eq!(statuses.first(), Some(&StatusCode::UNAUTHORIZED));
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
    let answer = stranger.sign_in(&node, &node.token(), "/").await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "nor is the right one told from the others now");
}

#[actix_rt::test]
async fn no_page_is_framed_or_kept() {
    let (node, stranger) = (Node::start(), Stranger::new());
    let run = node.run_shell("report", "echo done");
    let cookie = stranger.session(&node).await;
    let log = format!("/runs/{run}/log.txt");
    for path in [
        "/login",
        "/",
        "/jobs",
        "/jobs/report",
        "/runs",
        "/nodes",
        "/alerts",
        "/nothing",
        "/api/docs/",
        "/metrics",
        &log,
    ] {
        let answer = stranger.get(&node, path, &cookie).await;
        let header = |name| answer.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        assert!(header(CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"), "{path} may be framed");
        assert!(header(CACHE_CONTROL).contains("no-store"), "{path} may be kept: {}", header(CACHE_CONTROL));
    }
}
