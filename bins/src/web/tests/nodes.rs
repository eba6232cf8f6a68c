//! What is told of nodes.

use actix_web::http::StatusCode;
use serde_json::json;

use super::stage::{get, site};

#[actix_web::test]
async fn the_configuration_of_a_node_is_shown_with_its_sources() {
    let site = site(true);
    let setting = json!({ "key": "web.listen", "value": "\"x\"", "source": "flag" });
    assert_eq!(get(&site, "/api/v1/nodes/a/config").await.json(), json!({ "items": [setting], "next": null }));
    let other = get(&site, "/api/v1/nodes/b/config").await;
    assert_eq!((other.status, &other.problem()["field"]), (StatusCode::NOT_FOUND, &json!("node")));
}
