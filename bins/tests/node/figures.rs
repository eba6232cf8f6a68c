//! What is shipped for watching nodes is about figures that they have: rules and board name nothing else, and Prometheus
//! takes the rules.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::support::{Client, Node, wait_for};

const RULES: &str = include_str!("../../../conf/prometheus/rules.yml");
const BOARD: &str = include_str!("../../../conf/grafana/dashboard.json");
const MANUAL: &str = include_str!("../../../docs/operations.md");

/// The names in a text that begin so.
fn names<'a>(text: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let places = text.match_indices(prefix).map(|(at, _)| &text[at..]);
    places.map(|rest| rest.split(|c| !is_of_name(c)).next().unwrap()).collect()
}

/// The figures of actors that a text names exactly, as `actor name`.
fn figures(text: &str) -> BTreeSet<String> {
    let plain = text.replace(['\\', ' '], "");
    let rest = plain.split(r#"{actor=""#).skip(1);
    let pairs = rest.filter_map(|rest| rest.split_once(r#"",name=""#));
    pairs.map(|(actor, rest)| format!("{actor} {}", rest.split('"').next().unwrap())).collect()
}

#[test]
fn rules_and_board_are_about_figures_that_there_are() {
    let node = Node::start();
    let client = Client::new();
    let scraped = wait_for("all figures", || {
        let (_, _, text) = client.send(client.get(&node, "/metrics"));
        text.contains(r#"name="unacknowledged""#).then_some(text)
    });
    let (known, of_actors) = (names(&scraped, "cronbus_"), figures(&scraped));
    for (what, text) in [("rules", RULES), ("board", BOARD)] {
        let strange: Vec<_> = names(text, "cronbus_").difference(&known).copied().collect();
        assert!(strange.is_empty(), "{what}: {strange:?}");
        let (named, strange) = (figures(text), figures(text).difference(&of_actors).cloned().collect::<Vec<_>>());
        assert!(named.len() >= 5 && strange.is_empty(), "{what}: {strange:?} of {named:?}");
    }
    for figure in of_actors.iter().filter(|figure| !figure.contains('/')) {
        let (_, name) = figure.split_once(' ').unwrap();
        assert!(MANUAL.contains(&format!("`{name}`")), "docs/operations.md does not explain {figure}");
    }
}

#[test]
fn every_rule_is_in_the_manual() {
    let rules: Vec<&str> = RULES.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(rules.len() > 10);
    let forgotten: Vec<_> = rules.iter().filter(|rule| !MANUAL.contains(&format!("`{rule}`"))).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

#[test]
fn prometheus_takes_the_rules_and_they_fire_when_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conf/prometheus");
    for words in [["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml"]] {
        let told = Command::new("promtool").args(words).current_dir(&folder).output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&[told.stdout, told.stderr].concat()));
    }
}
