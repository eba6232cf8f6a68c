//! What people and programs do to jobs, runs and nodes: the same for REST and for the pages, and recorded under who did
//! it. Reading what was asked, and showing what came of it, is the caller's.

use std::sync::Arc;

use cronbus_core::account::{Action, Place};
use cronbus_core::audit::{self, Object, ObjectKind};
use cronbus_core::document;
use cronbus_core::id::{JobId, NodeName, Revision};
use cronbus_core::job::{Definition, Job, Params, Pause};
use cronbus_core::port::membership::{Availability, Member};
use cronbus_core::port::operations::{NodeStatus, Request};
use cronbus_core::port::store::{self, Submitted, Write};
use cronbus_core::route;
use cronbus_core::run::{Run, Trigger};
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::access::{may_see_all, permit};
use super::api::definition;
use super::problem::Problem;
use super::record;
use super::secret_acts;
use super::session::Principal;
use super::site::Site;

/// How many characters a pause's note may have.
const LONGEST_NOTE: usize = 2000;

/// How many bytes an idempotency key may have.
const LONGEST_KEY: usize = 256;

/// What became of a node.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct NodeState {
    /// Its name.
    pub(crate) name: String,
    /// `active` or `draining`.
    pub(crate) state: String,
    /// The roles that no active node plays now, so that nothing is created or executed.
    pub(crate) lacking: Vec<String>,
}

/// Adds a job.
///
/// # Errors
/// 403 where he may not write, 409 when the name is taken, 422 for a channel that is not there, 503 without a database.
pub(crate) async fn add(site: &Site, definition: Definition, by: &Principal) -> Result<Arc<Job>, Problem> {
    permit(by, Action::Edit, Place::from(&definition))?;
    definition::check_channels(site, [&definition])?;
    secret_acts::check(site, [&definition]).await?;
    only(write(site, vec![Write::Add(Arc::new(definition))], by).await?)
}

/// Gives a job another definition, if it is at the revision that is expected.
///
/// # Errors
/// 409 when the name is taken, 412 when somebody changed the job meanwhile, 422 for a channel that is not there, 503
/// without a database.
pub(crate) async fn replace(
    site: &Site,
    job: JobId,
    expected: Option<Revision>,
    definition: Arc<Definition>,
    by: &Principal,
) -> Result<Arc<Job>, Problem> {
    permit(by, Action::Edit, Place::from(&*definition))?;
    definition::check_channels(site, [&*definition])?;
    secret_acts::check(site, [&*definition]).await?;
    let write = Write::Replace { job, expected, definition };
    only(self::write(site, vec![write], by).await?)
}

/// The pause of jobs from now on.
///
/// # Errors
/// 400 for an end in the past and a note that is too long.
pub(crate) fn pause(now: Timestamp, until: Option<Timestamp>, note: String, by: &Principal) -> Result<Pause, Problem> {
    if let Some(until) = until.filter(|until| *until <= now) {
        let value = until.to_string();
        return Err(Problem::not_one_of("until", &value, "an instant in the future"));
    }
    if note.chars().count() > LONGEST_NOTE {
        return Err(Problem::not_one_of("note", &note, "at most 2000 characters"));
    }
    Ok(Pause { since: now, until, note, by: by.name.clone() })
}

/// Makes all the changes or none.
///
/// # Errors
/// 404 when one of the jobs is gone, 503 without a database.
pub(crate) async fn write(site: &Site, writes: Vec<Write>, by: &Principal) -> Result<Vec<Arc<Job>>, Problem> {
    Ok(site.operations.write_jobs(writes, &record::trail(site, by)?).await?)
}

/// Makes a run of a job now, durable when the answer comes. The same key gives the same run.
///
/// # Errors
/// 400 for a key that is empty or too long, 422 for values that nobody would read, 503 without a database.
pub(crate) async fn run(
    site: &Site,
    job: Arc<Job>,
    params: Params,
    idempotency_key: Option<String>,
    by: &Principal,
) -> Result<Submitted, Problem> {
    if let Some(key) = idempotency_key.as_ref().filter(|key| key.is_empty() || key.len() > LONGEST_KEY) {
        return Err(Problem::not_one_of("idempotency_key", key, "1 to 256 bytes"));
    }
    document::check_given(&job.definition, &params).map_err(|fault| definition::wrong(vec![fault]))?;
    let wanted = Request { job, params, idempotency_key, trigger: Trigger::Manual, trail: record::trail(site, by)? };
    let submitted = site.operations.submit(wanted).await;
    submitted.map_err(|error| match error {
        // The other run may be of a job that he may not know of.
        store::Error::KeyTaken { key, .. } if !may_see_all(by) => Problem::key_is_taken(&key),
        error => Problem::from(error),
    })
}

/// Ends a run wherever it is. False when it was over already.
///
/// # Errors
/// 503 without a database or a bus.
pub(crate) async fn kill(site: &Site, run: &Run, by: &Principal) -> Result<bool, Problem> {
    let killed = site.operations.kill(run.id, &by.name).await?;
    let object = Object::with_id(ObjectKind::Run, site.job_name(run.job).await?, run.id);
    record::keep(site, by, audit::Action::RunKill, object, Some(json!({ "killed": killed }))).await?;
    Ok(killed)
}

/// Makes a node take work, or none.
///
/// # Errors
/// 404 when no living node has the name, 503 when the register of members does not answer.
pub(crate) async fn set_node_state(
    site: &Site,
    node: &str,
    state: Availability,
    by: &Principal,
) -> Result<NodeState, Problem> {
    let name = NodeName::new(node).map_err(|_| Problem::no_such_node(node))?;
    if !site.operations.set_state(&name, state).await? {
        return Err(Problem::no_such_node(node));
    }
    let action = match state {
        Availability::Active => audit::Action::NodeUndrain,
        Availability::Draining => audit::Action::NodeDrain,
    };
    record::keep(site, by, action, Object::named(ObjectKind::Node, name.as_str()), None).await?;
    let lacking = lacking(site.operations.members().await, &name, state);
    Ok(NodeState { name: node.to_owned(), state: state.as_str().to_owned(), lacking })
}

/// Makes this node's executor start nothing new, or go on.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn hold(site: &Site, hold: bool, by: &Principal) -> Result<(), Problem> {
    site.operations.hold(hold).await;
    let action = if hold { audit::Action::NodeHold } else { audit::Action::NodeRelease };
    let node = site.operations.health().await.node;
    record::keep(site, by, action, Object::named(ObjectKind::Node, node.as_str()), None).await
}

/// The needed roles that no active node plays, one node being as it was changed: that may not have been heard of yet.
fn lacking(nodes: Vec<NodeStatus>, changed: &NodeName, state: Availability) -> Vec<String> {
    let now = |member: Member| if member.name == *changed { Member { state, ..member } } else { member };
    let members: Vec<_> = nodes.into_iter().map(|node| now(node.member)).collect();
    route::lacking(&members).into_iter().map(|role| role.as_str().to_owned()).collect()
}

/// The one job that one write gives.
///
/// # Errors
/// 500 when the store returned none, which breaks its contract.
pub(crate) fn only(jobs: Vec<Arc<Job>>) -> Result<Arc<Job>, Problem> {
    jobs.into_iter().next().ok_or_else(|| {
        Problem::plain(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR, "the store wrote a job and returned none")
    })
}
