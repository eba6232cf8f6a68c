//! REST, as the OpenAPI document describes it: what a client of an earlier release asks for is there, and what it is
//! answered has all that it was.

use reqwest::StatusCode;
use serde_json::Value;

use crate::openapi::breaches;
use crate::release::Release;
use crate::rule::Rule;
use crate::support::{Client, Node};

const RULE: Rule = Rule {
    about: "REST",
    says: "what works with /api/v1 goes on working: paths, parameters and fields of answers stay, and nothing more is \
           asked for",
    instead: "add beside what there is, optional where clients say it. What has to become something else goes under \
              /api/v2",
};

const DOCUMENT: &str = "openapi.json";

fn today() -> Value {
    let (node, client) = (Node::start(), Client::new());
    let (status, _, text) = client.send(client.get(&node, "/api/v1/openapi.json"));
    assert_eq!(status, StatusCode::OK, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn what_clients_of_earlier_releases_ask_for_and_get_is_there() {
    let today = today();
    for release in Release::all() {
        RULE.hold(&release, breaches(&release.json(DOCUMENT), &today));
    }
}

/// Keeps the description.
pub(crate) fn record(release: &Release) {
    release.write_json(DOCUMENT, &today());
}
