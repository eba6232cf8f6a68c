//! A node whose register of members is away when it starts waits for it, and says so to those who ask.

use cronbus_servers::free_port;
use reqwest::StatusCode;

use crate::support::{Client, wait_for};
use crate::waiting::{EXECUTOR, Waiting};

#[test]
fn who_waits_for_the_register_lives_and_is_not_ready() {
    let (client, folder) = (Client::new(), tempfile::tempdir().unwrap());
    let key = folder.path().join("cluster.key");
    let made = crate::support::cronbus(folder.path()).args(["cluster", "init", "--key-file"]).arg(&key).output();
    assert!(made.unwrap().status.success());
    let etcd = free_port().unwrap();
    let variables = [
        ("CRONBUS_CLUSTER__KEY_FILE", key.display().to_string()),
        ("CRONBUS_MEMBERSHIP__URL", format!("etcd://127.0.0.1:{etcd}")),
        ("CRONBUS_BUS__URL", format!("nats://127.0.0.1:{}", free_port().unwrap())),
    ];
    let mut node = Waiting::start(EXECUTOR, &variables.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert_eq!(node.get(&client, "/healthz", false).0, StatusCode::OK);
    let (status, told) = node.get(&client, "/readyz", false);
    assert_eq!((status, told.to_string()), (StatusCode::SERVICE_UNAVAILABLE, r#"{"ready":false}"#.to_owned()));
    wait_for("the reason", || {
        let (_, told) = node.get(&client, "/readyz", true);
        told["parts"]["membership"]["detail"].as_str().filter(|detail| detail.contains("register")).map(drop)
    });
    assert_eq!(node.get(&client, "/metrics", true).0, StatusCode::SERVICE_UNAVAILABLE);
}
