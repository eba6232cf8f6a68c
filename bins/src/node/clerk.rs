//! Answers plain clients of the bus: keeps what they submit, says how a run is.
//!
//! It does what the web does for `jobs/{name}/run`, and answers the same: accepted means kept.

use std::sync::Arc;

use async_trait::async_trait;
use cronbus_adapters::bus::{Became, Clerk, Reply};
use cronbus_core::audit::{Actor, Trail};
use cronbus_core::document::{self, FieldError};
use cronbus_core::id::RunId;
use cronbus_core::job::{Definition, Job};
use cronbus_core::port::operations::Request;
use cronbus_core::port::store::{Error, Write};
use cronbus_core::port::{Clock, Operations, Store};
use cronbus_core::run::Trigger;
use cronbus_core::wire::submission::{self, Answer, Code, Fault, Submission, What};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::outlook::Outlook;
use crate::web::view::RunView;

/// Under which name submissions are recorded: the bus does not say who its clients are.
const BY: &str = "a client of the bus";

/// A question about a run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    /// Which run.
    pub(crate) run_id: RunId,
}

/// What a client that asks about a run is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum RunAnswer {
    /// How the run is.
    Run(Box<RunView>),
    /// Why it cannot be told.
    Refused {
        /// Why.
        error: Fault,
    },
}

/// The node that answers.
#[derive(Debug)]
pub(super) struct NodeClerk {
    pub(super) operations: Arc<dyn Operations>,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Clerk for NodeClerk {
    async fn submit(&self, payload: &[u8], key: Option<String>) -> Reply {
        let answer = match self.keep(payload, key).await {
            Ok(answer) => answer,
            Err(error) => Answer::Refused { error },
        };
        let became = match &answer {
            Answer::Accepted { .. } => Became::Run,
            Answer::Refused { error } if error.code == Code::Unavailable => Became::NotYet,
            Answer::Refused { error } => Became::Refused(error.message.clone()),
        };
        Reply { answer: serde_json::to_vec(&answer).unwrap_or_default(), became }
    }

    async fn run(&self, payload: &[u8]) -> Vec<u8> {
        let answer = match self.look_up(payload).await {
            Ok(view) => RunAnswer::Run(Box::new(view)),
            Err(error) => RunAnswer::Refused { error },
        };
        serde_json::to_vec(&answer).unwrap_or_default()
    }
}

impl NodeClerk {
    async fn keep(&self, payload: &[u8], key: Option<String>) -> Result<Answer, Fault> {
        let Submission { what, params, idempotency_key } = submission::read(payload, self.clock.now())?;
        let idempotency_key = idempotency_key.or(key);
        let (job, trail) = (self.job(&what).await?, self.trail()?);
        let request = Request { job, params, idempotency_key, trigger: Trigger::Adhoc, trail };
        document::check_given(&request.job.definition, &request.params).map_err(|fault| misgiven(&fault))?;
        let submitted = match self.operations.submit(request.clone()).await {
            // Deleted since it was looked for; one that was made of a submission is made again.
            Err(Error::NoSuchJob { .. }) => {
                let job = self.job(&what).await?;
                self.operations.submit(Request { job, ..request }).await
            }
            submitted => submitted,
        };
        let submitted = submitted.map_err(|error| fault(&error))?;
        Ok(Answer::Accepted { run_id: submitted.run.id, created: submitted.created })
    }

    async fn job(&self, what: &What) -> Result<Arc<Job>, Fault> {
        match what {
            What::Job(name) => self.named(name).await,
            What::Command(definition) => self.described(Definition::clone(definition)).await,
        }
    }

    /// The job of a name, or of an id where it has digits only.
    async fn named(&self, name: &str) -> Result<Arc<Job>, Fault> {
        let found = self.store.job_meant(name).await;
        let shown: String = name.chars().take(140).collect();
        let missing = || Fault::new(Code::NotFound, format!("job: there is no job `{shown}`"), Some("job"));
        found.map_err(|error| fault(&error))?.ok_or_else(missing)
    }

    /// The job that a submission describes, made if it is not there.
    async fn described(&self, definition: Definition) -> Result<Arc<Job>, Fault> {
        let definition = Arc::new(definition);
        if let Some(job) = self.same(&definition).await? {
            return Ok(job);
        }
        match self.operations.write_jobs(vec![Write::Add(Arc::clone(&definition))], &self.trail()?).await {
            Ok(jobs) => {
                jobs.into_iter().next().ok_or_else(|| Fault::new(Code::Unavailable, "the job was not made", None))
            }
            // Somebody else made it just now.
            Err(Error::NameTaken { .. }) => self.same(&definition).await?.ok_or_else(|| changed(&definition)),
            Err(error) => Err(fault(&error)),
        }
    }

    fn trail(&self) -> Result<Trail, Fault> {
        let nonce = getrandom::u64().map_err(|error| Fault::new(Code::Unavailable, error.to_string(), None))?;
        Ok(Trail { actor: Actor::client(BY), at: self.clock.now(), nonce })
    }

    async fn same(&self, definition: &Definition) -> Result<Option<Arc<Job>>, Fault> {
        let found = self.store.job_by_name(definition.name.as_str()).await.map_err(|error| fault(&error))?;
        match found {
            Some(job) if *job.definition != *definition => Err(changed(definition)),
            found => Ok(found),
        }
    }

    async fn look_up(&self, payload: &[u8]) -> Result<RunView, Fault> {
        let run_id = asked_about(payload)?;
        let missing = || Fault::new(Code::NotFound, format!("run_id: there is no run {run_id}"), Some("run_id"));
        let run = self.store.run(run_id).await.map_err(|error| fault(&error))?.ok_or_else(missing)?;
        let mut outlook = Outlook::at(self.clock.now(), &*self.store, &*self.operations).await;
        outlook.look(run).await.map_err(|error| fault(&error))
    }
}

/// The run that a question is about.
fn asked_about(payload: &[u8]) -> Result<RunId, Fault> {
    let invalid = |message: String| Fault::new(Code::Invalid, message, Some("run_id"));
    let question: Value = serde_json::from_slice(payload)
        .map_err(|error| invalid(format!("write {{\"run_id\": \"…\"}}: this is not JSON: {error}")))?;
    let run_id = question.get("run_id").and_then(Value::as_str);
    let run_id =
        run_id.ok_or_else(|| invalid("run_id: write {\"run_id\": \"…\"}, with the id as a text".to_owned()))?;
    run_id.parse().map_err(|error| invalid(format!("run_id: {error}")))
}

fn changed(definition: &Definition) -> Fault {
    let name = &definition.name;
    let message =
        format!("the job {name} stands for this command and was changed: submit it by its name, or remove it");
    Fault::new(Code::Invalid, message, Some("command"))
}

fn misgiven(fault: &FieldError) -> Fault {
    Fault::new(Code::Invalid, fault.to_string(), Some(&fault.field))
}

fn fault(error: &Error) -> Fault {
    let (code, field) = match error {
        Error::KeyTaken { .. } => (Code::Conflict, Some("idempotency_key")),
        Error::NoSuchJob { .. } => (Code::NotFound, Some("job")),
        error if error.is_retryable() => (Code::Unavailable, None),
        _ => (Code::Invalid, None),
    };
    Fault::new(code, error.to_string(), field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_is_none_is_told_how_to_ask() {
        for (payload, said) in [
            ("", "this is not JSON"),
            ("[]", "with the id as a text"),
            (r#"{"run_id": 7}"#, "with the id as a text"),
            (r#"{"run_id": "019a"}"#, "run_id: `019a` is not a run id: write all 36 characters of it"),
        ] {
            let fault = asked_about(payload.as_bytes()).unwrap_err();
            assert!(fault.message.contains(said), "{payload}: {}", fault.message);
            assert_eq!((fault.code, fault.field.as_deref()), (Code::Invalid, Some("run_id")), "{payload}");
        }
        let run = RunId::floor(cronbus_core::time::Timestamp::EPOCH);
        assert_eq!(asked_about(format!(r#"{{"run_id":"{run}"}}"#).as_bytes()), Ok(run));
    }
}
