//! Rows of `run_marks` and `job_marks`.

use std::collections::BTreeSet;

use cronbus_core::job::{self, Job};
use cronbus_core::run::{Mark, Run, State, Trigger};
use diesel::prelude::*;

use crate::store::schema::{job_marks, run_marks, runs};

/// A row of `run_marks` as it is written, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Insertable)]
#[diesel(table_name = run_marks)]
pub(in crate::store) struct NewMark<'r> {
    mark: i32,
    run: &'r [u8],
    job: i64,
}

impl<'r> NewMark<'r> {
    fn new(mark: Mark, run: &'r Run) -> Self {
        Self { mark: i32::from(mark.number()), run: run.id.as_bytes(), job: run.job.0 }
    }

    /// Those of a run whose row is made.
    pub(in crate::store) fn of_new(run: &'r Run) -> impl Iterator<Item = Self> {
        Mark::of_new(run).map(move |mark| Self::new(mark, run))
    }

    /// That of a run which was moved on.
    pub(in crate::store) fn of_moved(run: &'r Run) -> Option<Self> {
        Mark::of_state(run.state).map(|mark| Self::new(mark, run))
    }
}

/// What says which marks a run has.
#[derive(Queryable, Selectable)]
#[diesel(table_name = runs)]
pub(in crate::store) struct MarkedRow {
    pub(in crate::store) id: Vec<u8>,
    state: i32,
    trigger_kind: i32,
}

impl MarkedRow {
    /// The numbers of the marks.
    pub(in crate::store) fn marks(&self) -> impl Iterator<Item = i32> + use<> {
        let known = |number: i32| u8::try_from(number).ok();
        let state = known(self.state).and_then(State::from_number).and_then(Mark::of_state);
        let trigger = known(self.trigger_kind).and_then(Trigger::from_number).and_then(Mark::of_trigger);
        state.into_iter().chain(trigger).map(|mark| i32::from(mark.number()))
    }
}

/// A row of `job_marks`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Insertable)]
#[diesel(table_name = job_marks)]
pub(in crate::store) struct NewJobMark {
    pub(in crate::store) mark: String,
    pub(in crate::store) name: String,
}

impl NewJobMark {
    fn of(job: &Job) -> impl Iterator<Item = Self> {
        let named = |mark: job::Mark| Self { mark: mark.to_string(), name: job.definition.name.as_str().to_owned() };
        job::Mark::of(job).into_iter().map(named)
    }
}

/// What changes of jobs do to `job_marks`.
#[derive(Debug, Default)]
pub(in crate::store) struct JobMarks {
    /// Rows that are no longer true.
    pub(in crate::store) gone: BTreeSet<NewJobMark>,
    /// Rows that are, and may be there.
    pub(in crate::store) new: BTreeSet<NewJobMark>,
}

impl JobMarks {
    /// Those of one change after all others. A name that one job gives up may be another's from then on.
    pub(in crate::store) fn change(&mut self, before: Option<&Job>, after: &Job) {
        let before: BTreeSet<NewJobMark> = before.into_iter().flat_map(NewJobMark::of).collect();
        let after: BTreeSet<NewJobMark> = NewJobMark::of(after).collect();
        for row in before.difference(&after) {
            self.new.remove(row);
            self.gone.insert(row.clone());
        }
        for row in after.difference(&before) {
            self.gone.remove(row);
            self.new.insert(row.clone());
        }
    }
}
