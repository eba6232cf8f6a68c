//! Whether an HTTP request can be sent (RFC 9110).

use super::faults::Faults;
use super::what::{MAX_INPUT, check_template, check_text};
use crate::job::Definition;
use crate::job::command::Http;
use crate::template;

const MAX_URL: usize = 8 * 1024;
const MAX_HEADERS: usize = 64;
const MAX_HEADER: usize = 8 * 1024;

pub(super) fn check(job: &Definition, request: &Http, faults: &mut Faults) {
    if !is_token(&request.method) {
        faults.add(
            "command.http.method",
            &request.method,
            "it is not an HTTP method: write one like GET, POST, PUT or HEAD",
        );
    }
    check_url(job, &request.url, faults);
    check_headers(job, request, faults);
    let is_template = if request.has_json_body() { template::check_json } else { template::check };
    check_text(job, "command.http.body", &request.body, MAX_INPUT, is_template, faults);
    if request.expect_status.is_empty() {
        faults.add(
            "command.http.expect_status",
            "",
            "it is empty, so that nothing would be success: write like [\"200-299\"]",
        );
    }
    if request.connect_timeout.is_zero() {
        faults.add("command.http.connect_timeout", "0s", "it has to be longer than nothing, like 10s");
    }
}

fn check_url(job: &Definition, url: &str, faults: &mut Faults) {
    let field = "command.http.url";
    check_template(job, field, url, MAX_URL, faults);
    let lower = url.to_ascii_lowercase();
    let rest = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://"));
    let is_absolute = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']));
    if !is_absolute && !url.starts_with("{{") {
        faults.add(field, url, "it has to begin with http:// or https:// and a host");
    }
    if without_placeholders(url).contains(|c: char| c.is_whitespace() || c.is_control()) {
        faults.add(field, url, "it contains blanks or control characters: write them percent-encoded, a blank as %20");
    }
}

/// The text between the placeholders, within which blanks are allowed.
fn without_placeholders(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str(part.split_once("}}").map_or(part, |(_, after)| after));
    }
    bare
}

fn check_headers(job: &Definition, request: &Http, faults: &mut Faults) {
    faults.check_count("command.http.headers", &request.headers, MAX_HEADERS);
    for (name, value) in &request.headers {
        let field = format!("command.http.headers.{name}");
        if !is_token(name) {
            faults.add(&field, value, "it is not the name of a header field: letters, digits and `-` are allowed");
        }
        if value.contains(|c: char| c.is_control() && c != '\t') {
            faults.add(&field, value, "a header field's value is one line without control characters");
        }
        check_template(job, &field, value, MAX_HEADER, faults);
    }
}

/// RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.len() <= 128 && text.chars().all(allowed)
}
