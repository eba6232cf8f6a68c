//! redis-server, in memory only: the guard must survive that it forgets.

use std::process::Command;

use super::place::{self, Place};
use crate::error::Error;

pub(super) fn command(place: &Place) -> Result<Command, Error> {
    let mut command = Command::new(place::find("redis-server", "redis-server", [])?);
    command
        .args(["--bind", "127.0.0.1", "--port", &place.port.to_string(), "--save", "", "--appendonly", "no", "--dir"])
        .arg(&place.folder)
        .args(&place.extra);
    Ok(command)
}

/// It answers, if only that it wants a password.
pub(super) fn is_ready(place: &Place) -> bool {
    place.ask(b"PING\r\n").is_some_and(|answer| answer.starts_with(b"+PONG") || answer.starts_with(b"-NOAUTH"))
}
