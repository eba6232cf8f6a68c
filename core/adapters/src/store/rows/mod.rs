//! What a row is in Rust, and the way between rows and the vocabulary of the core.
//!
//! Writing cannot fail, but what is written by another version or by hand may not be readable: every way back checks.

mod account;
mod alert;
mod audit;
mod job;
mod load;
mod mark;
mod run;
mod secret;

pub(super) use account::{NewApiToken, NewUser, SET_UP, SessionRow, of_api_token, of_user};
pub(super) use alert::{
    DESK, INCIDENT, NewDelivery, NewEvent, NewSilence, NewState, OWNER, message_key, of_acknowledgement, of_alert,
    of_alerts, of_incident,
};
pub(super) use audit::{NewEntry, entry_key};
pub(super) use job::{FilterColumns, JobRow, NewJob, NewRevision, RevisionRow, to_document};
pub(super) use load::LoadRow;
pub(super) use mark::{JobMarks, MarkedRow, NewJobMark, NewMark};
pub(super) use run::{AssignedRun, FullRun, MovedRun, NewRuns, RunRow, WaitingRun};
pub(super) use secret::NewSecret;
