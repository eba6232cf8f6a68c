//! Which keys there are, and which one somebody who misspelt it meant.

use toml::Value;

use super::assignment::Assignment;
use super::origin::Origin;

/// Longer keys are compared by their beginning: the comparison is quadratic.
const COMPARED_CHARS: usize = 64;

/// All keys with their defaults, in the order of the manual.
pub(super) struct Keys {
    defaults: Vec<Assignment>,
}

impl Keys {
    pub(super) fn new(defaults: Vec<Assignment>) -> Self {
        let known = |assignment: Assignment| Assignment { origin: Origin::Default, ..assignment };
        Self { defaults: defaults.into_iter().map(known).collect() }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Assignment> {
        self.defaults.iter()
    }

    /// The default of a key; `None` when there is no such key.
    pub(super) fn default_of(&self, key: &str) -> Option<&Value> {
        self.defaults.iter().find(|known| known.key == key).map(|known| &known.value)
    }

    pub(super) fn has_section(&self, section: &str) -> bool {
        self.defaults.iter().any(|known| split(&known.key).0 == section)
    }

    /// The key or section that `written` resembles most; `None` when it resembles none.
    pub(super) fn nearest(&self, written: &str) -> Option<String> {
        let written: String = written.chars().take(COMPARED_CHARS).collect();
        let names = self.defaults.iter().flat_map(|known| [known.key.as_str(), split(&known.key).0]);
        let (distance, name) =
            names.map(|name| (distance(&written, name), name)).min_by_key(|(distance, _)| *distance)?;
        (distance <= 1 + split(&written).1.chars().count() / 3).then(|| name.to_owned())
    }
}

/// How far apart two keys are, as a whole or without their sections; the former wins where both are the same.
fn distance(written: &str, known: &str) -> usize {
    let whole = strsim::osa_distance(written, known);
    if !known.contains('.') {
        return whole;
    }
    whole.min(strsim::osa_distance(split(written).1, split(known).1) + 1)
}

/// Section and name; what has no section stands for both.
fn split(key: &str) -> (&str, &str) {
    key.split_once('.').unwrap_or((key, key))
}
