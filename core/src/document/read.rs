//! From a text to jobs.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::{Error, FieldError, Problem};
use super::format::Format;
use super::node::{Node, Value};
use super::typed::definition;
use super::validate::validate;
use super::{json, toml, yaml};
use crate::job::{Definition, Job, JobName};
use crate::suggest;
use crate::time::Timestamp;

/// The largest document, in bytes.
pub const MAX_BYTES: usize = 32 << 20;
/// The most jobs in a document.
pub const MAX_JOBS: usize = 100_000;

/// Reads the jobs of a document: `[[job]]` tables in TOML; in YAML and JSON a `job` list, a list, or one job alone.
///
/// The fields are read, not checked: see [`read_valid`].
///
/// # Errors
/// Everything that does not fit, each with its place.
pub fn read(text: &str, format: Format) -> Result<Vec<Definition>, Error> {
    let document = parse(text, format)?;
    let jobs = jobs_of(&document)?;
    let (definitions, error) = read_all(&jobs);
    error.into_result(definitions)
}

/// Reads the jobs of a document and checks them, as they are when they are entered at `now`.
///
/// # Errors
/// Everything that does not fit and everything that is not allowed, each with its place.
pub fn read_valid(text: &str, format: Format, now: Timestamp) -> Result<Vec<Definition>, Error> {
    read_checked(text, format, now, |_| false)
}

/// As [`read_valid`], for applying a document to the jobs there are: those that are just as the document says are not
/// checked again. An `@at` that has fired was right when it was entered, and an exported file can be applied for ever.
///
/// # Errors
/// As [`read_valid`].
pub fn read_valid_beside(
    text: &str,
    format: Format,
    current: &[Arc<Job>],
    now: Timestamp,
) -> Result<Vec<Definition>, Error> {
    let living = current.iter().filter(|job| !job.deleted);
    let by_name: HashMap<&JobName, &Definition> = living.map(|job| (&job.definition.name, &*job.definition)).collect();
    read_checked(text, format, now, |definition| by_name.get(&definition.name) == Some(&definition))
}

fn read_checked(
    text: &str,
    format: Format,
    now: Timestamp,
    is_there: impl Fn(&Definition) -> bool,
) -> Result<Vec<Definition>, Error> {
    let document = parse(text, format)?;
    let jobs = jobs_of(&document)?;
    let (definitions, mut error) = read_all(&jobs);
    let all_read = error.problems.is_empty();
    let new = definitions.iter().zip(&jobs).filter(|(definition, _)| all_read && !is_there(definition));
    for (definition, place) in new {
        for fault in validate(definition, now) {
            error.push(place.problem(fault));
        }
    }
    error.into_result(definitions)
}

fn parse(text: &str, format: Format) -> Result<Node, Error> {
    if text.len() > MAX_BYTES {
        let message = format!("the document has {} bytes, at most {MAX_BYTES} are allowed: split it", text.len());
        return Err(Error::of_document(None, message));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Toml => toml::parse(text),
        Format::Yaml => yaml::parse(text),
        Format::Json => json::parse(text),
    }
}

/// A job within its document.
struct Place<'a> {
    node: &'a Node,
    /// `job[3]`, or nothing where the document is one job.
    path: String,
    /// As written, right or wrong.
    name: Option<String>,
}

impl Place<'_> {
    fn problem(&self, fault: FieldError) -> Problem {
        let dot = if self.path.is_empty() || fault.field.is_empty() { "" } else { "." };
        Problem {
            path: format!("{}{dot}{}", self.path, fault.field),
            line: self.node.line_of(&fault.field),
            job: self.name.clone(),
            fault,
        }
    }
}

fn place(node: &Node, path: String) -> Place<'_> {
    let name = match node.get("name").map(|node| &node.value) {
        Some(Value::Scalar(serde_json::Value::String(name))) => Some(name.chars().take(64).collect()),
        _ => None,
    };
    Place { node, path, name }
}

/// The jobs of a document, whichever way it holds them.
fn jobs_of(document: &Node) -> Result<Vec<Place<'_>>, Error> {
    let no_job = "there is no job in the document: write `[[job]]` tables in TOML, or a `job` list in YAML and JSON";
    let nodes = match &document.value {
        Value::List(nodes) => nodes,
        Value::Table(_) => match document.get("job").map(|node| &node.value) {
            Some(Value::List(nodes)) => {
                refuse_neighbours(document)?;
                nodes
            }
            Some(_) => {
                return Err(Error::of_document(
                    document.line_of("job"),
                    "`job` is a list of jobs: write `[[job]]` in TOML",
                ));
            }
            None if is_job(document) => return Ok(vec![place(document, String::new())]),
            None => {
                refuse_neighbours(document)?;
                return Err(Error::of_document(None, no_job));
            }
        },
        Value::Scalar(_) => return Err(Error::of_document(None, no_job)),
    };
    if nodes.len() > MAX_JOBS {
        let message =
            format!("there are {} jobs in the document, at most {MAX_JOBS} are allowed: split it", nodes.len());
        return Err(Error::of_document(None, message));
    }
    Ok(nodes.iter().enumerate().map(|(index, node)| place(node, format!("job[{index}]"))).collect())
}

fn is_job(document: &Node) -> bool {
    document.get("name").is_some() || document.get("command").is_some()
}

/// Beside the list of jobs there may be nothing else.
fn refuse_neighbours(document: &Node) -> Result<(), Error> {
    let mut error = Error::default();
    for (key, node) in document.entries().unwrap_or_default().iter().filter(|(key, _)| key != "job") {
        let advice = suggest::did_you_mean(key, ["job"]);
        let message = format!("beside the list `job` a document has nothing else{advice}");
        let fault = FieldError::new(key.chars().take(64).collect::<String>(), &serde_json::Value::Null, message);
        error.push(Problem { path: fault.field.clone(), line: node.line, job: None, fault });
    }
    if error.problems.is_empty() { Ok(()) } else { Err(error) }
}

fn read_all(jobs: &[Place<'_>]) -> (Vec<Definition>, Error) {
    let mut definitions = Vec::with_capacity(jobs.len());
    let mut error = Error::default();
    let mut lines_by_name = HashMap::new();
    for job in jobs {
        match definition(&job.node.to_json()) {
            Ok(read) => {
                if let Some(first) = lines_by_name.insert(read.name.clone(), &job.path) {
                    let message = format!("another job of the document, {first}, has this name; names are unique");
                    error.push(job.problem(FieldError::of_text("name", read.name.as_str(), message)));
                }
                definitions.push(read);
            }
            Err(faults) => faults.into_iter().for_each(|fault| error.push(job.problem(fault))),
        }
    }
    (definitions, error)
}
