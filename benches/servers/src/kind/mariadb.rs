//! mariadbd with its defaults for durability: every commit is synced.

use std::process::Command;

use super::place::{self, Place};
use crate::error::Error;

pub(super) fn prepare(place: &Place) -> Result<(), Error> {
    let install = place::find("mariadb-install-db", "mariadb-server", [])?;
    let sql = "CREATE DATABASE IF NOT EXISTS cronbus CHARACTER SET utf8mb4;\n";
    std::fs::create_dir_all(place.at("tmp")).map_err(Error::system("make a folder for mariadbd"))?;
    std::fs::write(place.at("init.sql"), sql).map_err(Error::system("write what mariadbd runs at its start"))?;
    let mut command = Command::new(install);
    command
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
        .args(user())
        .args(folders(place));
    place::run(&mut command)
}

pub(super) fn command(place: &Place) -> Result<Command, Error> {
    let mut command = Command::new(place::find("mariadbd", "mariadb-server", [])?);
    command
        .args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve"])
        .args(user())
        .arg(format!("--port={}", place.port))
        .args(folders(place))
        .arg(format!("--socket={}", place.at("socket").display()))
        .arg(format!("--pid-file={}", place.at("pid").display()))
        .arg(format!("--init-file={}", place.at("init.sql").display()))
        .args(&place.extra);
    if let Some(encryption) = &place.encryption {
        let [certificate, authorities] = [&encryption.certificate, &encryption.authorities].map(|path| path.display());
        command.arg(format!("--ssl-cert={certificate}")).arg(format!("--ssl-ca={authorities}"));
        command.arg(format!("--ssl-key={}", encryption.key.display())).arg("--require-secure-transport=ON");
    }
    Ok(command)
}

/// It greets whoever connects with its version, or says why it does not talk to him (0xff).
pub(super) fn is_ready(place: &Place) -> bool {
    place.ask(b"").is_some_and(|greeting| greeting.get(4).is_some_and(|first| *first == 10))
}

/// Its data, and a place for its temporary tables: every one that starts removes all that it finds there.
fn folders(place: &Place) -> [String; 2] {
    [format!("--datadir={}", place.at("data").display()), format!("--tmpdir={}", place.at("tmp").display())]
}

/// As root it has to be told that this is meant.
fn user() -> Option<&'static str> {
    nix::unistd::geteuid().is_root().then_some("--user=root")
}
