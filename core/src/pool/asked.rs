//! What dispatchers ask for: runs back, and what became of them.

use crate::id::RunId;
use crate::wire::{Handover, Report};

use super::known::Known;
use super::machine::{Pool, Revoked};

impl Pool {
    /// A dispatcher wants runs back whose moment has not come. The rest is answered like [`Self::inquired`].
    pub fn revoked(&mut self, runs: &[RunId], upto: Handover) -> Revoked {
        let mut revoked = Revoked::default();
        for run in runs {
            let Some(Known::Staged(assignment)) = self.known.get(run) else {
                revoked.reports.extend(self.inquired(std::slice::from_ref(run), upto));
                continue;
            };
            revoked.reports.push(assignment.refused("it was wanted back before its moment", false));
            self.known.remove(run);
            self.staged_count -= 1;
            self.disowned.add(*run, upto);
            revoked.runs.push(*run);
        }
        revoked
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
