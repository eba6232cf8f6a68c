//! The rules, how a breach of one is told, and what was taken away by them.
//!
//! A release may **expand**: add what nobody has to know. The one after it may **contract**: take away what the one
//! before does not need any more. So something is needed by the release that is recorded unless `taken-away.toml` names
//! the release since which it is not, and that one is recorded, too.

use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::release::{Release, root};

/// One rule of ARCHITECTURE.md.
pub(crate) struct Rule {
    /// What it is about, as `taken-away.toml` names it.
    pub(crate) about: &'static str,
    /// What must not happen.
    pub(crate) says: &'static str,
    /// What to do instead.
    pub(crate) instead: &'static str,
}

/// A part of what was recorded that is not as it was.
#[derive(Debug, PartialEq)]
pub(crate) struct Breach {
    /// Which part.
    pub(crate) part: String,
    /// What became of it.
    pub(crate) how: String,
}

impl Breach {
    pub(crate) fn new(part: impl Into<String>, how: impl Into<String>) -> Self {
        Self { part: part.into(), how: how.into() }
    }
}

impl Rule {
    /// Fails when something breaks it that was not taken away in order.
    pub(crate) fn hold(&self, release: &Release, mut breaches: Vec<Breach>) {
        breaches.retain(|breach| !is_taken_away(self.about, &breach.part));
        let told: Vec<String> = breaches.iter().map(|breach| format!("  {}: {}", breach.part, breach.how)).collect();
        assert!(
            breaches.is_empty(),
            "{} of release {} would break:\n{}\nThe rule: {}\nWhat to do: {}\n",
            self.about,
            release.version(),
            told.join("\n"),
            self.says,
            self.instead
        );
    }
}

/// Something that is not there any more.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TakenAway {
    about: String,
    part: String,
    /// The first release that does not need it: it reads what lacks it, and writes it for those before it alone.
    unneeded_since: String,
    #[serde(rename = "because")]
    _because: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    taken_away: Vec<TakenAway>,
}

fn taken_away() -> Vec<TakenAway> {
    let text = fs::read_to_string(root().join("taken-away.toml")).unwrap();
    toml::from_str::<List>(&text).unwrap().taken_away
}

/// Whether this part, or one that it is within, was taken away.
pub(crate) fn is_taken_away(about: &str, part: &str) -> bool {
    let within = |whole: &str| {
        part.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with(' '))
    };
    taken_away().iter().any(|entry| entry.about == about && within(&entry.part))
}

/// What of `recorded` is not in `today`: keys that are gone, items, and values that changed. Keys that came are fine.
pub(crate) fn losses(part: &str, recorded: &Value, today: &Value) -> Vec<Breach> {
    match (recorded, today) {
        (Value::Object(recorded), Value::Object(today)) => recorded
            .iter()
            .flat_map(|(key, value)| {
                let part = if part.is_empty() { key.clone() } else { format!("{part}.{key}") };
                match today.get(key) {
                    Some(now) => losses(&part, value, now),
                    None => vec![Breach::new(part, "it is gone")],
                }
            })
            .collect(),
        (Value::Array(recorded), Value::Array(today)) if recorded.len() == today.len() => {
            let both = recorded.iter().zip(today).enumerate();
            both.flat_map(|(index, (was, is))| losses(&format!("{part}.{index}"), was, is)).collect()
        }
        (was, is) if was == is => Vec::new(),
        (was, is) => vec![Breach::new(part, format!("it was {was}, and is {is}"))],
    }
}

#[test]
fn what_was_taken_away_was_not_needed_for_one_release() {
    for entry in taken_away() {
        let is_recorded = Release::all().iter().any(|release| release.version() == entry.unneeded_since);
        assert!(
            is_recorded,
            "taken-away.toml: {} ({}) is unneeded since {}, which is not recorded: nodes of the release before may \
             still need it. Keep it for one release more",
            entry.part, entry.about, entry.unneeded_since
        );
    }
}

#[test]
fn what_comes_is_no_loss_and_what_goes_or_changes_is() {
    let recorded = serde_json::json!({ "a": 1, "b": [{ "c": "x" }, 2], "d": null });
    assert_eq!(
        losses("", &recorded, &serde_json::json!({ "a": 1, "b": [{ "c": "x", "n": 1 }, 2], "d": null, "n": 1 })),
        []
    );
    let less = serde_json::json!({ "a": 2, "b": [{}, 2] });
    let parts: Vec<String> = losses("", &recorded, &less).into_iter().map(|breach| breach.part).collect();
    assert_eq!(parts, ["a", "b.0.c", "d"]);
    let shorter = losses("", &recorded, &serde_json::json!({ "a": 1, "b": [], "d": null }));
    assert_eq!(shorter.len(), 1);
}
