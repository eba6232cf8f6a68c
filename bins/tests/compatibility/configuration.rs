//! Configuration files of earlier releases: each key is known, and means what it meant.

use std::collections::BTreeMap;

use cronbus_core::config::{Config, Loaded, Origin, SourceFile, Sources};
use serde_json::Value;
use toml::Table;

use crate::release::Release;
use crate::rule::{Breach, Rule, is_taken_away, losses};

const RULE: Rule = Rule {
    about: "configuration",
    says: "a configuration file that worked with a release works with the next one, and means the same",
    instead: "keep the key, or read the old one as the new one, and say in conf/default.toml which to write; when the \
              key has had no effect for a release, name it in taken-away.toml",
};

/// Where what the files came to is kept: by file, by key, as `cronbus config print` shows it.
const OUTCOME: &str = "configuration.json";

/// What a file came to: the keys that it sets.
fn set_by(loaded: &Loaded) -> BTreeMap<String, String> {
    let set = loaded.provenance.iter().filter(|entry| matches!(entry.origin, Origin::File { .. }));
    set.map(|entry| (entry.key.clone(), entry.value.clone())).collect()
}

/// The file without the keys that were taken away since.
fn without_taken_away(text: &str) -> String {
    let mut file: Table = text.parse().unwrap();
    for (section, keys) in &mut file {
        let keys = keys.as_table_mut().unwrap();
        keys.retain(|key, _| !is_taken_away(RULE.about, &format!("{section}.{key}")));
    }
    file.retain(|_, keys| !keys.as_table().unwrap().is_empty());
    file.to_string()
}

fn load(release: &Release, name: &str) -> Result<Loaded, Vec<Breach>> {
    let file = SourceFile { name: name.to_owned(), text: without_taken_away(&release.text(name)) };
    let loaded = Config::load(&Sources { file: Some(file), ..Sources::default() });
    loaded.map_err(|faults| faults.iter().map(|fault| Breach::new(name, fault.to_string())).collect())
}

#[test]
fn files_of_earlier_releases_are_accepted_and_mean_the_same() {
    for release in Release::all() {
        let recorded = release.json(OUTCOME);
        for name in release.files("", "configuration", ".toml") {
            match load(&release, &name) {
                Ok(loaded) => {
                    let today = serde_json::to_value(set_by(&loaded)).unwrap();
                    RULE.hold(&release, losses("", &recorded[&name], &today));
                }
                Err(breaches) => RULE.hold(&release, breaches),
            }
        }
    }
}

/// Keeps what the files come to, which have to set every key there is to something else than its default.
pub(crate) fn record(release: &Release) {
    release.inherit("", "configuration", ".toml");
    let mut outcome: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for name in release.files("", "configuration", ".toml") {
        let loaded = load(release, &name).unwrap_or_else(|breaches| panic!("{breaches:#?}"));
        outcome.insert(name, set_by(&loaded));
    }
    let is_told = |key: &str, default: &str| outcome.values().any(|set| set.get(key).is_some_and(|to| to != default));
    let defaults = Config::load(&Sources::default()).unwrap().provenance;
    let lacking: Vec<&str> =
        defaults.iter().filter(|entry| !is_told(&entry.key, &entry.value)).map(|entry| entry.key.as_str()).collect();
    let place = release.path("configuration.toml");
    assert!(lacking.is_empty(), "{}: set these, too, to no default: {lacking:?}", place.display());
    release.write_json(OUTCOME, &outcome);
    assert!(release.json(OUTCOME).as_object().is_some_and(|files| files.values().all(Value::is_object)));
}
