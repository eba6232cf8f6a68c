//! Whether params may be given to a job when it is run by hand or submitted.
//!
//! A job takes the params that it declares, and those that its command asks for: one without a rule may leave it to
//! whoever runs it to give them. Any other would be read by nobody, so it is a mistake, most often of spelling.

use std::collections::BTreeSet;

use super::error::FieldError;
use crate::job::{Command, Definition, Params};
use crate::suggest;
use crate::template;

/// How many of a job's params a message names.
const NAMED: usize = 20;

/// Refuses params that the job does not take.
///
/// # Errors
/// The first of them by name, under the field `params.NAME`.
pub fn check_given(job: &Definition, given: &Params) -> Result<(), FieldError> {
    let declared: BTreeSet<&str> = job.params.keys().map(String::as_str).collect();
    if given.keys().all(|name| declared.contains(name.as_str())) {
        return Ok(());
    }
    let taken: BTreeSet<&str> = declared.into_iter().chain(asked_for(&job.command)).collect();
    let Some((name, value)) = given.iter().find(|(name, _)| !taken.contains(name.as_str())) else { return Ok(()) };
    let shown: String = name.chars().take(80).collect();
    let message = format!("the job `{}` {}", job.name, advice(name, &taken));
    Err(FieldError::of_text(format!("params.{shown}"), value, message))
}

fn advice(name: &str, taken: &BTreeSet<&str>) -> String {
    if taken.is_empty() {
        return "takes no params: leave it out, or add it to the job's params".to_owned();
    }
    let named: Vec<&str> = taken.iter().take(NAMED).copied().collect();
    let more = if taken.len() > NAMED { ", …" } else { "" };
    let nearest = suggest::did_you_mean(name, taken.iter().copied());
    format!("has no param of this name, only {}{more}{nearest}", named.join(", "))
}

/// The params that the placeholders of a command stand for.
fn asked_for(command: &Command) -> BTreeSet<&str> {
    let mut texts: Vec<&str> = Vec::new();
    match command {
        Command::Shell(shell) => {
            texts.extend([shell.line.as_str(), &shell.stdin]);
            texts.extend(shell.env.values().map(String::as_str));
        }
        Command::Http(http) => {
            texts.extend([http.url.as_str(), &http.body]);
            texts.extend(http.headers.values().map(String::as_str));
        }
        Command::Noop => {}
    }
    texts.into_iter().flat_map(|text| template::params_used(text).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::JobName;

    fn job(command: Command, declared: &[&str]) -> Definition {
        let params = declared.iter().map(|name| ((*name).to_owned(), String::new())).collect();
        Definition { params, ..Definition::new(JobName::new("a").unwrap(), command) }
    }

    fn refusal(job: &Definition, name: &str) -> Option<String> {
        let given = Params::from([(name.to_owned(), "v".to_owned())]);
        check_given(job, &given).err().map(|fault| fault.to_string())
    }

    #[test]
    fn a_job_takes_what_it_declares_and_what_its_command_asks_for() {
        let shell = job(Command::shell("echo {{params.who}} {{job}}"), &["day"]);
        for (name, expected) in [
            ("day", None),
            ("who", None),
            (
                "dya",
                Some("params.dya = \"v\": the job `a` has no param of this name, only day, who; did you mean `day`?"),
            ),
            ("job", Some("params.job = \"v\": the job `a` has no param of this name, only day, who")),
        ] {
            assert_eq!(refusal(&shell, name).as_deref(), expected, "{name}");
        }
        assert!(refusal(&job(Command::Noop, &[]), "x").unwrap().contains("takes no params"));
        assert_eq!(check_given(&job(Command::Noop, &[]), &Params::new()), Ok(()));
    }
}
