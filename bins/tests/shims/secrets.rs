//! A run that is given a secret outlives its node like any other, and what it prints of it lies nowhere.

use std::fs;

use cronbus_servers::outlived::file_of;

use crate::away::{OVER, kill, wait_for_exit};
use crate::support::{Node, wait_for};

const VALUE: &str = "c0rrect-horse-battery";

#[test]
fn a_secret_is_masked_on_disk_and_after_the_node_was_killed() {
    let mut node = Node::start();
    let path = node.data().with_file_name("value");
    fs::write(&path, VALUE).unwrap();
    node.ask(&["secret", "set", "phrase", "--file", path.to_str().unwrap()]);
    fs::remove_file(&path).unwrap();
    // In two pieces, so that neither is known before the other has come; the second when nobody is there.
    let line = "v={{secret.phrase}}; a=${v%-*}; echo \"whole $v\"; printf \"cut $a\"; sleep 3; echo \"${v#$a}\"; \
                printf %s \"$v\" | base64; echo \"$v\" >&2; exit 7";
    node.ask(&["job", "add", "tells", "--shell", line]);
    let run = node.ask(&["job", "run", "tells"]).trim().to_owned();
    wait_for("the first line", || node.ask(&["run", "logs", &run]).contains("whole").then_some(()));
    let path = file_of(&node.data(), &run);
    let file = || fs::read(&path).unwrap();
    let has = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has(&file(), "whole ••••") && !has(&file(), VALUE) && !has(&file(), "c0rrect"));

    kill(&mut node);
    wait_for_exit(&node, &run);
    assert!(!has(&file(), VALUE) && !has(&file(), "battery"));
    node.start_again();
    let ended = node.wait_for_run(&run, &OVER);
    assert_eq!((&ended["state"], &ended["exit_code"]), (&"failed".into(), &7.into()), "{ended}");
    let printed = node.try_ask(&["run", "logs", &run]);
    assert_eq!(String::from_utf8_lossy(&printed.stdout), "whole ••••\ncut ••••\n••••\n");
    assert_eq!(String::from_utf8_lossy(&printed.stderr), "••••\n");
}
