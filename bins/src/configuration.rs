//! Gathering the sources of the configuration: a file, the environment, flags. What they mean is decided in the core.

use std::path::Path;

use anyhow::{Context, Result};
use cronbus_core::config::{Config, Error, Loaded, SourceFile, Sources};

use crate::host;

/// A configuration with faults, all of them.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used:{}", list(.0))]
pub(crate) struct Faulty(Vec<Error>);

fn list(errors: &[Error]) -> String {
    errors.iter().map(|error| format!("\n  {error}")).collect()
}

/// Reads the configuration: the defaults, then `file`, then the variables of the environment, then `flags`.
///
/// # Errors
/// When the file cannot be read; [`Faulty`] when a source says something that cannot be.
pub(crate) fn load(file: Option<&Path>, flags: Vec<(String, String)>) -> Result<Loaded> {
    let file = match file {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path);
            let text = text.with_context(|| format!("the configuration file {} could not be read", path.display()))?;
            Some(SourceFile { name: path.display().to_string(), text })
        }
    };
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with("CRONBUS_"))?;
        Some((name, value.to_string_lossy().into_owned()))
    });
    let sources = Sources { file, variables: variables.collect(), flags, host: host::names_and_addresses() };
    Ok(Config::load(&sources).map_err(Faulty)?)
}

/// What whoever wrote gocron's `conf.ini` should know; nothing where that was not the file.
pub(crate) fn remarks(loaded: &Loaded) -> Vec<String> {
    let remarks = |legacy: &cronbus_core::config::Legacy| legacy.remarks(&loaded.config.node.groups);
    loaded.legacy.as_ref().map(remarks).unwrap_or_default()
}
