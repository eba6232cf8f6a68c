//! Collecting faults, and the rules that many fields share.

use std::collections::BTreeMap;

use super::super::error::FieldError;

/// How many faults of one job are told.
const MAX_FAULTS: usize = 50;

/// What is wrong with a job.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<FieldError>);

impl Faults {
    /// Tells of a field's value.
    pub(super) fn add(&mut self, field: impl Into<String>, value: &str, message: impl Into<String>) {
        if self.0.len() < MAX_FAULTS {
            self.0.push(FieldError::of_text(field, value, message));
        }
    }

    /// Tells of a number.
    pub(super) fn add_number(&mut self, field: &str, value: impl Into<serde_json::Value>, message: impl Into<String>) {
        if self.0.len() < MAX_FAULTS {
            self.0.push(FieldError::new(field, &value.into(), message));
        }
    }

    /// A text that is too long, or has a NUL, which neither a process nor a database takes.
    pub(super) fn check_text(&mut self, field: &str, text: &str, longest: usize) {
        if text.len() > longest {
            self.add(field, text, format!("it has {} bytes, at most {longest} are allowed", text.len()));
        }
        if text.contains('\0') {
            self.add(field, text, "it contains a NUL character: take it out");
        }
    }

    /// A table that has too many entries.
    pub(super) fn check_count<T>(&mut self, field: &str, table: &BTreeMap<String, T>, most: usize) {
        if table.len() > most {
            self.add_number(
                field,
                table.len(),
                format!("there are {} of them, at most {most} are allowed", table.len()),
            );
        }
    }

    pub(super) fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}
