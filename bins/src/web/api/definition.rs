//! Reading a job's definition from a request's body.

use actix_web::HttpRequest;
use cronbus_core::document::{self, FieldError, validate};
use cronbus_core::id::Revision;
use cronbus_core::job::Definition;
use cronbus_core::time::Timestamp;
use serde_json::Value;

use crate::web::problem::{FieldProblem, Problem};
use crate::web::query::{json, one_of};
use crate::web::site::Site;
use crate::web::view::JOB_EXTRAS;

/// A definition as it came.
#[derive(Debug)]
pub(crate) struct Submitted {
    /// What the job shall be.
    pub(crate) definition: Definition,
    /// The revision that stands beside it, when a job is sent back as it was read.
    pub(crate) revision: Option<Revision>,
}

/// Reads and checks a definition. What a node says of a job beside its definition may stand there too.
///
/// # Errors
/// 415 for a body that is not JSON, 400 for one that cannot be read, 422 for one that cannot be.
pub(crate) fn read(request: &HttpRequest, body: &[u8], now: Timestamp) -> Result<Submitted, Problem> {
    let mut value: Value = json(request, body)?;
    let revision = strip(&mut value)?;
    let definition = document::definition(&value).map_err(wrong)?;
    let faults = validate(&definition, now);
    if faults.is_empty() { Ok(Submitted { definition, revision }) } else { Err(wrong(faults)) }
}

/// Refuses channels that there are not: nobody would be told.
///
/// # Errors
/// 422 with each channel that nobody configured.
pub(crate) fn check_channels<'d>(
    site: &Site,
    definitions: impl IntoIterator<Item = &'d Definition>,
) -> Result<(), Problem> {
    let there_are: Vec<String> = site.notifier.channels().iter().map(ToString::to_string).collect();
    let named = definitions.into_iter().flat_map(|definition| definition.alerts.iter().enumerate());
    let unknown = named.filter(|(_, name)| !there_are.contains(*name));
    let allowed = match &there_are[..] {
        [] => "no channel is configured here: write [alerts.channel.NAME] into the configuration".to_owned(),
        some => format!("there are {}", one_of(some.iter().map(String::as_str))),
    };
    let field = |(place, name): (usize, &String)| FieldProblem {
        field: format!("alerts[{place}]"),
        value: Some(name.clone()),
        detail: format!("alerts[{place}] = \"{name}\": there is no such channel; {allowed}"),
        allowed: Some(allowed.clone()),
    };
    let wrong: Vec<FieldProblem> = unknown.map(field).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Problem::wrong_fields(wrong)) }
}

/// The problem that a job's faults are.
pub(crate) fn wrong(faults: Vec<FieldError>) -> Problem {
    let field = |fault: FieldError| {
        let detail = fault.to_string();
        FieldProblem { field: fault.field, value: shown(fault.value), allowed: Some(fault.message), detail }
    };
    Problem::wrong_fields(faults.into_iter().map(field).collect())
}

/// The problem that a document's faults are.
pub(crate) fn faults(problems: Vec<document::Problem>) -> Problem {
    let field = |problem: document::Problem| {
        let detail = problem.to_string();
        let document::Problem { path, fault, .. } = problem;
        FieldProblem { field: path, value: shown(fault.value), allowed: Some(fault.message), detail }
    };
    Problem::wrong_fields(problems.into_iter().map(field).collect())
}

fn shown(value: String) -> Option<String> {
    (!value.is_empty()).then_some(value)
}

/// Takes what is not definition out of a job, and gives back the revision among it.
fn strip(value: &mut Value) -> Result<Option<Revision>, Problem> {
    let Some(fields) = value.as_object_mut() else {
        return Err(Problem::unreadable("the body is not a job: write an object with `name` and `command`"));
    };
    let mut revision = None;
    for extra in JOB_EXTRAS {
        let Some(taken) = fields.remove(extra) else { continue };
        if extra == "revision" {
            revision = Some(serde_json::from_value(taken.clone()).map_err(|_| {
                Problem::not_one_of("revision", &taken.to_string(), "the number of the revision that was read")
            })?);
        }
    }
    Ok(revision)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    fn submitted(text: &str) -> Result<Submitted, Problem> {
        read(&TestRequest::default().to_http_request(), text.as_bytes(), Timestamp::EPOCH)
    }

    #[test]
    fn a_job_may_be_sent_back_as_it_was_read() {
        let text = r#"{"id":3,"revision":7,"name":"a","command":{"noop":true},"next_at":null,"active":true}"#;
        let submitted = submitted(text).unwrap();
        assert_eq!((submitted.revision, submitted.definition.name.as_str()), (Some(Revision(7)), "a"));
    }

    #[test]
    fn what_cannot_be_read_is_a_problem() {
        for text in ["", "[]", "{", r#"{"name":"a"}"#, r#"{"name":"a","command":{"noop":true},"revision":"x"}"#] {
            assert!((400..=422).contains(&submitted(text).unwrap_err().status), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in ".{0,200}") {
            drop(submitted(&body));
        }
    }
}
