//! Channels: what is shown of them, and what trying them says.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use super::stage::{get, send, site};

#[actix_web::test]
async fn channels_are_listed_without_secrets_and_tested() {
    let site = site(true);
    let channels = get(&site, "/api/v1/channels").await.json();
    let named = |number: usize, field: &str| channels["items"][number][field].clone();
    assert_eq!((named(0, "name"), named(1, "name"), named(1, "kind")), (json!("deaf"), json!("ops"), json!("slack")));
    let url = json!({ "key": "url", "value": "\"https://x/***\"", "source": "flag" });
    assert_eq!(named(1, "settings")[1], url);
    let tested = send(&site, Method::POST, "/api/v1/channels/ops/test", json!({})).await.json();
    assert_eq!((&tested["channel"], &tested["detail"]), (&json!("ops"), &json!("Test of the channel ops")));
    let refused = send(&site, Method::POST, "/api/v1/channels/deaf/test", json!({})).await;
    assert_eq!(refused.status, StatusCode::BAD_GATEWAY);
    assert!(refused.problem()["detail"].as_str().unwrap().contains("status 404"), "{}", refused.text());
    for name in ["none", "a%0Ab"] {
        let unknown = send(&site, Method::POST, &format!("/api/v1/channels/{name}/test"), json!({})).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{name}");
    }
    let unknown = send(&site, Method::POST, "/api/v1/channels/none/test", json!({})).await;
    assert!(unknown.problem()["detail"].as_str().unwrap().contains("there are deaf, ops"), "{}", unknown.text());
}
