//! The rules of alerts: each has a name of its own, channels that there are, and the limits that its events need.

use std::collections::HashSet;

use crate::alert::{EventKind, Rule};
use crate::config::root::Config;

use super::Fault;

/// More rules than this are no rules any more.
const MOST: usize = 1_000;

pub(in crate::config) fn check(config: &Config) -> Vec<Fault> {
    let rules = &config.alerts.rule;
    let mut names = HashSet::new();
    let twice = rules.iter().find(|rule| !names.insert(rule.name.as_str()));
    let twice = twice.map(|rule| format!("two rules are named `{}`: give each a name of its own", rule.name));
    let many = (rules.len() > MOST).then(|| format!("at most {MOST} rules are allowed"));
    let reasons = rules.iter().flat_map(|rule| faults(rule, config)).chain(twice).chain(many);
    reasons.map(|reason| Fault { key: "alerts.rule", reason }).collect()
}

fn faults(rule: &Rule, config: &Config) -> Vec<String> {
    let name = &rule.name;
    let channels = &config.alerts.channel;
    let unknown = rule.all_channels().find(|channel| !channels.contains_key(*channel)).map(|channel| {
        let there_are: Vec<&str> = channels.keys().map(|channel| channel.as_str()).collect();
        let there_are = if there_are.is_empty() { "none".to_owned() } else { there_are.join(", ") };
        format!("rule `{name}`: there is no channel `{channel}` ([alerts.channel.{channel}]); there are: {there_are}")
    });
    let is_name = !name.is_empty() && name.len() <= 128 && !name.contains(char::is_control);
    [
        (!is_name).then(|| "the name of a rule is one line of 1 to 128 bytes".to_owned()),
        rule.channels.is_empty().then(|| format!("rule `{name}`: name at least one channel")),
        (rule.after == 0).then(|| format!("rule `{name}`: after is at least 1")),
        needs(rule, EventKind::LateStart, rule.late_after.is_some(), "late_after"),
        needs(
            rule,
            EventKind::RunningLong,
            rule.running_longer_than.is_some() || rule.running_longer_than_p95.is_some(),
            "running_longer_than or running_longer_than_p95",
        ),
        needs(rule, EventKind::NoSuccess, rule.no_success_for.is_some(), "no_success_for"),
        unknown,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn needs(rule: &Rule, kind: EventKind, has: bool, limit: &str) -> Option<String> {
    let lacks = rule.events.contains(&kind) && !has;
    lacks.then(|| format!("rule `{}`: {kind} needs {limit}", rule.name))
}
