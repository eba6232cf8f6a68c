//! The tables `[alerts.channel.NAME]`: their keys are collected one by one like all others, each with its place, and a
//! channel is read as a whole once every source has spoken.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::alert::ChannelName;
use crate::alert::channel::{Channel, Fault, KEYS, shape_of, shown};
use crate::suggest;

use super::assignment::Assignment;
use super::error::Error;
use super::origin::{Origin, Provenance};
use super::text;

/// What the keys begin with.
const PREFIX: &str = "alerts.channel";

/// What variables begin with.
const VARIABLE: &str = "CRONBUS_ALERTS__CHANNEL__";

/// More channels than this are a mistake.
const MOST: usize = 200;

/// A value of a key, and where it is from.
type Written = (Value, Origin);

/// What was said of channels so far.
#[derive(Default)]
pub(super) struct Channels {
    by_name: BTreeMap<String, BTreeMap<String, Written>>,
}

/// The channels, and every key with where it is from.
pub(super) type Read = (BTreeMap<ChannelName, Channel>, Vec<Provenance>);

impl Channels {
    /// Takes what is said of a channel; gives back what is about something else.
    pub(super) fn take(&mut self, assignment: Assignment, errors: &mut Vec<Error>) -> Option<Assignment> {
        let Some(rest) = assignment.key.strip_prefix(PREFIX) else { return Some(assignment) };
        let is_empty = assignment.value.as_table().is_some_and(Table::is_empty);
        match rest.strip_prefix('.').and_then(|rest| rest.split_once('.')) {
            Some((name, key)) => self.put(name, key, assignment.value, assignment.origin),
            // A table of channels without any, or a channel without any key.
            None if is_empty && rest.is_empty() => {}
            None if is_empty => drop(self.by_name.entry(rest.trim_start_matches('.').to_owned()).or_default()),
            None => errors.push(Error::BadValue {
                key: assignment.key,
                value: "this".to_owned(),
                reason: "a channel is a table: [alerts.channel.NAME]".to_owned(),
                origin: assignment.origin,
            }),
        }
        None
    }

    fn put(&mut self, name: &str, key: &str, value: Value, origin: Origin) {
        self.by_name.entry(name.to_owned()).or_default().insert(key.to_owned(), (value, origin));
    }

    /// Takes the variable `CRONBUS_ALERTS__CHANNEL__NAME__KEY`, in which `_` also stands for the `-` of a name. Says
    /// whether it is one.
    pub(super) fn variable(&mut self, variable: &str, value: &str, errors: &mut Vec<Error>) -> bool {
        let Some(rest) = variable.strip_prefix(VARIABLE) else { return false };
        let origin = Origin::Variable(variable.to_owned());
        let rest = rest.to_ascii_lowercase();
        let Some((written, key)) = rest.split_once("__") else {
            let nearest = Some(format!("{VARIABLE}NAME__KEY"));
            errors.push(Error::UnknownKey { key: variable.to_owned(), nearest, origin });
            return true;
        };
        let folded = |name: &String| name.to_ascii_lowercase().replace('-', "_") == written;
        let name = self.by_name.keys().find(|name| folded(name)).cloned().unwrap_or_else(|| written.to_owned());
        match shape_of(key).map_or(Ok(Value::from(value)), |shape| text::read(value, &shape.example())) {
            Ok(value) => self.put(&name, key, value, origin),
            Err(reason) => {
                let value = shown(key, &Value::from(value));
                errors.push(Error::BadValue { key: format!("{PREFIX}.{name}.{key}"), value, reason, origin });
            }
        }
        true
    }

    /// Reads every channel.
    pub(super) fn finish(self, errors: &mut Vec<Error>) -> Read {
        let mut channels = BTreeMap::new();
        let mut provenance = Vec::new();
        for (name, keys) in self.by_name.into_iter().take(MOST) {
            provenance.extend(keys.iter().map(|(key, (value, origin))| Provenance {
                key: format!("{PREFIX}.{name}.{key}"),
                value: shown(key, value),
                origin: origin.clone(),
            }));
            match read(&name, &keys) {
                Ok((name, channel)) => drop(channels.insert(name, channel)),
                Err(faults) => errors.extend(faults),
            }
        }
        (channels, provenance)
    }
}

fn read(name: &str, keys: &BTreeMap<String, Written>) -> Result<(ChannelName, Channel), Vec<Error>> {
    // What is missing has no place; what is beside it has.
    let beside =
        || keys.get("kind").or_else(|| keys.values().next()).map_or(Origin::Default, |(_, origin)| origin.clone());
    let called = ChannelName::new(name).map_err(|error| {
        let key = format!("{PREFIX}.{}", name.chars().take(64).collect::<String>());
        vec![Error::BadValue { key, value: "a channel".to_owned(), reason: error.to_string(), origin: beside() }]
    })?;
    let values = keys.iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect();
    let faulty = |Fault { key, reason }: Fault| {
        let written = keys.get(&key);
        let origin = written.map_or_else(beside, |(_, origin)| origin.clone());
        let value = written.map_or_else(|| "left out".to_owned(), |(value, _)| shown(&key, value));
        let nearest = suggest::nearest(&key, KEYS.iter().map(|(known, _)| *known).filter(|known| *known != key));
        let key = format!("{PREFIX}.{name}.{}", key.chars().take(64).collect::<String>());
        match reason {
            Some(reason) => Error::BadValue { key, value, reason, origin },
            None => Error::UnknownKey { key, nearest: nearest.map(str::to_owned), origin },
        }
    };
    let channel = Channel::read(&values);
    channel.map(|channel| (called, channel)).map_err(|faults| faults.into_iter().map(faulty).collect())
}
