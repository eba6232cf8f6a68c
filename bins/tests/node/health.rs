//! What load balancers, Kubernetes and Prometheus ask of a node that has no web.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::{Client, Node, wait_for};

const WITHOUT_WEB: &str = "[node]\nroles = [\"scheduler\", \"dispatcher\", \"executor\", \"monitor\"]\n\
                           [health]\nlisten = \"127.0.0.1:0\"\n";

fn until_ready(client: &Client, url: &str) {
    wait_for("the node to be ready", || (client.send(client.http.get(url)).0 == StatusCode::OK).then_some(()));
}

#[test]
fn a_node_without_web_is_asked_for_its_health_and_for_nothing_else() {
    let (node, client) = (Node::start_with(WITHOUT_WEB), Client::new());
    until_ready(&client, &node.health_url("/readyz"));
    let ask = |method: Method, path: &str, token: Option<&str>| {
        let request = client.http.request(method, node.health_url(path));
        client.send(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    };
    let token = node.token();
    let (get, shown) = (Method::GET, Some(token.as_str()));

    let (status, _, text) = ask(get.clone(), "/healthz", None);
    assert_eq!((status, text.as_str()), (StatusCode::OK, r#"{"alive":true}"#));
    let (status, _, text) = ask(get.clone(), "/readyz", None);
    assert_eq!((status, text.as_str()), (StatusCode::OK, r#"{"ready":true}"#));
    let (_, _, text) = ask(get.clone(), "/readyz", shown);
    let told: Value = serde_json::from_str(&text).unwrap();
    assert!(told["node"] == "test" && told["parts"]["database"]["ok"] == true, "{text}");
    let (status, kind, text) = ask(get.clone(), "/metrics", shown);
    assert!(status == StatusCode::OK && kind.starts_with("application/openmetrics-text"), "{kind}");
    assert!(text.contains("cronbus_ready 1"), "{text}");

    for (method, path, token, expected) in [
        (get.clone(), "/metrics", None, StatusCode::UNAUTHORIZED),
        (get.clone(), "/metrics", Some("no such token"), StatusCode::UNAUTHORIZED),
        (get.clone(), "/metrics?a=b", shown, StatusCode::BAD_REQUEST),
        (Method::POST, "/healthz", shown, StatusCode::METHOD_NOT_ALLOWED),
        (get.clone(), "/", shown, StatusCode::NOT_FOUND),
        (get.clone(), "/api/v1/jobs", shown, StatusCode::NOT_FOUND),
        (Method::POST, "/api/v1/executor/hold", shown, StatusCode::NOT_FOUND),
        (get, "/api/v1/nodes", None, StatusCode::NOT_FOUND),
    ] {
        let (status, kind, text) = ask(method.clone(), path, token);
        assert_eq!((status, kind.as_str()), (expected, "application/problem+json"), "{method} {path}: {text}");
    }
    assert_eq!(ask(Method::HEAD, "/readyz", None).0, StatusCode::OK);
}

#[test]
fn a_node_with_a_web_may_be_probed_elsewhere() {
    let (node, client) = (Node::start_with("[health]\nlisten = \"127.0.0.1:0\"\n"), Client::new());
    for url in [node.url("/readyz"), node.health_url("/readyz")] {
        until_ready(&client, &url);
    }
    let listed = node.ask_json(&["nodes", "list"]);
    let health = listed[0]["health_address"].as_str().unwrap();
    assert_eq!(node.health_url(""), format!("http://{health}"));
}
