//! What secrets are, on the host that runs what names them.

use std::collections::BTreeMap;
use std::fmt;

use cronbus_mask::Mask;

use super::mask::mask_of;
use super::name::SecretName;

/// The values of the secrets that one run was given. `Debug` tells how many there are.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<SecretName, String>);

impl Values {
    /// These.
    #[must_use]
    pub const fn new(values: BTreeMap<SecretName, String>) -> Self {
        Self(values)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of the secret of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known.as_str() == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What takes them out of texts.
    #[must_use]
    pub fn mask(&self) -> Mask {
        mask_of(self.0.values().map(String::as_str))
    }

    /// As one text, to be sealed.
    #[must_use]
    pub fn written(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).unwrap_or_default()
    }

    /// From that text.
    #[must_use]
    pub fn read(written: &[u8]) -> Option<Self> {
        serde_json::from_slice(written).ok().map(Self)
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Values({} secrets)", self.0.len())
    }
}
