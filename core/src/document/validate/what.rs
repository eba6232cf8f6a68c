//! Whether what the job executes can be executed: texts that are templates, names that processes take.

use std::collections::BTreeMap;

use super::faults::Faults;
use super::http;
use crate::job::command::Shell;
use crate::job::{Command, Definition};
use crate::suggest;
use crate::template;

/// The longest command line: Linux takes 128 KiB as one argument, and placeholders grow when they are filled in.
const MAX_LINE: usize = 100 * 1024;
/// The longest input, body or value of a variable.
pub(super) const MAX_INPUT: usize = 1 << 20;
const MAX_VARIABLE: usize = 32 * 1024;
const MAX_VARIABLES: usize = 256;
const MAX_PATH: usize = 4096;

pub(super) fn check(job: &Definition, faults: &mut Faults) {
    match &job.command {
        Command::Shell(shell) => check_shell(job, shell, faults),
        Command::Http(request) => http::check(job, request, faults),
        Command::Noop => {}
    }
}

fn check_shell(job: &Definition, shell: &Shell, faults: &mut Faults) {
    let field = "command.shell";
    if shell.line.trim().is_empty() {
        faults.add(field, &shell.line, "there is no command in it");
    }
    faults.check_text(field, &shell.line, MAX_LINE);
    match template::check_shell(&shell.line) {
        Ok(()) => check_params(job, field, &shell.line, faults),
        Err(error) => faults.add(field, &shell.line, error.to_string()),
    }
    check_template(job, "command.stdin", &shell.stdin, MAX_INPUT, faults);
    if let Some(user) = &shell.user {
        check_user(user, faults);
    }
    if let Some(cwd) = &shell.cwd {
        check_directory(cwd, faults);
    }
    check_variables(job, &shell.env, faults);
}

/// A text with placeholders that are filled in as they are.
pub(super) fn check_template(job: &Definition, field: &str, text: &str, longest: usize, faults: &mut Faults) {
    check_text(job, field, text, longest, template::check, faults);
}

/// A text with placeholders that are filled in as `is_template` says they can be.
pub(super) fn check_text(
    job: &Definition,
    field: &str,
    text: &str,
    longest: usize,
    is_template: impl Fn(&str) -> Result<(), template::Error>,
    faults: &mut Faults,
) {
    faults.check_text(field, text, longest);
    match is_template(text) {
        Ok(()) => check_params(job, field, text, faults),
        Err(error) => faults.add(field, text, error.to_string()),
    }
}

/// A param that a job with a rule does not have would be missing at every run; one that only runs when asked to may be
/// given it then.
fn check_params(job: &Definition, field: &str, text: &str, faults: &mut Faults) {
    if job.schedule.is_none() {
        return;
    }
    for name in template::params_used(text).unwrap_or_default() {
        if !job.params.contains_key(name) {
            let advice = suggest::did_you_mean(name, job.params.keys().map(String::as_str));
            let message = format!(
                "`{{{{params.{name}}}}}` has no value{advice}: add `{name}` to params, since nobody gives it when the job is due"
            );
            faults.add(field, text, message);
        }
    }
}

/// useradd(8) accepts less; directory services have more.
fn check_user(user: &str, faults: &mut Faults) {
    let wrong = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ':' | '/' | ',');
    if user.is_empty() || user.len() > 128 || user.starts_with('-') || user.contains(wrong) {
        faults.add("command.user", user, "it cannot be a user: write a name or a number, or leave it out");
    }
}

fn check_directory(cwd: &str, faults: &mut Faults) {
    let field = "command.cwd";
    faults.check_text(field, cwd, MAX_PATH);
    if cwd.is_empty() {
        faults.add(field, cwd, "it is empty: write a directory, or leave it out for the user's home");
    }
    if cwd.contains("{{") {
        faults.add(
            field,
            cwd,
            "placeholders are not filled in here: change the directory in the command, like `cd {{params.x}} && …`",
        );
    }
}

fn check_variables(job: &Definition, env: &BTreeMap<String, String>, faults: &mut Faults) {
    faults.check_count("command.env", env, MAX_VARIABLES);
    for (name, value) in env {
        let field = format!("command.env.{name}");
        if !is_variable_name(name) {
            faults.add(field, value, "a variable's name has letters, digits and `_`, and does not begin with a digit");
        } else if name.starts_with("CRONBUS_") {
            faults.add(field, value, "variables that begin with CRONBUS_ are set by cronbus: choose another name");
        } else {
            check_template(job, &field, value, MAX_VARIABLE, faults);
        }
    }
}

/// What a shell can name a variable (XBD 3.216).
fn is_variable_name(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
