//! redis-server, in memory only: the guard must survive that it forgets.

use std::process::Command;

use super::place::{self, Place};
use crate::error::Error;

pub(super) fn command(place: &Place) -> Result<Command, Error> {
    let mut command = Command::new(place::find("redis-server", "redis-server", [])?);
    command
        .args(["--bind", "127.0.0.1", "--port", &plain(place).to_string(), "--save", "", "--appendonly", "no", "--dir"])
        .arg(&place.folder)
        .args(&place.extra);
    if let Some(encryption) = &place.encryption {
        command.args(encryption.arguments(["--tls-cert-file", "--tls-key-file", "--tls-ca-cert-file"]));
        command.args(["--tls-port", &place.port.to_string(), "--tls-auth-clients"]);
        command.arg(if encryption.asks_clients { "yes" } else { "no" });
    }
    Ok(command)
}

/// Where it is asked without TLS.
const fn plain(place: &Place) -> u16 {
    if place.encryption.is_some() { place.plain_port } else { place.port }
}

/// It answers, if only that it wants a password.
pub(super) fn is_ready(place: &Place) -> bool {
    Place::ask_at(plain(place), b"PING\r\n")
        .is_some_and(|answer| answer.starts_with(b"+PONG") || answer.starts_with(b"-NOAUTH"))
}
