//! Slots of jobs as they were before they were changed, which nobody has answered for.
//!
//! The store says which those may be ([`Former`]); what this planner knows better, because it planned the job as it was
//! then, it does not plan again. They are answered before anything else is planned, so that no watermark passes them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::id::Partition;
use crate::job::{Former, Job};
use crate::run::Run;
use crate::time::Timestamp;

use super::catch_up::{self, Missed};
use super::entry::{self, TICK};
use super::planner::{Planner, Settings};

/// All of them, in the order in which they were heard of.
#[derive(Debug, Default)]
pub(super) struct Leftovers(VecDeque<Former>);

/// A job as a planner knew it, and its next slot that was not planned then.
pub(super) struct Known {
    pub(super) job: Arc<Job>,
    pub(super) next: Option<Timestamp>,
}

impl Leftovers {
    /// Adds what a job leaves over whose partition was taken over at the watermark `claimed`. `known` is what this
    /// planner knew of the job since then, if it did: what was added for that already is not added again.
    pub(super) fn add(&mut self, job: &Job, claimed: Timestamp, known: Option<&Known>) {
        for former in job.former() {
            if known.is_some_and(|known| known.job.former().contains(former)) {
                continue;
            }
            let planned = match known.filter(|known| is_same(&known.job, &former.job)) {
                None => Some(former.after),
                Some(known) => known.next.map(|next| next - TICK),
            };
            let (Some(unanswered), Some(planned)) = (former.unanswered_after(claimed), planned) else { continue };
            let after = unanswered.max(planned);
            if after < former.until {
                self.0.push_back(Former { after, ..former.clone() });
            }
        }
    }

    pub(super) fn forget(&mut self, partitions: &[Partition]) {
        self.0.retain(|former| !partitions.contains(&former.job.partition()));
    }

    /// The earliest instant after which there are any.
    pub(super) fn after(&self) -> Option<Timestamp> {
        self.0.iter().map(|former| former.after).min()
    }

    /// Some of those up to `horizon`. What is later waits: the clock was set back since the job was changed.
    pub(super) fn take(&mut self, horizon: Timestamp) -> Option<Former> {
        let place = self.0.iter().position(|former| former.after < horizon)?;
        let former = self.0.remove(place)?;
        if former.until <= horizon {
            return Some(former);
        }
        if let Some(Ok(schedule)) = entry::compile(&former.job)
            && let Some(next) = schedule.next_after(horizon).filter(|next| next.at <= former.until)
        {
            self.0.push_back(Former { after: next.at - TICK, ..former.clone() });
        }
        Some(Former { until: horizon, ..former })
    }
}

/// Whether both are due at the same instants.
fn is_same(known: &Job, former: &Job) -> bool {
    known.effective_from == former.effective_from
        && known.pause == former.pause
        && !known.is_due_differently(&former.definition)
}

impl Planner {
    /// The rows of what a job left over: by the misfire policy it had where they are long overdue, to be run if they are
    /// not, and without running if the job as it is now is not to run.
    pub(super) fn settle(&self, left: &Former, now: Timestamp) -> Vec<Run> {
        let Settings { misfire_after, missed_rows_per_job, .. } = self.settings;
        let cutoff = now - misfire_after;
        let newest = self.jobs.get(&left.job.id).map(|job| &**job);
        let missed = Missed {
            job: &left.job,
            after: left.after,
            until: left.until.min(cutoff),
            now,
            rows_limit: missed_rows_per_job,
            newer: newest.map_or(0, |newest| newer(newest, left, cutoff)),
            barred: barred(newest, now),
        };
        let mut rows = missed.rows();
        rows.extend(just_late(&missed, left.after.max(cutoff), left.until));
        rows.into_iter().flat_map(|row| self.broadcast(&left.job, row)).collect()
    }
}

/// What is not overdue for long has not been missed yet.
fn just_late(missed: &Missed<'_>, after: Timestamp, until: Timestamp) -> Vec<Run> {
    let Some(Ok(schedule)) = entry::compile(missed.job) else { return Vec::new() };
    let due = schedule.fires(after).map(|fire| fire.at);
    let due = due.take_while(|at| *at <= until && !entry::is_over(missed.job, *at));
    let row = |due| match missed.barred {
        Some(why) => missed.missed(due, why),
        None => catch_up::waiting(missed.job, due, missed.now),
    };
    due.map(row).collect()
}

/// How many slots were missed under what the job became after `left`.
fn newer(newest: &Job, left: &Former, cutoff: Timestamp) -> u64 {
    let later = newest.former().iter().filter(|former| former.until > left.until);
    let later: u64 =
        later.map(|former| catch_up::count_after(&former.job, former.after, former.until.min(cutoff))).sum();
    let now = entry::start_after(newest, left.until).map_or(0, |after| catch_up::count_after(newest, after, cutoff));
    later.saturating_add(now)
}

/// Why nothing of the job may run now.
pub(crate) fn barred(newest: Option<&Job>, now: Timestamp) -> Option<&'static str> {
    match newest {
        Some(job) if job.is_active(now) => None,
        Some(job) if job.deleted => Some("it was not answered before the job was deleted"),
        Some(job) if !job.definition.enabled => Some("it was not answered before the job was disabled"),
        Some(_) => Some("it was not answered before the job was paused"),
        None => Some("it was not answered before the job was deleted"),
    }
}
