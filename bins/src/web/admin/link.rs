//! Addresses of pages.

use std::fmt::Write;

use cronbus_core::job::JobName;

/// A text within a path or a query: everything but letters, digits and `-._~` percent-encoded (RFC 3986, 2.3).
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The words after `/jobs/` that are pages of their own. A job of such a name is found by its number.
const TAKEN: [&str; 3] = ["new", "bulk", "preview"];

/// The page of a job.
pub(crate) fn job(name: &str, id: impl ToString) -> String {
    let is_name = JobName::new(name).is_ok() && !TAKEN.contains(&name);
    if is_name { format!("/jobs/{}", encoded(name)) } else { format!("/jobs/{}", id.to_string()) }
}

/// The page of a run.
pub(crate) fn run(id: impl ToString) -> String {
    format!("/runs/{}", id.to_string())
}

/// A query that is built part by part. What is empty is left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryText(String);

impl QueryText {
    /// With one more part.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            let separator = if self.0.is_empty() { '?' } else { '&' };
            let _infallible = write!(self.0, "{separator}{name}={}", encoded(value));
        }
        self
    }

    /// The text, with its `?`; empty where there is no part.
    pub(crate) fn text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_part_of_a_path() {
        assert_eq!(job("nightly/report", 3), "/jobs/nightly%2Freport");
        assert_eq!((job("new", 3), job("17", 3)), ("/jobs/3".to_owned(), "/jobs/3".to_owned()));
        assert_eq!(job("报表", 3), "/jobs/%E6%8A%A5%E8%A1%A8");
        assert_eq!(QueryText::default().with("a", "").with("b", "x&y").with("c", "1").text(), "?b=x%26y&c=1");
    }
}
