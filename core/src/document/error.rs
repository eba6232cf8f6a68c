//! What is wrong with a document or a job, said so that its author can mend it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many faults are reported of one document.
const MAX_PROBLEMS: usize = 100;

/// What is wrong with one field of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field within the job, like `retry.delay` or `alerts[1]`; empty for the job as a whole.
    pub field: String,
    /// What was written there, as JSON, cut where it is long; empty where nothing was.
    pub value: String,
    /// What is wrong, what is allowed, what to do.
    pub message: String,
}

impl FieldError {
    pub(super) fn new(field: impl Into<String>, value: &serde_json::Value, message: impl Into<String>) -> Self {
        Self { field: field.into(), value: shown(value), message: message.into() }
    }

    /// Of a text.
    pub(super) fn of_text(field: impl Into<String>, value: &str, message: impl Into<String>) -> Self {
        Self::new(field, &serde_json::Value::from(value.chars().take(LONGEST_SHOWN).collect::<String>()), message)
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.field.as_str(), self.value.as_str()) {
            ("", _) => f.write_str(&self.message),
            (field, "") => write!(f, "{field}: {}", self.message),
            (field, value) => write!(f, "{field} = {value}: {}", self.message),
        }
    }
}

/// What is wrong at one place of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where: `job[3].retry.delay` in a list of jobs, counted from 0; empty for the document as a whole.
    pub path: String,
    /// The line, counted from 1, where it is known. JSON tells it only where it cannot be read at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The job's name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// What is wrong there.
    #[serde(flatten)]
    pub fault: FieldError,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.path.is_empty() {
            f.write_str(&self.path)?;
            if let Some(job) = &self.job {
                write!(f, " (`{job}`)")?;
            }
            if !self.fault.value.is_empty() {
                write!(f, " = {}", self.fault.value)?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.fault.message)
    }
}

/// A document that cannot be used, with everything that is wrong with it, in the order of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// What is wrong; at most a hundred.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub left_out: usize,
}

impl Error {
    /// Of the document as a whole.
    pub(super) fn of_document(line: Option<u64>, message: impl Into<String>) -> Self {
        let fault = FieldError { field: String::new(), value: String::new(), message: message.into() };
        Self { problems: vec![Problem { path: String::new(), line, job: None, fault }], left_out: 0 }
    }

    /// The value, if nothing is wrong; or else what is, in the order of the lines where they are known.
    pub(super) fn into_result<T>(mut self, value: T) -> Result<T, Self> {
        if self.problems.is_empty() {
            return Ok(value);
        }
        self.problems.sort_by_key(|problem| problem.line);
        Err(self)
    }

    pub(super) fn push(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        } else {
            self.left_out += 1;
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        if self.left_out > 0 {
            write!(f, "\nand {} more", self.left_out)?;
        }
        Ok(())
    }
}

/// How much of a value is shown, in characters.
const LONGEST_SHOWN: usize = 80;

/// A value as JSON, cut where it is long.
pub(super) fn shown(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::Null => return String::new(),
        serde_json::Value::String(text) => {
            serde_json::Value::from(text.chars().take(LONGEST_SHOWN).collect::<String>()).to_string()
        }
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
