//! Rules as sentences: who is told of what, when, and who if nobody acknowledges it. Pure.

use cronbus_core::alert::{ChannelName, EventKind, Rule};

use super::words::kind_word;
use crate::web::admin::words::Language;

/// A rule for people.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RuleCard {
    pub(super) name: String,
    /// What it is about.
    pub(super) events: String,
    /// Of which jobs.
    pub(super) of: String,
    /// Whom it tells.
    pub(super) channels: String,
    /// What else there is to say of it, a sentence each.
    pub(super) more: Vec<String>,
}

impl RuleCard {
    /// Of a rule of the configuration.
    pub(super) fn of(rule: &Rule, language: Language) -> Self {
        let events = EventKind::ALL.into_iter().filter(|kind| rule.is_about(*kind));
        let events: Vec<String> = events.map(|kind| kind_word(kind, language)).collect();
        Self {
            name: rule.name.clone(),
            events: events.join(", "),
            of: selection(rule, language),
            channels: names(&rule.channels),
            more: more(rule, language),
        }
    }
}

fn names(channels: &[ChannelName]) -> String {
    channels.iter().map(ChannelName::as_str).collect::<Vec<_>>().join(", ")
}

fn selection(rule: &Rule, language: Language) -> String {
    let mut parts = Vec::new();
    if !rule.jobs.is_empty() {
        let patterns: Vec<String> = rule.jobs.iter().map(ToString::to_string).collect();
        parts.push(language.say_with("rule-jobs", [("names", &patterns.join(", "))]));
    }
    if let Some(group) = &rule.group {
        parts.push(language.say_with("rule-group", [("group", group)]));
    }
    if !rule.labels.is_empty() {
        let labels: Vec<String> = rule.labels.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        parts.push(language.say_with("rule-labels", [("labels", &labels.join(", "))]));
    }
    if parts.is_empty() { language.say("rule-all-jobs") } else { parts.join("; ") }
}

fn more(rule: &Rule, language: Language) -> Vec<String> {
    let limits = [
        ("rule-running-long", rule.running_longer_than),
        ("rule-no-success", rule.no_success_for),
        ("rule-late", rule.late_after),
    ];
    let limit = |(key, period): (&str, Option<cronbus_core::duration::Period>)| {
        Some(language.say_with(key, [("time", &period?.to_string())]))
    };
    let mut more: Vec<String> = limits.into_iter().filter_map(limit).collect();
    if let Some(factor) = rule.running_longer_than_p95 {
        more.push(language.say_with("rule-running-p95", [("factor", &f64::from(factor).to_string())]));
    }
    if rule.after > 1 {
        more.push(language.say_with("rule-after", [("count", &rule.after.to_string())]));
    }
    if !rule.only_on_change {
        more.push(language.say("rule-every-time"));
    }
    if let Some(escalate) = &rule.escalate {
        let (after, channels) = (escalate.after.to_string(), names(&escalate.channels));
        more.push(language.say_with("rule-escalate", [("time", &after), ("channels", &channels)]));
    }
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_sentences() {
        let rule: Rule = serde_json::from_value(serde_json::json!({
            "name": "nightly", "jobs": ["night-*"], "labels": { "team": "db" }, "events": ["failed", "no_success"],
            "after": 3, "only_on_change": false, "channels": ["ops", "chat"], "no_success_for": "26h",
            "running_longer_than_p95": 1.5, "escalate": { "after": "15m", "channels": ["duty"] }
        }))
        .unwrap();
        let card = RuleCard::of(&rule, Language::English);
        assert_eq!(card.events, "Failed, No success");
        assert_eq!(card.of, "jobs called night-*; with the labels team = db");
        assert_eq!(card.channels, "ops, chat");
        assert_eq!(
            card.more,
            [
                "No success means: none for 1d2h.",
                "Running long means: longer than 95 % of the job's runs, times 1.5.",
                "Told once it has happened 3 times in a row.",
                "Told every time, not only when it begins.",
                "When nobody acknowledges it within 15m: duty.",
            ]
        );
    }
}
