//! Lays the sources over each other, value by value, and checks the outcome.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::{Table, Value};

use super::assignment::{Assignment, show};
use super::channels::Channels;
use super::check;
use super::error::{Error, MAX_ERRORS};
use super::ini;
use super::keys::Keys;
use super::legacy::Legacy;
use super::origin::{Origin, Provenance};
use super::root::{Config, DEFAULT_TOML};
use super::{text, toml_file};

/// A configuration file that is longer is not one.
const MAX_FILE_BYTES: usize = 1 << 20;

/// Everything that has a say, weakest first; the embedded defaults come before all of it.
///
/// It has no `Debug`: an environment is full of secrets.
#[derive(Clone, Default)]
pub struct Sources {
    /// A file.
    pub file: Option<SourceFile>,
    /// The environment: names and values. Only names of the form `CRONBUS_SECTION__KEY` are looked at.
    pub variables: Vec<(String, String)>,
    /// The command line: `section.key` and its value as text.
    pub flags: Vec<(String, String)>,
    /// The names and addresses of this host: gocron's groups of machines are lists of them.
    pub host: Vec<String>,
}

/// A configuration file that the caller has read.
#[derive(Clone)]
pub struct SourceFile {
    /// How messages call it. When it ends in `.ini` the file is gocron's, else it is TOML.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// A configuration that can be used, and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The values in force.
    pub config: Config,
    /// Every key in the order of the manual, for `config print`.
    pub provenance: Vec<Provenance>,
    /// What gocron's `conf.ini` said beyond that, if that was the file.
    pub legacy: Option<Legacy>,
}

impl Config {
    /// Reads the sources: defaults, file, variables, flags, each overriding the ones before.
    ///
    /// # Errors
    /// All faults found in all sources: unknown keys, values of the wrong kind or out of range, mixes that cannot work.
    pub fn load(sources: &Sources) -> Result<Loaded, Vec<Error>> {
        let mut loader = Loader::new();
        let legacy = sources.file.as_ref().and_then(|file| loader.file(file, &sources.host));
        sources.variables.iter().for_each(|(name, value)| loader.variable(name, value));
        sources.flags.iter().for_each(|(key, value)| loader.text(key, value, Origin::Flag));
        loader.finish(legacy)
    }
}

struct Loader {
    keys: Keys,
    table: Table,
    channels: Channels,
    origins: BTreeMap<String, Origin>,
    errors: Vec<Error>,
}

impl Loader {
    fn new() -> Self {
        let mut errors = Vec::new();
        let keys = Keys::new(toml_file::read(&"conf/default.toml".into(), DEFAULT_TOML, &mut errors));
        let mut table = Table::new();
        keys.iter().for_each(|default| set(&mut table, &default.key, default.value.clone()));
        Self { keys, table, channels: Channels::default(), origins: BTreeMap::new(), errors }
    }

    fn file(&mut self, file: &SourceFile, host: &[String]) -> Option<Legacy> {
        let name: Arc<str> = file.name.as_str().into();
        if file.text.len() > MAX_FILE_BYTES {
            let message = format!("a configuration file has at most {MAX_FILE_BYTES} bytes");
            self.errors.push(Error::Syntax { message, origin: Origin::File { name, line: 1 } });
            return None;
        }
        let is_ini = file.name.to_ascii_lowercase().ends_with(".ini");
        let (assignments, legacy) = if is_ini {
            let (assignments, legacy) = ini::read(&name, &file.text, host, &mut self.errors);
            (assignments, Some(legacy))
        } else {
            (toml_file::read(&name, &file.text, &mut self.errors), None)
        };
        assignments.into_iter().for_each(|assignment| self.apply(assignment));
        legacy
    }

    fn variable(&mut self, name: &str, value: &str) {
        let Some(rest) = name.strip_prefix("CRONBUS_") else { return };
        if self.channels.variable(name, value, &mut self.errors) {
            return;
        }
        let origin = Origin::Variable(name.to_owned());
        if let Some((section, key)) = rest.split_once("__") {
            return self.text(&format!("{section}.{key}").to_ascii_lowercase(), value, origin);
        }
        // Others of this prefix belong to the command line and to jobs, unless only an underscore is missing.
        let flat = rest.to_ascii_lowercase();
        if let Some(meant) = self.keys.iter().find(|known| known.key.replace('.', "_") == flat) {
            let nearest = Some(format!("CRONBUS_{}", meant.key.replace('.', "__").to_ascii_uppercase()));
            self.errors.push(Error::UnknownKey { key: name.to_owned(), nearest, origin });
        }
    }

    fn text(&mut self, key: &str, value: &str, origin: Origin) {
        let Some(default) = self.keys.default_of(key) else { return self.unknown(key, origin) };
        match text::read(value, default) {
            Ok(value) => self.apply(Assignment { key: key.to_owned(), value, origin }),
            Err(reason) => self.refuse(key, &Value::from(value), reason, origin),
        }
    }

    /// Takes a value over if the configuration can be read with it.
    fn apply(&mut self, assignment: Assignment) {
        let assignment = self.channels.take(assignment, &mut self.errors);
        let Some(Assignment { key, value, origin }) = assignment else { return };
        if self.keys.default_of(&key).is_none() {
            let is_empty_section = value.as_table().is_some_and(Table::is_empty) && self.keys.has_section(&key);
            if !is_empty_section {
                self.unknown(&key, origin);
            }
            return;
        }
        let mut candidate = self.table.clone();
        set(&mut candidate, &key, value.clone());
        match candidate.try_into::<Config>() {
            Ok(_) => {
                set(&mut self.table, &key, value);
                self.origins.insert(key, origin);
            }
            Err(error) => self.refuse(&key, &value, plain(error.message()), origin),
        }
    }

    fn unknown(&mut self, key: &str, origin: Origin) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let written = |text: &str| text.chars().take(80).collect();
        let nearest = self.keys.nearest(key);
        let unknown = key.split_once('.').map(|(section, _)| section).filter(|section| !self.keys.has_section(section));
        self.errors.push(match (nearest, unknown) {
            (None, Some(section)) => {
                Error::UnknownSection { section: written(section), known: self.keys.sections().join(", "), origin }
            }
            (nearest, _) => Error::UnknownKey { key: written(key), nearest, origin },
        });
    }

    fn refuse(&mut self, key: &str, value: &Value, reason: String, origin: Origin) {
        self.errors.push(Error::BadValue { key: key.to_owned(), value: show(key, value), reason, origin });
    }

    fn finish(mut self, legacy: Option<Legacy>) -> Result<Loaded, Vec<Error>> {
        let mut provenance = self.provenance();
        let (channels, of_channels) = std::mem::take(&mut self.channels).finish(&mut self.errors);
        // Beside the other keys of their section, so that what is printed is one table.
        let behind = provenance.iter().rposition(|entry| entry.key.starts_with("alerts.")).map_or(0, |last| last + 1);
        provenance.splice(behind..behind, of_channels);
        match self.table.clone().try_into::<Config>() {
            Ok(mut config) => {
                config.alerts.channel = channels;
                self.check(&config, &provenance);
                if self.errors.is_empty() {
                    return Ok(Loaded { config, provenance, legacy });
                }
            }
            Err(error) => {
                self.errors.push(Error::Syntax { message: error.message().to_owned(), origin: Origin::Default });
            }
        }
        self.errors.truncate(MAX_ERRORS);
        Err(self.errors)
    }

    fn provenance(&self) -> Vec<Provenance> {
        let entry = |default: &Assignment| Provenance {
            key: default.key.clone(),
            value: show(&default.key, get(&self.table, &default.key).unwrap_or(&default.value)),
            origin: self.origins.get(&default.key).cloned().unwrap_or(Origin::Default),
        };
        self.keys.iter().map(entry).collect()
    }

    fn check(&mut self, config: &Config, provenance: &[Provenance]) {
        let faults = [
            check::names::check(config),
            check::ranges::check(config),
            check::rules::check(config),
            check::services::check(config),
            check::mixes::check(config),
            check::oidc::check(config),
        ];
        for fault in faults.into_iter().flatten() {
            let Some(found) = provenance.iter().find(|entry| entry.key == fault.key).cloned() else { continue };
            let Provenance { key, value, origin } = found;
            self.errors.push(Error::BadValue { key, value, reason: fault.reason, origin });
        }
    }
}

/// What serde says in the language of Rust, for those who do not speak it.
fn plain(message: &str) -> String {
    message.replace("expected u32", "write a whole number from 0 to 4294967295").trim_end().to_owned()
}

fn set(table: &mut Table, key: &str, value: Value) {
    let Some((section, name)) = key.split_once('.') else { return };
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Some(section) = section.as_table_mut() {
        section.insert(name.to_owned(), value);
    }
}

fn get<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let (section, name) = key.split_once('.')?;
    table.get(section)?.get(name)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
