//! Rows of `run_marks`.

use cronbus_core::run::{Mark, Run, State, Trigger};
use diesel::prelude::*;

use crate::store::schema::{run_marks, runs};

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
