//! Forgetting revisions and jobs in memory.

use std::collections::BTreeSet;

use super::tables::Tables;
use crate::id::{JobId, Revision};
use crate::job::Job;
use crate::port::store::{Cursor, JobRetention, Page, PrunedJobs, Result, Write};

/// Who deletes jobs that nobody needs.
const BY: &str = "retention";

impl Tables {
    pub(super) fn prune_revisions(&mut self, keep: u32, page: &Page<JobId>) -> (usize, Cursor<JobId>) {
        let Some(keep) = i32::try_from(keep).ok().filter(|keep| *keep > 0) else { return (0, None) };
        let too_many = |job: &JobId| self.surplus_revisions(*job, keep).next().is_some();
        let after = |job: &JobId| page.after.is_none_or(|after| *job > after);
        let mut jobs: Vec<JobId> = self.jobs.keys().copied().filter(after).filter(too_many).collect();
        let more = jobs.len() > page.limit;
        jobs.truncate(page.limit);
        let named: BTreeSet<(JobId, Revision)> = self.runs.values().map(|run| (run.job, run.revision)).collect();
        let surplus = jobs.iter().flat_map(|job| self.surplus_revisions(*job, keep));
        let doomed: Vec<_> = surplus.filter(|revision| !named.contains(revision)).collect();
        for revision in &doomed {
            self.revisions.remove(revision);
        }
        (doomed.len(), jobs.last().copied().filter(|_| more))
    }

    /// The revisions that are kept beyond a job's newest ones.
    fn surplus_revisions(&self, id: JobId, keep: i32) -> impl Iterator<Item = (JobId, Revision)> + '_ {
        let newest = self.job(id).map_or(0, |job| job.revision.0);
        let surplus = (id, Revision(i32::MIN))..=(id, Revision(newest.saturating_sub(keep)));
        self.revisions.range(surplus).map(|(key, _)| *key)
    }

    pub(super) fn prune_jobs(&mut self, retention: JobRetention) -> Result<PrunedJobs> {
        let (forgotten, more_forgotten) = self.without_runs(retention, |job| job.deleted);
        for id in &forgotten {
            if let Some((place, _)) = self.jobs.remove(id) {
                self.feed.remove(&place);
            }
            self.revisions.retain(|(job, _), _| job != id);
        }
        let is_idle = |job: &Job| !job.deleted && job.definition.name.is_ad_hoc();
        let (idle, more_idle) = self.without_runs(retention, is_idle);
        let writes: Vec<Write> = idle.iter().map(|job| Write::Delete { job: *job }).collect();
        self.write_jobs(&writes, BY, retention.now)?;
        Ok(PrunedJobs { deleted: idle.len(), forgotten: forgotten.len(), more: more_forgotten || more_idle })
    }

    /// The first of the jobs of a kind that have no runs, and whether there are more.
    fn without_runs(&self, retention: JobRetention, kind: impl Fn(&Job) -> bool) -> (Vec<JobId>, bool) {
        let with_runs: BTreeSet<JobId> = self.runs.values().map(|run| run.job).collect();
        let jobs = self.jobs.values().map(|(_, job)| job);
        let old = jobs.filter(|job| job.updated_at < retention.before && !with_runs.contains(&job.id));
        let mut found: Vec<JobId> = old.filter(|job| kind(job)).map(|job| job.id).collect();
        let more = found.len() > retention.limit;
        found.truncate(retention.limit);
        (found, more)
    }
}
