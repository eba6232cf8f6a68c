//! What the placeholders of one run stand for.

use std::borrow::Cow;

use jiff::tz::TimeZoneDatabase;

use super::error::Error;
use super::render::append_pieces;
use super::syntax::{Name, Piece, parse};
use crate::secret;
use crate::wire::Assignment;

/// Who knows what placeholders stand for.
pub trait Lookup {
    /// The value of the placeholder of this name; never one with a NUL.
    ///
    /// # Errors
    /// When there is no such placeholder, or it has no value.
    fn value(&self, name: &str) -> Result<Cow<'_, str>, Error>;
}

impl Lookup for Values<'_> {
    fn value(&self, name: &str) -> Result<Cow<'_, str>, Error> {
        self.get(Name::parse(name)?)
    }
}

/// What the placeholders of one run stand for. Nothing is computed before it is asked for.
///
/// | placeholder | value |
/// |---|---|
/// | `due_date` | the day the slot was due, `YYYY-MM-DD` in the job's time zone |
/// | `due_at` | the due instant, RFC 3339 in UTC with milliseconds |
/// | `run_id` | the run's id, 36 characters |
/// | `attempt` | 1 for the first try, one more for each retry |
/// | `job` | the job's name |
/// | `shard_index` | which of the slot's runs, from 0 |
/// | `shard_total` | how many runs the slot has |
/// | `secret.NAME` | the value of the secret of that name, of those that the run was given; not in the params of a job |
/// | `params.NAME` | the run's value of that name as it is, or else the job's, in which all of the above may stand |
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    assignment: &'a Assignment,
    secrets: Option<&'a secret::Values>,
}

impl<'a> Values<'a> {
    /// The values of an assignment.
    #[must_use]
    pub const fn of(assignment: &'a Assignment) -> Self {
        Self { assignment, secrets: None }
    }

    /// The same, with the secrets that the run was given.
    #[must_use]
    pub const fn with(self, secrets: &'a secret::Values) -> Self {
        Self { secrets: Some(secrets), ..self }
    }

    /// The value of one placeholder; never one with a NUL.
    pub(super) fn get(&self, name: Name<'_>) -> Result<Cow<'a, str>, Error> {
        let value = match name {
            Name::Param(param) => self.param(param)?,
            Name::Secret(name) => self.secret(name)?,
            other => self.own(other)?,
        };
        if value.contains('\0') {
            return Err(Error::Nul { what: format!("the value of `{}`", name.text()) });
        }
        Ok(value)
    }

    /// The run's params are data from whoever asked for the run and are taken as they are; the job's are templates
    /// of its author.
    fn param(&self, name: &str) -> Result<Cow<'a, str>, Error> {
        let assignment = self.assignment;
        if let Some(given) = assignment.params.as_deref().and_then(|params| params.get(name)) {
            return Ok(Cow::Borrowed(given));
        }
        let template = assignment.job.definition.params.get(name);
        let template = template.ok_or_else(|| Error::NoParam { name: name.to_owned() })?;
        if !template.contains("{{") {
            return Ok(Cow::Borrowed(template));
        }
        let pieces = parse(template)?;
        if pieces.iter().any(|piece| matches!(piece, Piece::Place(Name::Param(_)))) {
            return Err(Error::Nested { name: name.to_owned() });
        }
        let mut value = String::new();
        append_pieces(&mut value, &pieces, |name| self.own(name))?;
        Ok(Cow::Owned(value))
    }

    fn secret(&self, name: &str) -> Result<Cow<'a, str>, Error> {
        let value = self.secrets.and_then(|secrets| secrets.get(name));
        value.map(Cow::Borrowed).ok_or_else(|| Error::NoSecret { name: name.to_owned() })
    }

    fn own(&self, name: Name<'_>) -> Result<Cow<'a, str>, Error> {
        let assignment = self.assignment;
        Ok(match name {
            Name::DueDate => Cow::Owned(self.due_date()?),
            Name::DueAt => Cow::Owned(assignment.due_at.to_string()),
            Name::RunId => Cow::Owned(assignment.run.to_string()),
            Name::Attempt => Cow::Owned(assignment.attempt.0.to_string()),
            Name::Job => Cow::Borrowed(assignment.job.definition.name.as_str()),
            Name::ShardIndex => Cow::Owned(assignment.shard.index().to_string()),
            Name::ShardTotal => Cow::Owned(assignment.shards.to_string()),
            Name::Param(name) => return Err(Error::Nested { name: name.to_owned() }),
            Name::Secret(name) => return Err(Error::SecretInParam { name: name.to_owned() }),
        })
    }

    fn due_date(&self) -> Result<String, Error> {
        let zone = self.zone();
        let found = TimeZoneDatabase::bundled().get(zone).map_err(|_| Error::Zone { zone: zone.to_owned() })?;
        Ok(self.assignment.due_at.to_jiff().to_zoned(found).date().to_string())
    }

    /// The zone the rule is read in: one written before the rule goes before the job's.
    fn zone(&self) -> &str {
        let definition = &self.assignment.job.definition;
        let rule = definition.schedule.as_deref().unwrap_or_default().trim_start();
        let before_rule = rule.strip_prefix("CRON_TZ=").or_else(|| rule.strip_prefix("TZ="));
        before_rule.and_then(|rest| rest.split_ascii_whitespace().next()).unwrap_or(&definition.timezone)
    }
}
