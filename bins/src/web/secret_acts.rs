//! What people do with secrets: the same for REST and for whatever else asks. No value goes out of here.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use cronbus_core::audit::{Action, Object, ObjectKind};
use cronbus_core::id::NodeName;
use cronbus_core::job::{Definition, Mark};
use cronbus_core::port::store::{JobFilter, Page};
use cronbus_core::secret::{Secret, SecretName, check_value, used_by};
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::problem::{FieldProblem, Problem};
use super::record;
use super::session::Principal;
use super::site::Site;
use crate::safe::{Error, Safe};

/// How often somebody else may be first.
const TRIES: usize = 3;

/// How many of the jobs that name a secret are told.
const USERS: usize = 100;

/// A secret without its value.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SecretView {
    /// Its name.
    pub(crate) name: String,
    /// 1 at first, one more with each value and with each change of the key.
    pub(crate) version: i64,
    /// The groups whose jobs may use it; empty means every job.
    pub(crate) groups: BTreeSet<String>,
    /// When it was given this value, in UTC.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
    /// Who gave it.
    pub(crate) updated_by: String,
    /// The jobs that name it, by name; the first hundred of them.
    pub(crate) used_by: Vec<String>,
}

impl SecretView {
    fn of(secret: Secret, used_by: Vec<String>) -> Self {
        Self {
            name: secret.name.to_string(),
            version: secret.version,
            groups: secret.groups,
            updated_at: secret.updated_at,
            updated_by: secret.updated_by,
            used_by,
        }
    }
}

/// The secret that a path names.
///
/// # Errors
/// 400 for what is no name.
pub(crate) fn name_of(text: &str) -> Result<SecretName, Problem> {
    SecretName::new(text).map_err(|error| Problem::invalid("name", text, &error))
}

/// All secrets, by name, and which jobs name each.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn all(site: &Site) -> Result<Vec<SecretView>, Problem> {
    let mut views = Vec::new();
    for secret in site.store.secrets().await? {
        let users = users(site, &secret.name).await?;
        views.push(SecretView::of(secret, users));
    }
    Ok(views)
}

/// A secret, and which jobs name it.
///
/// # Errors
/// 404 when there is none, 503 without a database.
pub(crate) async fn one(site: &Site, name: &SecretName) -> Result<SecretView, Problem> {
    let secret = site.store.secret(name).await?.ok_or_else(|| missing(name))?;
    Ok(SecretView::of(secret, users(site, name).await?))
}

fn missing(name: &SecretName) -> Problem {
    Problem::plain(StatusCode::NOT_FOUND, format!("there is no secret `{name}`"))
}

/// The first jobs that name a secret.
async fn users(site: &Site, name: &SecretName) -> Result<Vec<String>, Problem> {
    let filter = JobFilter { mark: Some(Mark::Secret(name.clone())), ..JobFilter::default() };
    let page = Page { after: None, limit: USERS };
    let (jobs, _) = site.store.jobs(&filter, &page, site.clock.now()).await?;
    Ok(jobs.iter().map(|job| job.definition.name.to_string()).collect())
}

/// Gives a secret a value: the next run that names it is given that one.
///
/// # Errors
/// 422 for a value or group that cannot be, 409 when others are always first, 503 without a key or a database.
pub(crate) async fn set(
    site: &Site,
    name: &SecretName,
    value: &str,
    groups: Option<BTreeSet<String>>,
    by: &Principal,
) -> Result<SecretView, Problem> {
    check_value(value).map_err(|error| wrong("value", &error.to_string()))?;
    let wrong_group = groups.iter().flatten().find(|group| NodeName::new(group).is_err());
    if let Some(group) = wrong_group {
        return Err(Problem::not_one_of("groups", group, "names of groups"));
    }
    for _ in 0..TRIES {
        let known = site.store.secret(name).await?;
        let version = known.as_ref().map_or(0, |known| known.version).saturating_add(1);
        let groups = groups.clone().or_else(|| known.map(|known| known.groups)).unwrap_or_default();
        let secret = Secret {
            name: name.clone(),
            version,
            groups,
            updated_at: site.clock.now(),
            updated_by: by.name.clone(),
            sealed: safe(site)?.seal(name, version, value).map_err(|error| unusable(&error))?,
        };
        if put(site, &secret, Action::SecretSet, by).await? {
            return Ok(SecretView::of(secret, Vec::new()));
        }
    }
    Err(Problem::plain(StatusCode::CONFLICT, format!("others set the secret `{name}` at the same time: try again")))
}

async fn put(site: &Site, secret: &Secret, action: Action, by: &Principal) -> Result<bool, Problem> {
    let record = record::entry(site, by, action, Object::named(ObjectKind::Secret, secret.name.as_str()))?;
    let record = record.changing(None, Some(json!({ "version": secret.version, "groups": secret.groups })));
    Ok(site.store.put_secret(secret, &record).await?)
}

/// Deletes a secret.
///
/// # Errors
/// 404 when there is none, 409 while a job names it unless it is forced, 503 without a database.
pub(crate) async fn delete(site: &Site, name: &SecretName, force: bool, by: &Principal) -> Result<(), Problem> {
    let secret = one(site, name).await?;
    if let Some(first) = secret.used_by.first().filter(|_| !force) {
        let detail =
            format!("jobs name the secret `{name}`, like `{first}`: change them, or force it, and their runs fail");
        return Err(Problem::plain(StatusCode::CONFLICT, detail));
    }
    let record = record::entry(site, by, Action::SecretDelete, Object::named(ObjectKind::Secret, name.as_str()))?;
    let deleted = site.store.delete_secret(name, &record).await?;
    if deleted { Ok(()) } else { Err(missing(name)) }
}

/// Seals every secret with the key that stands first now; how many were sealed with another.
///
/// # Errors
/// 503 when one cannot be opened, without a key or a database.
pub(crate) async fn rotate(site: &Site, by: &Principal) -> Result<u64, Problem> {
    let safe = safe(site)?;
    let mut count = 0;
    for old in site.store.secrets().await? {
        let explained = |error: Error| {
            Problem::plain(StatusCode::SERVICE_UNAVAILABLE, format!("the secret `{}`: {error}", old.name))
        };
        if safe.is_newest(&old).map_err(explained)? {
            continue;
        }
        let value = safe.open(&old).map_err(explained)?;
        let version = old.version.saturating_add(1);
        let sealed = safe.seal(&old.name, version, &value).map_err(explained)?;
        // Who set it meanwhile sealed it with the first key.
        if put(site, &Secret { version, sealed, ..old.clone() }, Action::SecretRotate, by).await? {
            count += 1;
        }
    }
    Ok(count)
}

/// Refuses jobs that name secrets which are not there, or not for them.
///
/// # Errors
/// 422 with each of them, 503 without a database.
pub(crate) async fn check<'d>(
    site: &Site,
    definitions: impl IntoIterator<Item = &'d Definition>,
) -> Result<(), Problem> {
    let mut faults = Vec::new();
    for definition in definitions {
        for name in used_by(definition) {
            let fault = match site.store.secret(&name).await? {
                None => format!("there is no secret `{name}`: set it first with `cronbus secret set {name}`"),
                Some(secret) if !secret.is_for(definition) => {
                    format!("the secret `{name}` is not for the group of this job")
                }
                Some(_) => continue,
            };
            faults.push(field("command", &fault));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::wrong_fields(faults)) }
}

fn field(field: &str, detail: &str) -> FieldProblem {
    FieldProblem { field: field.to_owned(), value: None, detail: format!("{field}: {detail}"), allowed: None }
}

fn wrong(name: &str, detail: &str) -> Problem {
    Problem::wrong_fields(vec![field(name, detail)])
}

fn safe(site: &Site) -> Result<&Safe, Problem> {
    site.safe.as_deref().ok_or_else(|| unusable(&Error::NoKey))
}

fn unusable(error: &Error) -> Problem {
    Problem::plain(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}
