//! The JSON shape of an entry of the audit trail.

use cronbus_core::audit::{Entry, differences};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// That somebody did something.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct AuditView {
    /// Its id.
    pub(crate) id: String,
    /// When, in UTC.
    #[schema(format = DateTime)]
    pub(crate) at: String,
    /// The name of who did it; what was given as one where the action is `login.failed`.
    pub(crate) actor: String,
    /// `admin_token`, `user`, `api_token`, `client` (of the bus), `node` or `nobody` (who did not show who he is).
    pub(crate) actor_kind: String,
    /// From where.
    pub(crate) address: Option<String>,
    /// `rest`, `page`, `cli`, `nats` or `node`.
    pub(crate) door: String,
    /// What, like `job.update`.
    pub(crate) action: String,
    /// What kind of thing it was done to, like `job`.
    pub(crate) object_kind: String,
    /// The name of that.
    pub(crate) object: String,
    /// Its id, where it has one beside its name.
    pub(crate) object_id: Option<String>,
    /// What was before, as far as it was changed.
    pub(crate) before: Option<Value>,
    /// What is since, as far as it was changed.
    pub(crate) after: Option<Value>,
    /// The fields in which both differ.
    pub(crate) changed: Vec<String>,
}

impl From<Entry> for AuditView {
    fn from(entry: Entry) -> Self {
        let changed = differences(entry.before.as_ref(), entry.after.as_ref());
        Self {
            id: entry.id.to_string(),
            at: entry.at.to_string(),
            actor: entry.actor.name,
            actor_kind: entry.actor.kind.as_str().to_owned(),
            address: entry.actor.address.map(|address| address.to_string()),
            door: entry.actor.door.as_str().to_owned(),
            action: entry.action.as_str().to_owned(),
            object_kind: entry.object.kind.as_str().to_owned(),
            object: entry.object.name,
            object_id: entry.object.id,
            changed: changed.into_iter().map(|one| one.field).collect(),
            before: entry.before,
            after: entry.after,
        }
    }
}

/// A part of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct AuditListing {
    /// The newest first.
    items: Vec<AuditView>,
    /// Give this as `cursor` to get what follows; null when nothing does.
    next: Option<String>,
}
