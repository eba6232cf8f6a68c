//! etcd, one member.

use std::process::Command;

use super::place::{self, Place};
use crate::error::Error;

pub(super) fn command(place: &Place) -> Result<Command, Error> {
    let clients = format!("http://127.0.0.1:{}", place.port);
    let peers = format!("http://127.0.0.1:{}", place.inner_port);
    let mut command = Command::new(place::find("etcd", "etcd-server", [])?);
    command
        .arg("--data-dir")
        .arg(place.at("data"))
        .args(["--listen-client-urls", &clients, "--advertise-client-urls", &clients])
        .args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers])
        .args(["--name", "one", "--initial-cluster", &format!("one={peers}"), "--log-level", "warn"])
        .args(&place.extra);
    Ok(command)
}

/// It says that it has a leader.
pub(super) fn is_ready(place: &Place) -> bool {
    let question = b"GET /health HTTP/1.0\r\n\r\n";
    place.ask(question).is_some_and(|answer| String::from_utf8_lossy(&answer).contains("200 OK"))
}
