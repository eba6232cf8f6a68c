//! What plain clients of the bus say, and what they are answered: JSON that anybody can write by hand.
//!
//! A submission names a job, or says what to execute with the fields of a job. The second kind becomes a job, too: one
//! without a rule, whose name is a hash of what it says, so that the same command always is the same job and its runs
//! have a history, retries and a log as all others have.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::document::{self, FieldError};
use crate::id::RunId;
use crate::job::{Definition, JobName, Params};
use crate::secret;
use crate::time::Timestamp;

/// How many bytes a submission may have.
const LONGEST: usize = 1 << 20;

/// How many bytes an idempotency key may have.
pub const LONGEST_KEY: usize = 256;

/// Fields of a job that make no sense for one run.
const NOT_FOR_ONE_RUN: [&str; 10] = [
    "name",
    "schedule",
    "dialect",
    "timezone",
    "dst",
    "valid_from",
    "valid_until",
    "misfire",
    "enabled",
    "queue_limit",
];

/// A run that a client wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// Of what.
    pub what: What,
    /// Values that stand before the job's own.
    pub params: Params,
    /// The same key gives the same run.
    pub idempotency_key: Option<String>,
}

/// What shall run.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The job of this name, or of this id.
    Job(String),
    /// The job that the submission describes, to be made if it is not there.
    Command(Box<Definition>),
}

/// What a client is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// It is kept and will be run.
    Accepted {
        /// Which run it became.
        run_id: RunId,
        /// Whether this submission made it; false when one with the same key did.
        created: bool,
    },
    /// It is not.
    Refused {
        /// Why.
        error: Fault,
    },
}

/// Why a client does not get what it wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// For programs.
    pub code: Code,
    /// For people: what is wrong and what to do.
    pub message: String,
    /// The field that is wrong, like `command.shell`; null when it is none.
    pub field: Option<String>,
}

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// It cannot be read, or says something that cannot be.
    Invalid,
    /// There is no such job or run.
    NotFound,
    /// It cannot be kept now; the same may be sent again.
    Unavailable,
    /// Nobody knows who sends it.
    Forbidden,
    /// Its idempotency key has a run of something else.
    Conflict,
}

impl Fault {
    /// A fault.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>, field: Option<&str>) -> Self {
        Self { code, message: message.into(), field: field.map(str::to_owned) }
    }

    fn invalid(message: impl Into<String>, field: Option<&str>) -> Self {
        Self::new(Code::Invalid, message, field)
    }
}

/// Reads a submission.
///
/// # Errors
/// The first fault of it.
pub fn read(payload: &[u8], now: Timestamp) -> Result<Submission, Fault> {
    if payload.len() > LONGEST {
        return Err(Fault::invalid(format!("a submission has at most {LONGEST} bytes"), None));
    }
    let value: Value =
        serde_json::from_slice(payload).map_err(|error| Fault::invalid(format!("this is not JSON: {error}"), None))?;
    let Value::Object(mut fields) = value else {
        return Err(Fault::invalid("write an object with `job` or with `command`", None));
    };
    let params = take(&mut fields, "params", "texts by name, like {\"day\": \"2026-11-22\"}")?.unwrap_or_default();
    let idempotency_key = take(&mut fields, "idempotency_key", "a text of 1 to 256 bytes")?;
    if idempotency_key.as_ref().is_some_and(|key: &String| key.is_empty() || key.len() > LONGEST_KEY) {
        return Err(Fault::invalid("idempotency_key: it has 1 to 256 bytes", Some("idempotency_key")));
    }
    let what = match take::<String>(&mut fields, "job", "the name of a job")? {
        Some(job) => What::Job(only(job, &fields)?),
        None => What::Command(Box::new(described(fields, now)?)),
    };
    Ok(Submission { what, params, idempotency_key })
}

fn take<T: serde::de::DeserializeOwned>(
    fields: &mut Map<String, Value>,
    name: &str,
    allowed: &str,
) -> Result<Option<T>, Fault> {
    let Some(value) = fields.remove(name) else { return Ok(None) };
    serde_json::from_value(value).map_err(|_| Fault::invalid(format!("{name}: write {allowed}"), Some(name)))
}

/// The job's name, if nothing stands beside it that nobody would look at.
fn only(job: String, rest: &Map<String, Value>) -> Result<String, Fault> {
    let Some(other) = rest.keys().next() else { return Ok(job) };
    let message = format!("{other}: beside `job` there may be `params` and `idempotency_key` only");
    Err(Fault::invalid(message, Some(other)))
}

/// The job that a submission describes. Several of its runs may go on at a time, unless it says otherwise.
fn described(mut fields: Map<String, Value>, now: Timestamp) -> Result<Definition, Fault> {
    if !fields.contains_key("command") {
        return Err(Fault::invalid("write `job` to run a job, or `command` to say what to run", Some("command")));
    }
    if let Some(name) = NOT_FOR_ONE_RUN.into_iter().find(|name| fields.contains_key(*name)) {
        return Err(Fault::invalid(format!("{name}: it makes no sense for a single run; leave it out"), Some(name)));
    }
    fields.insert("name".to_owned(), "adhoc".into());
    fields.entry("overlap").or_insert_with(|| "allow".into());
    let mut definition = document::definition(&Value::Object(fields)).map_err(|faults| first(&faults))?;
    let faults = document::validate(&definition, now);
    if !faults.is_empty() {
        return Err(first(&faults));
    }
    if let Some(name) = secret::used_by(&definition).first() {
        return Err(Fault::invalid(
            format!(
                "command: it names the secret `{name}`, and whoever may submit may not read secrets: make a job that \
                 names it, and submit that job"
            ),
            Some("command"),
        ));
    }
    definition.name = name_of(&definition)?;
    Ok(definition)
}

/// `adhoc/` and a hash of everything the job says, the fields in one order.
fn name_of(definition: &Definition) -> Result<JobName, Fault> {
    let unnamed = serde_json::to_vec(definition).map_err(|error| Fault::invalid(error.to_string(), None))?;
    let hash = Sha256::digest(&unnamed);
    let digits: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    JobName::new(&format!("{}{digits}", JobName::AD_HOC)).map_err(|error| Fault::invalid(error.to_string(), None))
}

fn first(faults: &[FieldError]) -> Fault {
    match faults.first() {
        Some(fault) => Fault::invalid(fault.to_string(), (!fault.field.is_empty()).then_some(fault.field.as_str())),
        None => Fault::invalid("the command cannot be read", Some("command")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Result<Submission, Fault> {
        read(text.as_bytes(), Timestamp::EPOCH)
    }

    fn described_by(text: &str) -> Definition {
        let What::Command(definition) = of(text).unwrap().what else { panic!("a job") };
        *definition
    }

    #[test]
    fn a_job_is_named() {
        let submission = of(r#"{"job":"a","params":{"k":"v"},"idempotency_key":"x"}"#).unwrap();
        assert_eq!(submission.what, What::Job("a".to_owned()));
        assert_eq!((submission.params["k"].as_str(), submission.idempotency_key.as_deref()), ("v", Some("x")));
    }

    #[test]
    fn the_same_command_is_the_same_job_whatever_its_params_and_order() {
        let first = described_by(r#"{"command":{"shell":"a"},"target":{"group":"php"},"params":{"k":"1"}}"#);
        let same = described_by(r#"{"target":{"group":"php"},"idempotency_key":"z","command":{"shell":"a"}}"#);
        assert_eq!(first, same);
        assert!(first.name.as_str().starts_with("adhoc/") && first.schedule.is_none());
        assert_ne!(first.name, described_by(r#"{"command":{"shell":"b"},"target":{"group":"php"}}"#).name);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_field() {
        for (text, field) in [
            ("", None),
            ("[]", None),
            ("{}", Some("command")),
            (r#"{"job":7}"#, Some("job")),
            (r#"{"job":"a","command":{"noop":true}}"#, Some("command")),
            (r#"{"command":{"shell":"echo {{secret.key}}"}}"#, Some("command")),
            (r#"{"command":{"shell":"a","env":{"K":"{{ secret.key }}"}}}"#, Some("command")),
            (r#"{"job":"a","params":{"k":1}}"#, Some("params")),
            (r#"{"job":"a","idempotency_key":""}"#, Some("idempotency_key")),
            (r#"{"command":{"noop":true},"schedule":"* * * * *"}"#, Some("schedule")),
            (r#"{"command":{"noop":true},"name":"mine"}"#, Some("name")),
            (r#"{"command":{"noop":true},"priority":77}"#, Some("priority")),
            (r#"{"command":{"noop":true},"priorty":7}"#, Some("priorty")),
        ] {
            let fault = of(text).unwrap_err();
            assert_eq!((fault.code, fault.field.as_deref()), (Code::Invalid, field), "{text}: {}", fault.message);
        }
    }

    #[test]
    fn answers_are_what_the_contract_says() {
        let run_id = RunId::floor(Timestamp::EPOCH);
        let accepted = serde_json::to_value(Answer::Accepted { run_id, created: true }).unwrap();
        assert_eq!(accepted, serde_json::json!({ "run_id": run_id.to_string(), "created": true }));
        let error = Fault::new(Code::NotFound, "there is none", Some("job"));
        let refused = serde_json::to_value(Answer::Refused { error }).unwrap();
        let expected =
            serde_json::json!({ "error": { "code": "not_found", "message": "there is none", "field": "job" } });
        assert_eq!(refused, expected);
    }

    proptest! {
        #[test]
        fn no_payload_makes_it_panic(text in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            drop(of(&text));
            drop(read(&bytes, Timestamp::EPOCH));
        }
    }
}
