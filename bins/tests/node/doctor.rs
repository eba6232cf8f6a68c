//! `cronbus doctor` where all is well and where it is not. What it says of real servers is in `bins/tests/doors/doctor.rs`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::support::{Node, cronbus};

/// What it found, and with which exit code.
fn doctor(data: &Path, words: &[&str]) -> (Option<i32>, Vec<Value>) {
    let Output { status, stdout, stderr } = cronbus(data).arg("doctor").args(words).arg("--json").output().unwrap();
    let found = serde_json::from_slice(&stdout);
    (status.code(), found.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&stderr))))
}

/// The findings of a check that are of a level.
fn of<'a>(found: &'a [Value], check: &str, level: &str) -> Vec<&'a Value> {
    found.iter().filter(|finding| finding["check"] == check && finding["level"] == level).collect()
}

#[test]
fn before_the_first_start_it_looks_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (code, found) = doctor(&data, &[]);
    assert_eq!(code, Some(0), "{found:?}");
    for check in ["configuration", "data", "disk", "shell", "shim", "time zones", "node"] {
        assert_eq!(of(&found, check, "ok").len(), 1, "{check}: {found:?}");
    }
    assert!(!data.exists());
    let text = cronbus(&data).arg("doctor").output().unwrap().stdout;
    assert!(String::from_utf8(text).unwrap().contains("OK    configuration"));
}

#[test]
fn beside_a_node_it_says_how_that_is() {
    let node = Node::start();
    let (code, found) = doctor(&node.data(), &[]);
    assert_eq!(code, Some(0), "{found:?}");
    assert_eq!(of(&found, "node", "ok").len(), 2, "{found:?}");
    assert!(found.iter().all(|finding| !finding["detail"].as_str().unwrap().contains(&node.token())));
}

#[test]
fn what_no_node_can_work_with_fails_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let config = write("faulty.toml", "[node]\nnmae = 'x'\n");
    let (code, found) = doctor(folder.path(), &["--config", &config]);
    assert_eq!((code, of(&found, "configuration", "fail").len()), (Some(1), 1), "{found:?}");

    let key = write("cluster.key", &"ab".repeat(32));
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    let config = write("exposed.toml", &format!("[bus]\nurl = 'nats://127.0.0.1:1'\n[cluster]\nkey_file = '{key}'\n"));
    let (code, found) = doctor(Path::new(&key), &["--config", &config]);
    assert_eq!(code, Some(1));
    for check in ["data", "cluster.key", "bus"] {
        let failed = of(&found, check, "fail");
        assert!(failed.len() == 1 && !failed[0]["advice"].as_str().unwrap().is_empty(), "{check}: {found:?}");
    }
}

#[test]
fn servers_that_are_away_are_all_told_of_at_once() {
    let folder = tempfile::tempdir().unwrap();
    // A socket that listens and never answers: worse than a port that is closed.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("127.0.0.1:{}", silent.local_addr().unwrap().port());
    let config = folder.path().join("away.toml");
    let text = format!(
        "[database]\nurl = 'postgres://cronbus:hunter2@{place}/cronbus'\n[bus]\nurl = 'nats://{place}'\n\
         [cluster]\nkey = '{}'\n[membership]\nurl = 'etcd://{place}'\n[guard]\nurl = 'redis://:hunter2@{place}'\n",
        "ab".repeat(32)
    );
    std::fs::write(&config, text).unwrap();
    let (code, found) = doctor(folder.path(), &["--config", config.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    for check in ["database", "bus", "membership", "guard"] {
        assert_eq!(of(&found, check, "fail").len(), 1, "{check}: {found:?}");
    }
    assert!(!format!("{found:?}").contains("hunter2"));
}
