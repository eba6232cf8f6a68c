//! The key that secrets are sealed with in the database: given to a node by a file or a variable, or made by a node that
//! is alone when it first needs one.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cronbus_adapters::vault::{self, Vault};
use cronbus_core::config::Config;
use cronbus_core::secret::{Secret, SecretName};
use cronbus_core::wire::signing::Keyring;

use crate::cluster_key::{self, Purpose};

/// What the keys of the file are derived for.
const PURPOSE: &str = "cronbus secrets at rest";

/// The file of a node that makes its own key, in its data directory.
const OWN_FILE: &str = "secrets.key";

/// Seals and opens values of secrets.
#[derive(Debug)]
pub(crate) struct Safe {
    /// Where a node that is alone has its key.
    own: Option<PathBuf>,
    vault: Mutex<Option<Vault>>,
}

/// Secrets cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No key was given.
    #[error(
        "this node has no key for secrets: make one with `cronbus secret init --key-file FILE`, give the same to every \
         node that schedules, dispatches or serves the web, and set secrets.key_file (or CRONBUS_SECRETS__KEY)"
    )]
    NoKey,
    /// The key cannot be had.
    #[error(transparent)]
    Key(#[from] cluster_key::Error),
    /// It cannot be sealed or opened.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// It is no text.
    #[error("its value is not UTF-8")]
    NotText,
}

impl Safe {
    /// One with these keys.
    #[cfg(test)]
    pub(crate) fn with(keys: &[[u8; vault::KEY_BYTES]]) -> Self {
        Self { own: None, vault: Mutex::new(Some(Vault::new(keys))) }
    }

    /// The safe of a node. A key that is given is read at once.
    ///
    /// # Errors
    /// When a key is given that cannot be used.
    pub(crate) fn of(config: &Config, directory: &Path) -> Result<Self, Error> {
        let given = cluster_key::given(&config.secrets.key, &config.secrets.key_file, Purpose::Secrets)?;
        let is_alone = config.bus.url.scheme() == "local" && config.membership.url.scheme() == "local";
        let own = (given.is_none() && is_alone).then(|| directory.join(OWN_FILE));
        Ok(Self { own, vault: Mutex::new(given.map(|keys| Vault::new(&keys.derived(PURPOSE)))) })
    }

    /// Seals a value for this version of a secret.
    ///
    /// # Errors
    /// When there is no key, or it cannot be used.
    pub(crate) fn seal(&self, name: &SecretName, version: i64, value: &str) -> Result<String, Error> {
        Ok(self.vault(true)?.seal(&Secret::bound_to(name, version), value.as_bytes())?)
    }

    /// The value of a secret.
    ///
    /// # Errors
    /// When there is no key, it is another one, or what is kept was changed.
    pub(crate) fn open(&self, secret: &Secret) -> Result<String, Error> {
        let opened = self.vault(false)?.open(&Secret::bound_to(&secret.name, secret.version), &secret.sealed)?;
        String::from_utf8(opened).map_err(|_| Error::NotText)
    }

    /// Whether a secret is sealed with the key that seals now.
    ///
    /// # Errors
    /// When there is no key.
    pub(crate) fn is_newest(&self, secret: &Secret) -> Result<bool, Error> {
        Ok(self.vault(false)?.is_newest(&secret.sealed))
    }

    /// The vault; `making` lets a node that is alone make its key.
    fn vault(&self, making: bool) -> Result<Vault, Error> {
        let mut vault = self.vault.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vault) = &*vault {
            return Ok(vault.clone());
        }
        let own = self.own.as_ref().ok_or(Error::NoKey)?;
        if making && !own.exists() {
            cluster_key::create(own)?;
            tracing::info!(file = %own.display(), "made a key for secrets: whoever loses it loses them, so keep a copy");
        }
        let keys: Keyring = cluster_key::in_file(own, Purpose::Secrets)?;
        Ok(vault.insert(Vault::new(&keys.derived(PURPOSE))).clone())
    }
}
