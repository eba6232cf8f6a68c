//! What dispatchers ask for: runs back, and what became of them.

use crate::id::RunId;
use crate::wire::{Handover, Report};

use super::known::Known;
use super::machine::{Pool, Revoked};

impl Pool {
    /// A dispatcher wants runs back whose moment has not come, or that wait for leave to begin. The rest is answered like
    /// [`Self::inquired`].
    pub fn revoked(&mut self, runs: &[RunId], upto: Handover) -> Revoked {
        let mut revoked = Revoked::default();
        for run in runs {
            let Some(report) = self.take_back(*run, upto) else {
                revoked.reports.extend(self.inquired(std::slice::from_ref(run), upto));
                continue;
            };
            revoked.reports.push(report);
            self.known.remove(run);
            self.disowned.add(*run, upto);
            revoked.runs.push(*run);
        }
        revoked
    }

    /// Takes a run out that waits for its moment or for leave; what to report then.
    fn take_back(&mut self, run: RunId, upto: Handover) -> Option<Report> {
        match self.known.get(&run)? {
            Known::Staged(assignment) => {
                self.staged_count -= 1;
                Some(assignment.refused("it was wanted back before its moment", false))
            }
            Known::Ready { assignment, .. } if assignment.handover <= upto => {
                let (job, report) =
                    (assignment.job.id, assignment.refused("it was wanted back before it began", false));
                self.free(job);
                Some(report)
            }
            _ => None,
        }
    }

    /// A dispatcher asks. What is not known is refused from now on, in every hand-over up to `upto`.
    pub fn inquired(&mut self, runs: &[RunId], upto: Handover) -> Vec<Report> {
        let mut reports = Vec::with_capacity(runs.len());
        for run in runs {
            if let Some(known) = self.known.get(run) {
                reports.extend(known.report(*run));
                continue;
            }
            self.disowned.add(*run, upto);
            reports.push(Report::Unknown { run: *run, upto });
        }
        reports
    }
}
