//! A node that starts while something it needs is away, asked at one of its doors.

use std::process::{Child, Command, Stdio};

use cronbus_servers::free_port;
use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Client, cronbus, wait_for};

/// Where a node is asked, and the roles that give it this door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Door {
    roles: &'static str,
    flag: &'static str,
}

/// The web of a node that plays all roles.
pub(crate) const WEB: Door = Door { roles: "scheduler,dispatcher,executor,monitor,web", flag: "--listen" };

/// The listener for health of a node that has no web.
pub(crate) const HEALTH: Door = Door { roles: "scheduler,dispatcher,executor,monitor", flag: "--health-listen" };

/// The same of one that only executes.
pub(crate) const EXECUTOR: Door = Door { roles: "executor", flag: "--health-listen" };

/// A node on a port that is known before it answers.
pub(crate) struct Waiting {
    pub(crate) child: Child,
    folder: TempDir,
    port: u16,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A node that is not started yet.
pub(crate) fn command(folder: &TempDir, door: Door, port: u16) -> Command {
    let mut command = cronbus(folder.path());
    command.args(["node", "--name", "test", "--roles", door.roles, door.flag, &format!("127.0.0.1:{port}")]);
    command.env("CRONBUS_DATABASE__MIGRATE", "true");
    command
}

impl Waiting {
    /// Starts it with these variables.
    pub(crate) fn start(door: Door, variables: &[(&str, &str)]) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port().unwrap());
        let mut command = command(&folder, door, port);
        command.envs(variables.iter().copied());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, folder, port }
    }

    /// What it answers, once it listens.
    pub(crate) fn get(&mut self, client: &Client, path: &str, with_token: bool) -> (StatusCode, Value) {
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
