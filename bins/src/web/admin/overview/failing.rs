//! Which jobs fail now: those whose newest execution did not succeed.

use cronbus_core::id::{JobId, RunId};
use cronbus_core::port::store::{self, Page, RunFilter, Store};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;

use super::hours::Hour;

/// How many failed runs of an hour are looked at.
const PER_HOUR: usize = 100;

/// How many jobs are looked at.
const JOBS: usize = 20;

/// How many of a job's newest runs.
const RUNS: usize = 50;

const BAD: [State; 4] = [State::Failed, State::TimedOut, State::Killed, State::Lost];

/// A job that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failing {
    pub(super) job: JobId,
    pub(super) name: String,
    /// The group of its target; absent when it has another target.
    pub(super) group: Option<String>,
    pub(super) run: RunId,
    pub(super) state: State,
    pub(super) at: Timestamp,
    /// How many executions in a row, as far as was looked.
    pub(super) in_a_row: usize,
}

/// The jobs that fail, those that failed last first. Reads only hours in which something did.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn find(store: &dyn Store, hours: &[Hour]) -> store::Result<Vec<Failing>> {
    let mut jobs: Vec<JobId> = Vec::new();
    for hour in hours {
        let (from, until) = (Some(hour.start()), Some(hour.end()));
        let filter = RunFilter { states: BAD.to_vec(), from, until, ..RunFilter::default() };
        let (runs, _) = store.runs(&filter, &Page { after: None, limit: PER_HOUR }).await?;
        for run in runs {
            if !jobs.contains(&run.job) {
                jobs.push(run.job);
            }
        }
        if jobs.len() >= JOBS {
            break;
        }
    }
    let mut failing = Vec::new();
    for job in jobs.into_iter().take(JOBS) {
        failing.extend(look(store, job).await?);
    }
    Ok(failing)
}

async fn look(store: &dyn Store, id: JobId) -> store::Result<Option<Failing>> {
    let Some(job) = store.job(id).await?.filter(|job| !job.deleted) else { return Ok(None) };
    let filter = RunFilter { job: Some(id), ..RunFilter::default() };
    let (runs, _) = store.runs(&filter, &Page { after: None, limit: RUNS }).await?;
    Ok(judge(&runs).map(|(run, in_a_row)| Failing {
        job: id,
        name: job.definition.name.to_string(),
        group: job.definition.target.group().map(str::to_owned),
        run: run.id,
        state: run.state,
        at: run.ended_at.unwrap_or(run.due_at),
        in_a_row,
    }))
}

/// The newest execution, if it went wrong, and how many did so in a row. What was not executed says nothing.
fn judge(runs: &[Run]) -> Option<(&Run, usize)> {
    let executed = || runs.iter().filter(|run| run.state == State::Succeeded || BAD.contains(&run.state));
    let in_a_row = executed().take_while(|run| run.state != State::Succeeded).count();
    executed().next().filter(|_| in_a_row > 0).map(|run| (run, in_a_row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::Revision;

    #[test]
    fn a_job_fails_as_long_as_its_newest_execution_did() {
        let at = Timestamp::EPOCH;
        let runs = |states: &[State]| -> Vec<Run> {
            let run =
                |state: &State| Run { state: *state, ..Run::new(RunId::floor(at), JobId(1), Revision(1), at, at) };
            states.iter().map(run).collect()
        };
        use State::{Failed, Lost, Running, Skipped, Succeeded};
        for (states, expected) in [
            (vec![Running, Failed, Skipped, Lost, Succeeded, Failed], Some(2)),
            (vec![Succeeded, Failed], None),
            (vec![Skipped], None),
            (vec![], None),
        ] {
            assert_eq!(judge(&runs(&states)).map(|(_, in_a_row)| in_a_row), expected, "{states:?}");
        }
    }
}
