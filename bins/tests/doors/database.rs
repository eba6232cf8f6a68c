//! A node whose database is away when it starts waits for it; one that it refuses for good does not.

use std::process::{Child, Command, Stdio};

use cronbus_servers::{Kind, Server, free_port};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Client, cronbus, wait_for};

/// A node on a port that is known before it answers.
struct Waiting {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &TempDir, url: &str, port: u16) -> Command {
    let mut command = cronbus(folder.path());
    command.args(["node", "--name", "test", "--listen", &format!("127.0.0.1:{port}")]);
    command.env("CRONBUS_DATABASE__URL", url).env("CRONBUS_DATABASE__MIGRATE", "true");
    command
}

impl Waiting {
    fn start(url: &str) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port().unwrap());
        let child = command(&folder, url, port).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, folder, port }
    }

    /// What it answers, once it listens.
    fn get(&mut self, client: &Client, path: &str, with_token: bool) -> (StatusCode, Value) {
        wait_for("the node to listen", || {
            assert!(self.child.try_wait().unwrap().is_none(), "the node ended");
            std::net::TcpStream::connect(("127.0.0.1", self.port)).ok()
        });
        let mut request = client.http.get(format!("http://127.0.0.1:{}{path}", self.port));
        if with_token {
            request =
                request.bearer_auth(std::fs::read_to_string(self.folder.path().join("admin.token")).unwrap().trim());
        }
        let (status, _, text) = client.send(request);
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }
}

#[test]
fn a_server_that_is_away_is_waited_for() {
    let client = Client::new();
    for kind in [Kind::MariaDb, Kind::PostgreSql] {
        let mut server = Server::start(kind).unwrap();
        server.kill().unwrap();
        let mut node = Waiting::start(&server.url());
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
        assert_eq!(node.get(&client, "/api/v1/jobs", true).0, StatusCode::OK);
    }
}

#[test]
fn a_node_that_waits_ends_when_it_is_told_to() {
    let mut node = Waiting::start(&format!("postgres://cronbus@127.0.0.1:{}/cronbus", free_port().unwrap()));
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
        let output = command(&folder, &url, 0).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && text.contains(says) && !text.contains("secret"), "{url}: {text}");
        assert!(text.contains("database.url"), "{text}");
    }
}
