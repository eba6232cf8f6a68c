//! What a run waits for, told from what everybody knows: its row, its job, and which nodes live. So any node can tell it,
//! and needs to ask no dispatcher.
//!
//! That earlier runs of its job are not over is not among it, since that takes a look at those: whoever has looked says
//! so with [`WaitingFor::another`].

use serde::{Deserialize, Serialize};

use super::decide::{absent, start_by};
use crate::id::{NodeName, RunId};
use crate::job::Job;
use crate::port::membership::{Member, Role};
use crate::route;
use crate::run::{Run, State};
use crate::time::Timestamp;

/// Why a run that is not over does not execute yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingFor {
    /// For programs.
    pub what: Awaited,
    /// For people: what it is, why it is not there, and what follows if it does not come.
    pub detail: String,
}

/// The kinds of what runs wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaited {
    /// Its moment.
    Moment,
    /// The end of an earlier run of its job.
    Earlier,
    /// A node that fits.
    Node,
    /// Its turn on the node that has it.
    Turn,
}

impl WaitingFor {
    /// The end of another run of the same job.
    #[must_use]
    pub fn another(run: RunId) -> Self {
        let detail =
            format!("run {run} of the same job is not over, and the job's `overlap` has them one after another");
        Self { what: Awaited::Earlier, detail }
    }

    fn node(why: &str, run: &Run, job: &Job) -> Self {
        let until = match start_by(run, job) {
            Some(start_by) => format!("unless one comes, it is rejected after {start_by} (`start_deadline`)"),
            None => "it waits until one comes, since its job has no `start_deadline`".to_owned(),
        };
        Self { what: Awaited::Node, detail: format!("{why}; {until}") }
    }
}

/// What `run`, a run of `job`, waits for at `now`; absent when it executes, is over, or is about to be handed over.
#[must_use]
pub fn waiting_for(run: &Run, job: &Job, members: &[Member], now: Timestamp) -> Option<WaitingFor> {
    if !matches!(run.state, State::Created | State::Assigned) {
        return None;
    }
    if run.not_before > now {
        return Some(WaitingFor { what: Awaited::Moment, detail: format!("its moment, {}", run.not_before) });
    }
    match (&run.node, run.state) {
        (Some(node), State::Assigned) => Some(turn_on(node, members)),
        (Some(node), _) if run.is_pinned() => {
            let is_there = executor(node, members).is_some();
            (!is_there).then(|| WaitingFor::node(&absent(node), run, job))
        }
        _ => route::why_none_fits(&job.definition.target.nodes, members).map(|why| WaitingFor::node(&why, run, job)),
    }
}

fn turn_on(node: &NodeName, members: &[Member]) -> WaitingFor {
    match executor(node, members) {
        Some(Member { capacity, .. }) => {
            let detail = format!("its turn on `{node}`, which executes at most {capacity} runs at a time");
            WaitingFor { what: Awaited::Turn, detail }
        }
        None => {
            let detail =
                format!("`{node}`, which has it, is not there: it goes to another node, or is given up as lost");
            WaitingFor { what: Awaited::Node, detail }
        }
    }
}

fn executor<'a>(node: &NodeName, members: &'a [Member]) -> Option<&'a Member> {
    members.iter().find(|member| member.name == *node && member.has(Role::Executor))
}
