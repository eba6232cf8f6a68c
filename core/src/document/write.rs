//! Writing jobs so that reading them gives the same jobs again. Only a `jitter` of more than 15 digits is rounded.

use serde::Serialize;

use super::format::Format;
use super::{json, yaml_text};
use crate::job::Definition;

/// A job that a language cannot express.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the jobs cannot be written as {format}: {message}; choose another format")]
pub struct WriteError {
    format: Format,
    message: String,
}

impl WriteError {
    fn new(format: Format, error: &dyn std::fmt::Display) -> Self {
        Self { format, message: error.to_string() }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    job: &'a [Definition],
}

/// Writes jobs in a language. What has its default is left out.
///
/// # Errors
/// When the language cannot express a job.
pub fn write(jobs: &[Definition], format: Format) -> Result<String, WriteError> {
    match format {
        Format::Toml => write_toml(jobs),
        Format::Yaml => write_yaml(jobs),
        Format::Json => write_json(jobs),
    }
}

/// Writes `[[job]]` tables.
///
/// # Errors
/// As [`write()`].
pub fn write_toml(jobs: &[Definition]) -> Result<String, WriteError> {
    if jobs.is_empty() {
        return Ok("job = []\n".to_owned());
    }
    toml::to_string_pretty(&Document { job: jobs }).map_err(|error| WriteError::new(Format::Toml, &error))
}

/// Writes a list under `job`.
///
/// # Errors
/// As [`write()`].
pub fn write_yaml(jobs: &[Definition]) -> Result<String, WriteError> {
    // By way of JSON, whose tables keep the order of the fields.
    let text = serde_json::to_string(&Document { job: jobs }).map_err(|error| WriteError::new(Format::Yaml, &error))?;
    let document = json::parse(&text).map_err(|error| WriteError::new(Format::Yaml, &error))?;
    Ok(yaml_text::to_text(&document))
}

/// Writes `{"job": […]}`, indented.
///
/// # Errors
/// As [`write()`].
pub fn write_json(jobs: &[Definition]) -> Result<String, WriteError> {
    let mut text =
        serde_json::to_string_pretty(&Document { job: jobs }).map_err(|error| WriteError::new(Format::Json, &error))?;
    text.push('\n');
    Ok(text)
}
