//! Whether something may be done, and what is answered where it may not.

use cronbus_core::account::{Action, Grant, Place};
use cronbus_core::job::Job;

use crate::web::problem::Problem;
use crate::web::session::Principal;

/// Goes on only when he may do this there.
///
/// # Errors
/// 403, with the role and the group that it takes.
pub(crate) fn permit(by: &Principal, action: Action, place: Place<'_>) -> Result<(), Problem> {
    if by.may(action, place) {
        return Ok(());
    }
    Err(refusal(by, action, &place.to_string()))
}

/// The same for a job that was asked for by `asked`: one that he may not even see is not there.
///
/// # Errors
/// 404, or 403.
pub(crate) fn permit_job(by: &Principal, action: Action, job: &Job, asked: &str) -> Result<(), Problem> {
    let place = Place::from(&*job.definition);
    if !by.may(Action::View, place) {
        return Err(Problem::no_such_job(asked));
    }
    permit(by, action, place)
}

/// That it takes more.
pub(super) fn refusal(by: &Principal, action: Action, place: &str) -> Problem {
    let role = action.needs();
    let has = by.grants.as_slice().iter().map(Grant::to_string).collect::<Vec<_>>().join(" ");
    let has = if has.is_empty() { "nothing".to_owned() } else { has };
    Problem::forbidden(format!("this takes the role {role} on {place}; `{}` was granted {has}", by.name))
}

/// Whether he may see everything, whatever its group.
pub(crate) fn may_see_all(by: &Principal) -> bool {
    by.may(Action::View, Place::Whole)
}

/// What the buttons of a page may be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Can {
    /// Run, kill, pause, resume, drain, silence, acknowledge.
    pub(crate) operate: bool,
    /// Write definitions.
    pub(crate) edit: bool,
}

impl Can {
    /// There.
    pub(crate) fn at(by: &Principal, place: Place<'_>) -> Self {
        Self { operate: by.may(Action::Operate, place), edit: by.may(Action::Edit, place) }
    }

    /// Anywhere.
    pub(crate) fn somewhere(by: &Principal) -> Self {
        Self { operate: by.grants.may_somewhere(Action::Operate), edit: by.grants.may_somewhere(Action::Edit) }
    }
}
