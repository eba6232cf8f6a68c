//! A node whose database is away when it starts waits for it; one that it refuses for good does not.

use cronbus_servers::{Kind, Server, free_port};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::StatusCode;

use crate::support::{Client, wait_for};
use crate::waiting::{HEALTH, WEB, Waiting, command};

#[test]
fn a_server_that_is_away_is_waited_for() {
    let client = Client::new();
    for (kind, door) in [(Kind::MariaDb, WEB), (Kind::PostgreSql, HEALTH)] {
        let mut server = Server::start(kind).unwrap();
        server.kill().unwrap();
        let mut node = Waiting::start(door, &[("CRONBUS_DATABASE__URL", &server.url())]);
        assert_eq!(node.get(&client, "/healthz", false).0, StatusCode::OK);
        let (status, told) = node.get(&client, "/readyz", false);
        assert_eq!((status, told.to_string()), (StatusCode::SERVICE_UNAVAILABLE, r#"{"ready":false}"#.to_owned()));
        let (_, told) = node.get(&client, "/readyz", true);
        let detail = told["parts"]["database"]["detail"].as_str().unwrap();
        assert!(detail.contains(&server.port().to_string()), "{told}");
        let (status, told) = node.get(&client, "/api/v1/jobs", true);
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(told["detail"].as_str().unwrap().contains("waits for its database"), "{told}");
        server.start_again().unwrap();
        wait_for("the node to be ready", || (node.get(&client, "/readyz", true).0 == StatusCode::OK).then_some(()));
        let jobs = if door == WEB { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(node.get(&client, "/api/v1/jobs", true).0, jobs);
    }
}

#[test]
fn a_node_that_waits_ends_when_it_is_told_to() {
    let url = format!("postgres://cronbus@127.0.0.1:{}/cronbus", free_port().unwrap());
    let mut node = Waiting::start(WEB, &[("CRONBUS_DATABASE__URL", &url)]);
    node.get(&Client::new(), "/healthz", false);
    kill(Pid::from_raw(node.child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    assert!(wait_for("the node to end", || node.child.try_wait().unwrap()).success());
}

#[test]
fn what_waiting_cannot_mend_ends_a_node_at_once() {
    let port = crate::servers::mariadb().port();
    for (url, says) in [
        (format!("mysql://root:secret@127.0.0.1:{port}/nowhere"), "Access denied"),
        (format!("mysql://root@127.0.0.1:{port}/nowhere"), "Unknown database"),
        (format!("mysql://root@127.0.0.1:{port}/cronbus?sslmode=require"), "no TLS"),
        ("mysql://root:secret@127.0.0.1/cronbus?sslmode=verify-full&sslrootcert=/nowhere".to_owned(), "/nowhere"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = command(&folder, WEB, 0).env("CRONBUS_DATABASE__URL", &url).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && text.contains(says) && !text.contains("secret"), "{url}: {text}");
        assert!(text.contains("database.url"), "{text}");
    }
}
