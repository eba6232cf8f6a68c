//! Taking the keys of a table one by one, and remembering everything that is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use toml::Value;

use super::credential::Credential;
use crate::duration::Period;

/// Something that is wrong with a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The key.
    pub key: String,
    /// Why its value cannot be taken, and what is allowed. `None`: there is no such key.
    pub reason: Option<String>,
}

/// The keys of a channel and what was found wrong with them so far.
pub(super) struct Fields<'a> {
    values: &'a BTreeMap<String, Value>,
    asked: BTreeSet<&'static str>,
    faults: Vec<Fault>,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(values: &'a BTreeMap<String, Value>) -> Self {
        Self { values, asked: BTreeSet::new(), faults: Vec::new() }
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Value> {
        self.asked.insert(key);
        self.values.get(key)
    }

    pub(super) fn fault(&mut self, key: &str, reason: impl Into<String>) {
        self.faults.push(Fault { key: key.to_owned(), reason: Some(reason.into()) });
    }

    /// Remembers what `checked` says is wrong.
    pub(super) fn check(&mut self, key: &str, checked: Result<(), String>) {
        if let Err(reason) = checked {
            self.fault(key, reason);
        }
    }

    /// The text of a key, or `default`.
    pub(super) fn text(&mut self, key: &'static str, default: &str) -> String {
        match self.get(key) {
            None => default.to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(_) => {
                self.fault(key, "write a text in quotes");
                default.to_owned()
            }
        }
    }

    /// The text of a key that must be there.
    pub(super) fn needed(&mut self, key: &'static str, why: &str) -> String {
        let text = self.text(key, "");
        if text.is_empty() && !self.faults.iter().any(|fault| fault.key == key) {
            self.fault(key, format!("it must be given: {why}"));
        }
        text
    }

    /// A secret, from its key or the file that the other key names.
    pub(super) fn credential(&mut self, key: &'static str, file: &'static str) -> Credential {
        let (text, path) = (self.text(key, ""), self.text(file, ""));
        match (text.is_empty(), path.is_empty()) {
            (false, false) => {
                self.fault(file, format!("`{key}` is given, too: leave one of them out"));
                Credential::default()
            }
            (true, false) => Credential::of_file(path),
            _ => Credential::of_text(text),
        }
    }

    /// A secret that must be there.
    pub(super) fn needed_credential(&mut self, key: &'static str, file: &'static str, why: &str) -> Credential {
        let credential = self.credential(key, file);
        if credential.is_absent() && !self.faults.iter().any(|fault| fault.key == key || fault.key == file) {
            self.fault(key, format!("it, or the file that holds it in `{file}`, must be given: {why}"));
        }
        credential
    }

    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        match self.get(key) {
            None => false,
            Some(Value::Boolean(flag)) => *flag,
            Some(_) => {
                self.fault(key, "write true or false");
                false
            }
        }
    }

    /// A number within a range.
    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.get(key)?;
        let number =
            value.as_integer().and_then(|number| u32::try_from(number).ok()).filter(|number| range.contains(number));
        if number.is_none() {
            self.fault(key, format!("write a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// A length of time within a range.
    pub(super) fn period(&mut self, key: &'static str, range: RangeInclusive<Period>) -> Option<Period> {
        let value = self.get(key)?;
        let period = value.as_str().and_then(|text| text.parse().ok()).filter(|period| range.contains(period));
        if period.is_none() {
            self.fault(key, format!("write a length of time from \"{}\" to \"{}\"", range.start(), range.end()));
        }
        period
    }

    /// A list of texts.
    pub(super) fn list(&mut self, key: &'static str, most: usize) -> Vec<String> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let texts =
            value.as_array().and_then(|list| list.iter().map(|text| text.as_str().map(str::to_owned)).collect());
        let texts: Option<Vec<String>> = texts;
        match texts {
            Some(texts) if texts.len() <= most => return texts,
            Some(_) => self.fault(key, format!("it may have {most} at the most")),
            None => self.fault(key, "write a list of texts, like [\"one\", \"two\"]"),
        }
        Vec::new()
    }

    /// Texts by name.
    pub(super) fn table(&mut self, key: &'static str, most: usize) -> BTreeMap<String, String> {
        let Some(value) = self.get(key) else { return BTreeMap::new() };
        let pair = |(name, text): (&String, &Value)| Some((name.clone(), text.as_str()?.to_owned()));
        let texts: Option<BTreeMap<_, _>> = value.as_table().and_then(|table| table.iter().map(pair).collect());
        match texts {
            Some(texts) if texts.len() <= most => return texts,
            Some(_) => self.fault(key, format!("it may have {most} at the most")),
            None => self.fault(key, "write texts by name, like { name = \"text\" }"),
        }
        BTreeMap::new()
    }

    /// Everything that was found wrong, with the keys that nobody asked for.
    pub(super) fn finish(mut self) -> Vec<Fault> {
        let strange = self.values.keys().filter(|key| !self.asked.contains(key.as_str()));
        let strange: Vec<_> = strange.map(|key| Fault { key: key.clone(), reason: None }).collect();
        self.faults.extend(strange);
        self.faults
    }
}
