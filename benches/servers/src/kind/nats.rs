//! nats-server with JetStream, its store on files.

use std::process::Command;

use super::place::{self, Place};
use crate::error::Error;

/// A configuration file, because the limits of the store have no flags.
pub(super) fn prepare(place: &Place) -> Result<(), Error> {
    let store = place.at("jetstream");
    let text = format!(
        "jetstream {{ store_dir: {store:?}, max_mem: 1G, max_file: 16G }}\n",
        store = store.display().to_string()
    );
    std::fs::write(place.at("nats.conf"), text).map_err(Error::system("write the configuration of nats-server"))
}

pub(super) fn command(place: &Place) -> Result<Command, Error> {
    let mut command = Command::new(place::find("nats-server", "nats-server", [])?);
    command
        .args(["-a", "127.0.0.1", "-p", &place.port.to_string(), "-c"])
        .arg(place.at("nats.conf"))
        .args(&place.extra);
    if let Some(encryption) = &place.encryption {
        command.arg("--tls").args(encryption.arguments(["--tlscert", "--tlskey", "--tlscacert"]));
        command.args(encryption.asks_clients.then_some("--tlsverify"));
    }
    Ok(command)
}

/// It greets whoever connects.
pub(super) fn is_ready(place: &Place) -> bool {
    place.ask(b"").is_some_and(|greeting| greeting.starts_with(b"INFO "))
}
