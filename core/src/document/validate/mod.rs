//! Whether a job that could be read may be entered: the rules for its values, all of them checked, all faults told.
//!
//! `when` asks whether it is ever due, `what` whether its command can be run, `policies` whether its answers to
//! trouble make sense, `names` whether others can refer to it. What depends on the node (whether a user exists, a
//! channel is configured) is not asked here.

mod faults;
mod http;
mod names;
mod policies;
mod what;
mod when;

use super::error::FieldError;
use crate::job::Definition;
use crate::time::Timestamp;

/// Checks a job as it is when it is entered at `now`; no fault means it may be.
#[must_use]
pub fn validate(job: &Definition, now: Timestamp) -> Vec<FieldError> {
    let mut faults = faults::Faults::default();
    when::check(job, now, &mut faults);
    what::check(job, &mut faults);
    policies::check(job, &mut faults);
    names::check(job, &mut faults);
    faults.into_vec()
}
