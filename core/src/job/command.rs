//! What a run executes: a shell command, an HTTP call, or nothing at all (for measuring).
//!
//! The texts here are templates; rendering them is in `template`, executing them behind `port::runner`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::duration::Period;

/// What a run executes. Written as `{ shell = "…" }`, `{ http = { … } }` or `{ noop = true }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Command {
    /// A command line for the shell.
    Shell(Shell),
    /// One HTTP request.
    Http(Http),
    /// Succeeds at once, without a process: for measuring and trying out.
    Noop,
}

impl Command {
    /// A shell command with every default.
    #[must_use]
    pub fn shell(line: &str) -> Self {
        Self::Shell(Shell { line: line.to_owned(), ..Shell::default() })
    }
}

/// A command line, given to `executor.shell -c`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shell {
    /// The command line; templates are quoted where they enter it.
    pub line: String,
    /// What the command reads from its standard input; empty means `/dev/null`.
    pub stdin: String,
    /// The user to run as: a name or a number. Absent means the node's own.
    pub user: Option<String>,
    /// The working directory; the user's home by default.
    pub cwd: Option<String>,
    /// Variables added to the clean environment.
    pub env: BTreeMap<String, String>,
}

/// One HTTP request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// `GET` by default.
    #[serde(default = "get", skip_serializing_if = "is_get")]
    pub method: String,
    /// `http://…` or `https://…`; templates are percent-encoded where they enter it.
    pub url: String,
    /// Header fields; `Idempotency-Key` is the run id unless it is set here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body; empty means none. Templates are escaped where they enter one that is JSON.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// The status codes that mean success: single ones or ranges like `200-299`, which is the default.
    #[serde(default = "any_success", skip_serializing_if = "is_any_success")]
    pub expect_status: Vec<StatusRange>,
    /// How many redirects are followed; 10 by default.
    #[serde(default = "ten", skip_serializing_if = "is_ten")]
    pub max_redirects: u8,
    /// Whether the server's certificate is checked; true by default.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub verify_tls: bool,
    /// How long connecting may take; 10 s by default. The whole call is bounded by the job's `timeout`.
    #[serde(default = "ten_seconds", skip_serializing_if = "is_ten_seconds")]
    pub connect_timeout: Period,
}

impl Http {
    /// Whether the headers say that the body is JSON: `application/json`, or a type whose name ends with `+json`
    /// (RFC 6839, 3.1).
    #[must_use]
    pub fn has_json_body(&self) -> bool {
        let mut headers = self.headers.iter();
        let named = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let kind = named.and_then(|(_, value)| value.split(';').next()).unwrap_or_default();
        let kind = kind.trim().to_ascii_lowercase();
        matches!(kind.as_str(), "application/json" | "text/json") || (kind.contains('/') && kind.ends_with("+json"))
    }
}

/// The status codes from `first` to `last`, both included. Written `200`, `"200"` or `"200-299"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenStatus", into = "String")]
pub struct StatusRange {
    /// The lowest code that fits.
    pub first: u16,
    /// The highest code that fits.
    pub last: u16,
}

impl StatusRange {
    /// Whether `status` fits.
    #[must_use]
    pub const fn contains(self, status: u16) -> bool {
        self.first <= status && status <= self.last
    }
}

impl From<StatusRange> for String {
    fn from(range: StatusRange) -> Self {
        if range.first == range.last { range.first.to_string() } else { format!("{}-{}", range.first, range.last) }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenStatus {
    Number(u16),
    Text(String),
}

impl TryFrom<WrittenStatus> for StatusRange {
    type Error = String;
    fn try_from(written: WrittenStatus) -> Result<Self, Self::Error> {
        let (first, last) = match &written {
            WrittenStatus::Number(code) => (Some(*code), Some(*code)),
            WrittenStatus::Text(text) => match text.split_once('-') {
                Some((first, last)) => (first.trim().parse().ok(), last.trim().parse().ok()),
                None => (text.trim().parse().ok(), text.trim().parse().ok()),
            },
        };
        match (first, last) {
            (Some(first), Some(last)) if 100 <= first && first <= last && last <= 599 => Ok(Self { first, last }),
            _ => Err("expect_status: write a code or a range within 100 to 599, like 204 or \"200-299\"".to_owned()),
        }
    }
}

/// The form all three kinds share in a document.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shell: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    stdin: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cwd: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    env: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http: Option<Http>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noop: Option<bool>,
}

impl TryFrom<Written> for Command {
    type Error = &'static str;
    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { shell, stdin, user, cwd, env, http, noop } = written;
        let has_shell_extras = !stdin.is_empty() || user.is_some() || cwd.is_some() || !env.is_empty();
        match (shell, http, noop) {
            (Some(line), None, None) => Ok(Self::Shell(Shell { line, stdin, user, cwd, env })),
            (None, Some(_), None) | (None, None, Some(true)) if has_shell_extras => {
                Err("command: `stdin`, `user`, `cwd` and `env` go with `shell` only; remove them or write `shell`")
            }
            (None, Some(http), None) => Ok(Self::Http(http)),
            (None, None, Some(true)) => Ok(Self::Noop),
            _ => Err("command: write exactly one of `shell = \"…\"`, `http = { url = \"…\" }` or `noop = true`"),
        }
    }
}

impl From<Command> for Written {
    fn from(command: Command) -> Self {
        match command {
            Command::Shell(Shell { line, stdin, user, cwd, env }) => {
                Self { shell: Some(line), stdin, user, cwd, env, ..Self::default() }
            }
            Command::Http(http) => Self { http: Some(http), ..Self::default() },
            Command::Noop => Self { noop: Some(true), ..Self::default() },
        }
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn is_get(method: &str) -> bool {
    method == "GET"
}

fn any_success() -> Vec<StatusRange> {
    vec![StatusRange { first: 200, last: 299 }]
}

fn is_any_success(ranges: &[StatusRange]) -> bool {
    *ranges == *any_success()
}

const fn ten() -> u8 {
    10
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_ten(count: &u8) -> bool {
    *count == 10
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_true(value: &bool) -> bool {
    *value
}

const fn ten_seconds() -> Period {
    Period(std::time::Duration::from_secs(10))
}

fn is_ten_seconds(period: &Period) -> bool {
    *period == ten_seconds()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Command, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn exactly_one_kind_is_accepted() {
        assert_eq!(read(r#"{"noop":true}"#), Ok(Command::Noop));
        for bad in
            [r"{}", r#"{"noop":false}"#, r#"{"shell":"a","noop":true}"#, r#"{"shell":"a","http":{"url":"http://x"}}"#]
        {
            assert!(read(bad).unwrap_err().contains("exactly one of"), "{bad}");
        }
        assert!(read(r#"{"noop":true,"user":"app"}"#).unwrap_err().contains("go with `shell` only"));
        assert!(read(r#"{"shel":"a"}"#).unwrap_err().contains("unknown field `shel`"));
    }

    #[test]
    fn status_codes_are_single_or_ranges() {
        let text = r#"{"http":{"url":"http://x","expect_status":[204,"300-302","404"]}}"#;
        let Ok(Command::Http(http)) = read(text) else { panic!("not read") };
        assert!(http.expect_status.iter().any(|range| range.contains(301)));
        assert!(!http.expect_status.iter().any(|range| range.contains(200)));
        assert!(read(r#"{"http":{"url":"http://x","expect_status":["900"]}}"#).is_err());
        assert!(read(r#"{"http":{"url":"http://x","expect_status":["300-200"]}}"#).is_err());
    }
}
