//! What `cronbus doctor` says of real servers.

use std::path::Path;

use cronbus_servers::{Kind, Server};
use serde_json::Value;

use crate::support::cronbus;

/// What it found, with this configuration, and with which exit code.
fn doctor(folder: &Path, configuration: &str) -> (Option<i32>, Vec<Value>) {
    let config = folder.join("cronbus.toml");
    std::fs::write(&config, configuration).unwrap();
    let output = cronbus(folder).args(["doctor", "--json", "--config"]).arg(&config).output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

/// What is said of a check, as `level: detail`.
fn said(found: &[Value], check: &str) -> String {
    let of_check = found.iter().filter(|finding| finding["check"] == check);
    let lines = of_check.map(|finding| format!("{}: {}", finding["level"].as_str().unwrap(), finding["detail"]));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn servers_tell_their_versions_and_clocks_and_what_they_lack() {
    let servers = [Kind::PostgreSql, Kind::Nats, Kind::Etcd, Kind::Redis].map(|kind| Server::start(kind).unwrap());
    let [database, bus, register, guard] = servers.each_ref().map(Server::url);
    let folder = tempfile::tempdir().unwrap();
    let configuration = format!(
        "[database]\nurl = '{database}'\n[bus]\nurl = '{bus}'\n[cluster]\nkey = '{}'\n[membership]\nurl = '{register}'\n\
         [guard]\nurl = '{guard}'\n",
        "ab".repeat(32)
    );
    let (code, found) = doctor(folder.path(), &configuration);
    assert_eq!(code, Some(1), "{found:?}");
    assert!(said(&found, "database").contains("fail: \"the schema lacks"), "{found:?}");
    assert!(said(&found, "bus").contains("warn: \"the server does not ask who"), "{found:?}");
    for (check, product) in
        [("database", "PostgreSQL 1"), ("bus", "NATS 2."), ("membership", "etcd 3."), ("guard", "Redis ")]
    {
        assert!(said(&found, check).contains(&format!("ok: \"{product}")), "{check}: {found:?}");
    }
    for check in ["database", "guard"] {
        assert!(said(&found, check).contains("ok: \"its clock is"), "{check}: {found:?}");
    }

    let config = folder.path().join("cronbus.toml");
    let migrated = cronbus(folder.path()).args(["migrate", "--config"]).arg(config).output().unwrap();
    assert!(migrated.status.success(), "{migrated:?}");
    let (code, found) = doctor(folder.path(), &configuration);
    assert_eq!(code, Some(0), "{found:?}");
}

#[test]
fn mariadb_is_known_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = format!("[database]\nurl = '{}'\nmigrate = true\n", crate::servers::mariadb().url());
    let (code, found) = doctor(folder.path(), &configuration);
    assert!(code == Some(0) && said(&found, "database").contains("ok: \"MariaDB 1"), "{found:?}");
}
