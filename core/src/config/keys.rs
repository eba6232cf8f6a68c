//! Which keys there are, and which one somebody who misspelt it meant.

use toml::Value;

use crate::suggest;

use super::assignment::Assignment;
use super::origin::Origin;

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

    /// The sections, in the order of the manual.
    pub(super) fn sections(&self) -> Vec<&str> {
        let mut sections: Vec<&str> = self.defaults.iter().map(|known| split(&known.key).0).collect();
        sections.dedup();
        sections
    }

    /// The key or section that `written` resembles most, else the key whose bare name does; `None` when none does.
    pub(super) fn nearest(&self, written: &str) -> Option<String> {
        let whole = self.defaults.iter().flat_map(|known| [known.key.as_str(), split(&known.key).0]);
        let by_name = || {
            let name = suggest::nearest(split(written).1, self.defaults.iter().map(|known| split(&known.key).1))?;
            self.defaults.iter().map(|known| known.key.as_str()).find(|key| split(key).1 == name)
        };
        suggest::nearest(written, whole).or_else(by_name).map(str::to_owned)
    }
}

/// Section and name; what has no section stands for both.
fn split(key: &str) -> (&str, &str) {
    key.split_once('.').unwrap_or((key, key))
}
