//! etcd, one member.

use std::process::Command;

use super::place::{self, Place};
use crate::error::Error;

pub(super) fn command(place: &Place) -> Result<Command, Error> {
    let scheme = if place.encryption.is_some() { "https" } else { "http" };
    let clients = format!("{scheme}://127.0.0.1:{}", place.port);
    let asked = format!("http://127.0.0.1:{}", place.plain_port);
    let peers = format!("http://127.0.0.1:{}", place.inner_port);
    let mut command = Command::new(place::find("etcd", "etcd-server", [])?);
    command
        .arg("--data-dir")
        .arg(place.at("data"))
        .args(["--listen-client-urls", &clients, "--advertise-client-urls", &clients])
        .args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers])
        .args(["--listen-metrics-urls", &asked])
        .args(["--name", "one", "--initial-cluster", &format!("one={peers}"), "--log-level", "warn"])
        .args(&place.extra);
    if let Some(encryption) = &place.encryption {
        command.args(encryption.arguments(["--cert-file", "--key-file", "--trusted-ca-file"]));
        command.args(encryption.asks_clients.then_some("--client-cert-auth"));
    }
    Ok(command)
}

/// It says that it has a leader.
pub(super) fn is_ready(place: &Place) -> bool {
    let question = b"GET /health HTTP/1.0\r\n\r\n";
    Place::ask_at(place.plain_port, question).is_some_and(|answer| String::from_utf8_lossy(&answer).contains("200 OK"))
}
