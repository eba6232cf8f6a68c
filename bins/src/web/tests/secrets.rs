//! Secrets go in and never come out.

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::stage::{get, send, site};

fn job(name: &str, line: &str) -> Value {
    json!({ "name": name, "command": { "shell": line } })
}

#[actix_web::test]
async fn a_value_is_set_and_never_answered() {
    let site = site(true);
    let first = send(&site, Method::PUT, "/api/v1/secrets/key", json!({ "value": "hunter2", "groups": ["php"] })).await;
    assert_eq!((first.status, &first.json()["version"]), (StatusCode::OK, &json!(1)));
    let second = send(&site, Method::PUT, "/api/v1/secrets/key", json!({ "value": "hunter3" })).await.json();
    assert_eq!((&second["version"], &second["groups"]), (&json!(2), &json!(["php"])), "groups stay");
    let listed = get(&site, "/api/v1/secrets").await;
    assert_eq!(listed.json()["items"][0]["name"], "key");
    let trail = get(&site, "/api/v1/audit").await;
    for text in [first.text(), second.to_string(), listed.text(), trail.text()] {
        assert!(!text.contains("hunter"), "{text}");
    }
    assert_eq!(get(&site, "/api/v1/secrets/key").await.status, StatusCode::METHOD_NOT_ALLOWED);
    for (name, value) in [("key", "abc"), ("key", "a\u{0}bcd"), ("a b", "hunter2")] {
        let refused =
            send(&site, Method::PUT, &format!("/api/v1/secrets/{name}").replace(' ', "%20"), json!({ "value": value }))
                .await;
        assert!(refused.status.is_client_error() && !refused.text().contains("hunter"), "{}", refused.text());
    }
}

#[actix_web::test]
async fn a_job_names_only_secrets_that_are_there_and_for_it() {
    let site = site(true);
    let refused = send(&site, Method::POST, "/api/v1/jobs", job("a", "echo {{secret.key}}")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("cronbus secret set key"), "{}", refused.text());
    send(&site, Method::PUT, "/api/v1/secrets/key", json!({ "value": "hunter2", "groups": ["php"] })).await;
    let refused = send(&site, Method::POST, "/api/v1/jobs", job("a", "echo {{secret.key}}")).await;
    assert!(refused.text().contains("not for the group"), "{}", refused.text());
    let mut of_group = job("a", "echo {{secret.key}}");
    of_group["target"] = json!({ "group": "php" });
    let added = send(&site, Method::POST, "/api/v1/jobs", of_group.clone()).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    of_group["name"] = json!("b");
    of_group["params"] = json!({ "x": "{{secret.key}}" });
    let refused = send(&site, Method::POST, "/api/v1/jobs", of_group).await;
    assert!(refused.status.is_client_error() && refused.text().contains("params.x"), "{}", refused.text());

    assert_eq!(get(&site, "/api/v1/secrets").await.json()["items"][0]["used_by"], json!(["a"]));
    let used = send(&site, Method::DELETE, "/api/v1/secrets/key", Value::Null).await;
    assert_eq!(used.status, StatusCode::CONFLICT);
    let forced = send(&site, Method::DELETE, "/api/v1/secrets/key?force=true", Value::Null).await;
    assert_eq!(forced.status, StatusCode::NO_CONTENT, "{}", forced.text());
    assert_eq!(send(&site, Method::DELETE, "/api/v1/secrets/key", Value::Null).await.status, StatusCode::NOT_FOUND);
}
