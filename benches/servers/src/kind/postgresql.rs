//! postgres with its defaults for durability: every commit is synced.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use nix::unistd::{User, chown, geteuid};

use super::place::{self, Encryption, Place};
use crate::error::Error;

pub(super) fn prepare(place: &Place) -> Result<(), Error> {
    hand_over(place)?;
    let mut initdb = as_somebody(program("initdb")?)?;
    initdb
        .args(["--username=cronbus", "--auth=trust", "--encoding=UTF8", "--no-sync", "--pgdata"])
        .arg(place.at("data"));
    place::run(&mut initdb)?;
    // The first database is made without a server on the network.
    let mut single = as_somebody(program("postgres")?)?;
    let sql = place.at("init.sql");
    std::fs::write(&sql, "CREATE DATABASE cronbus;\n").map_err(Error::system("write what postgres runs first"))?;
    let input = std::fs::File::open(&sql).map_err(Error::system("read what postgres runs first"))?;
    single.arg("--single").arg("-D").arg(place.at("data")).arg("postgres").stdin(input);
    place::run(&mut single)
}

pub(super) fn command(place: &Place) -> Result<Command, Error> {
    let mut command = as_somebody(program("postgres")?)?;
    command
        .arg("-D")
        .arg(place.at("data"))
        .args(["-h", "127.0.0.1", "-p", &place.port.to_string(), "-k", ""])
        .args(&place.extra);
    if let Some(encryption) = &place.encryption {
        let key = own_key(place, encryption)?;
        for (name, path) in [("ssl_cert_file", &encryption.certificate), ("ssl_key_file", &key)] {
            command.arg("-c").arg(format!("{name}={}", path.display()));
        }
        command.args(["-c", "ssl=on"]);
    }
    Ok(command)
}

/// It takes a key that nobody else can read, and belongs to it.
fn own_key(place: &Place, encryption: &Encryption) -> Result<PathBuf, Error> {
    let own = place.at("server.key");
    std::fs::copy(&encryption.key, &own).map_err(Error::system("copy the key of postgres"))?;
    let owner_only = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&own, owner_only).map_err(Error::system("hide the key of postgres"))?;
    if let Some(user) = somebody()? {
        chown(&own, Some(user.uid), Some(user.gid))
            .map_err(|error| Error::System { what: "give postgres its key", error: error.into() })?;
    }
    Ok(own)
}

/// It lets the user in. The message is its protocol's start-up: length, version 3.0, pairs of words.
pub(super) fn is_ready(place: &Place) -> bool {
    let words = b"user\0cronbus\0database\0cronbus\0\0";
    let length = u32::try_from(words.len() + 8).unwrap_or_default();
    let start_up = [&length.to_be_bytes()[..], &[0, 3, 0, 0], words].concat();
    place.ask(&start_up).is_some_and(|answer| answer.starts_with(b"R"))
}

/// Debian keeps the programs of each version apart; the newest is taken.
fn program(name: &'static str) -> Result<PathBuf, Error> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin").join(name)).collect())
        .unwrap_or_default();
    versions.sort();
    place::find(name, "postgresql", versions.into_iter().rev())
}

/// postgres refuses to run as root.
fn as_somebody(program: PathBuf) -> Result<Command, Error> {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some(user) = somebody()? {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    Ok(command)
}

fn hand_over(place: &Place) -> Result<(), Error> {
    let Some(user) = somebody()? else { return Ok(()) };
    chown(&place.folder, Some(user.uid), Some(user.gid))
        .map_err(|error| Error::System { what: "give postgres its folder", error: error.into() })
}

/// Who runs it where this process is root.
fn somebody() -> Result<Option<User>, Error> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let found =
        User::from_name("nobody").map_err(|error| Error::System { what: "look up nobody", error: error.into() })?;
    Ok(found)
}
