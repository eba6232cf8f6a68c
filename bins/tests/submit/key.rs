//! The cluster's key, as the command line makes it and a node asks for it.

use std::os::unix::fs::PermissionsExt;

use crate::support::cronbus;

#[test]
fn init_makes_one_and_never_replaces_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.key");
    let init = || cronbus(folder.path()).args(["cluster", "init", "--key-file"]).arg(&file).output().unwrap();
    assert!(init().status.success());
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.trim().len(), 64);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let again = init();
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_node_on_nats_without_a_key_refuses_to_start_and_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut node = cronbus(&folder.path().join("data"));
    node.env("CRONBUS_BUS__URL", "nats://127.0.0.1:1");
    let output = node.args(["node", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cronbus cluster init"));
}
