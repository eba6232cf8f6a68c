//! Accounts of a real node: the link of its first start, the commands, and what a token of a group may.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use crate::support::{Node, cronbus, wait_for};

#[test]
fn accounts_are_kept_by_the_command_line_and_count_for_it() {
    let node = Node::start();
    let is_offered = || node.log().contains("/setup#").then_some(());
    wait_for("the set-up link in the log", is_offered);
    let link = node.ask(&["account", "setup-link"]);
    assert!(link.starts_with("http://127.0.0.1:") && link.trim().len() > 80, "{link}");

    let mut adding = cronbus(&node.data());
    adding.args(["account", "user", "add", "Anna", "--grant", "viewer", "--grant", "operator:php"]);
    let mut adding = adding.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    adding.stdin.take().unwrap().write_all(b"correct horse battery\n").unwrap();
    assert!(adding.wait_with_output().unwrap().status.success());
    let users = node.ask_json(&["account", "user", "list"]);
    assert_eq!((&users[0]["name"], &users[0]["disabled"]), (&json!("anna"), &json!(false)));
    assert_eq!(users[0]["grants"], json!([{ "role": "viewer" }, { "role": "operator", "groups": ["php"] }]));
    node.ask(&["account", "user", "disable", "anna"]);
    assert_eq!(node.ask_json(&["account", "user", "list"])[0]["disabled"], true);

    node.ask(&["job", "add", "of-php", "--noop", "--target", "group=php"]);
    node.ask(&["job", "add", "of-all", "--noop"]);
    let token = node.ask(&["account", "token", "create", "ci", "--grant", "operator:php", "--expires", "1d"]);
    let ask = |words: &[&str]| {
        let mut command = cronbus(&node.data());
        command.args(words).env("CRONBUS_TOKEN", token.trim()).output().unwrap()
    };
    let seen = String::from_utf8(ask(&["job", "list"]).stdout).unwrap();
    assert!(seen.contains("of-php") && !seen.contains("of-all"), "{seen}");
    let refused = ask(&["job", "rm", "of-php"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("takes the role editor"), "{said}");
    node.ask(&["account", "token", "revoke", "ci"]);
    assert_eq!(ask(&["job", "list"]).status.code(), Some(1));
}
