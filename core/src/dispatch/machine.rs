//! The state machine's state, and what it is told from outside except reports.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::alert::{self, Rules};
use crate::id::{JobId, NodeName, RunId};
use crate::job::Job;
use crate::port::membership::Member;
use crate::run::{Answer, Event, Run, State, Verdict};
use crate::time::Timestamp;
use crate::wire::{self, Report};

use super::active::{Active, Phase};
use super::calendar::Calendar;
use super::flush::Flushing;
use super::lent::{Endings, Lent};
use super::load::{Lane, Load};
use super::outbox::Effects;
use super::table::{JobTable, RunTable};

/// Whether the store must know of a hand-over before it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// It need not: nobody else can ever take over from this node, and the one executor, on the same machine, tells
    /// its next life what it has from its spool.
    Sole,
    /// It must: somebody else may take over at any moment and has only the store to go by.
    Recorded,
}

/// How the dispatcher does its work.
#[derive(Clone, Debug)]
pub struct Settings {
    /// This node.
    pub node: NodeName,
    /// Whether the store must know of a hand-over before it happens.
    pub handover: Handover,
    /// How long to wait for a node's word before asking it.
    pub inquire_after: Duration,
    /// How long a node must be gone before the runs it had are lost: its lease has ended by then, and it knows.
    pub lost_after: Duration,
    /// How often to look for a fitting node again.
    pub reroute_every: Duration,
    /// How long before they are due rows are made.
    pub lookahead: Duration,
    /// A slot later than this is not just late: nobody was there, and the misfire policy answers.
    pub misfire_after: Duration,
    /// What people want to be told of.
    pub rules: Arc<Rules>,
}

impl Settings {
    /// The defaults for a node that can rely on nobody else taking over.
    #[must_use]
    pub fn sole(node: NodeName) -> Self {
        Self {
            node,
            handover: Handover::Sole,
            inquire_after: Duration::from_secs(5),
            lost_after: Duration::from_secs(10),
            reroute_every: Duration::from_secs(1),
            lookahead: Duration::from_secs(2),
            misfire_after: Duration::from_secs(5),
            rules: Arc::default(),
        }
    }

    /// The defaults for a node among others, whose leases last so long. A node that was killed has a moment to come
    /// back and say from its spool what became of its runs, however short the lease.
    #[must_use]
    pub fn among_others(node: NodeName, lease: Duration) -> Self {
        let sole = Self::sole(node);
        Self { handover: Handover::Recorded, lost_after: lease.max(sole.lost_after), ..sole }
    }
}

/// How many runs ended how, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Handed to nodes.
    pub assigned: u64,
    /// Ended well.
    pub succeeded: u64,
    /// Ended otherwise.
    pub failed: u64,
    /// Answered without execution.
    pub answered: u64,
    /// Further attempts made.
    pub retried: u64,
    /// Taken from nodes that were gone and had not begun them.
    pub rerouted: u64,
    /// Events that could not happen in the state the run was in.
    pub illegal: u64,
}

/// Turns durable rows into outcomes. See the [folder](super).
#[derive(Debug)]
pub struct Dispatch {
    pub(super) settings: Settings,
    pub(super) jobs: JobTable<Arc<Job>>,
    pub(super) catalog_complete: bool,
    pub(super) members: Vec<Member>,
    pub(super) gone_since: HashMap<NodeName, Timestamp>,
    pub(super) running: HashMap<NodeName, u32>,
    pub(super) turns: HashMap<JobId, u64>,
    pub(super) active: RunTable<Active>,
    pub(super) calendar: Calendar,
    pub(super) load: Load,
    /// Runs that may go on, because what they waited for is over.
    pub(super) ready: Vec<RunId>,
    /// Reports that cannot be understood before the store was asked.
    pub(super) strays: RunTable<(NodeName, Report)>,
    /// Next attempts that may have been made, and may be over, before the batch that should have added them.
    pub(super) doubtful: HashSet<RunId>,
    pub(super) lent: Lent,
    pub(super) endings: Endings,
    pub(super) flushing: Flushing,
    pub(super) effects: Effects,
    pub(super) counts: Counts,
    /// Rows that are being made with a node chosen already.
    pub(super) placed: RunTable<NodeName>,
    /// How many runs wait for their moment at nodes.
    pub(super) staged: usize,
    /// Runs whose moment has come before their jobs were heard of.
    pub(super) early: HashMap<JobId, HashSet<RunId>>,
    /// Jobs that were changed since runs were last wanted back for that.
    pub(super) changed: HashSet<JobId>,
    pub(super) closed: bool,
    pub(super) last_handover: wire::Handover,
    pub(super) next_round: Timestamp,
}

impl Dispatch {
    /// Knows nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            jobs: JobTable::default(),
            catalog_complete: false,
            members: Vec::new(),
            gone_since: HashMap::new(),
            running: HashMap::new(),
            turns: HashMap::new(),
            active: RunTable::default(),
            calendar: Calendar::default(),
            load: Load::default(),
            ready: Vec::new(),
            strays: RunTable::default(),
            doubtful: HashSet::new(),
            lent: Lent::nothing(),
            endings: Endings::default(),
            flushing: Flushing::default(),
            effects: Effects::default(),
            counts: Counts::default(),
            placed: RunTable::default(),
            staged: 0,
            early: HashMap::new(),
            changed: HashSet::new(),
            closed: false,
            last_handover: wire::Handover::default(),
            next_round: Timestamp::EPOCH,
        }
    }

    /// A job is new or was changed. [`Self::revoke_changed`] follows once all changes that are known were told.
    pub fn job_changed(&mut self, job: Arc<Job>) {
        if job.deleted && self.catalog_complete {
            self.turns.remove(&job.id);
        }
        self.note_change(job.id);
        for run in self.early.remove(&job.id).into_iter().flatten() {
            if let Some(active) = self.active.get(&run) {
                self.calendar.put(active.run.not_before, run);
            }
        }
        self.jobs.insert(job.id, job);
    }

    /// Every job there is has been given to [`Self::job_changed`]: one that is not known does not exist. Until then no
    /// run's end can be judged, since its job says whether it is tried again; nodes are asked for what they know now.
    pub fn catalog_complete(&mut self, now: Timestamp) {
        if !std::mem::replace(&mut self.catalog_complete, true) {
            self.inquire_unknown(now);
        }
    }

    /// What people may want to be told of rows that are over before they are made.
    #[must_use]
    pub fn events_of(&self, rows: &[Run]) -> Vec<alert::Event> {
        rows.iter().filter(|run| run.state.is_terminal()).flat_map(|run| self.events_of_one(run)).collect()
    }

    pub(super) fn events_of_one(&self, run: &Run) -> Vec<alert::Event> {
        let job = self.jobs.get(&run.job);
        job.map(|job| alert::of_run(&self.settings.rules, job, run)).unwrap_or_default()
    }

    /// Rows that have just become durable. Those of partitions that are not lent to this dispatcher are passed over.
    pub fn created(&mut self, rows: Vec<Run>) {
        for run in rows {
            if run.state == State::Created && self.may_take(&run) {
                self.calendar.put(run.not_before, run.id);
                self.active.insert(run.id, Active::new(run, Phase::Waiting));
            }
        }
    }

    pub(super) fn may_take(&self, run: &Run) -> bool {
        let is_known = self.active.contains_key(&run.id) || self.endings.has(run.id);
        !is_known && self.dispatches(run.job.partition())
    }

    /// Rows that were found in the store and are not over: what became of them has to be found out. Those of partitions
    /// that are not lent to this dispatcher are passed over.
    pub fn adopt(&mut self, rows: Vec<Run>, now: Timestamp) {
        if rows.is_empty() {
            return;
        }
        self.outrun_predecessor(now);
        for run in rows {
            if run.state.is_terminal() || !self.may_take(&run) {
                continue;
            }
            // Otherwise it may have been handed over, even before its moment: the clock may have been set back since.
            if run.state == State::Created && self.settings.handover == Handover::Recorded {
                self.created(vec![run]);
                continue;
            }
            self.found(run, now);
        }
        self.revoke_changed(now);
        self.next_round = self.next_round.min(now + self.settings.inquire_after);
    }

    /// Asks the node that may have the run, as soon as its answer can be judged.
    fn found(&mut self, run: Run, now: Timestamp) {
        let node = match run.state {
            State::Created => self.settings.node.clone(),
            _ => run.node.clone().unwrap_or_else(|| self.settings.node.clone()),
        };
        let id = run.id;
        let phase = if run.state == State::Assigned && run.not_before > now {
            self.found_staged(&run);
            Phase::Staged { node: node.clone(), asked: now }
        } else {
            self.load.execute(Lane::of(&run), id);
            Phase::Unknown { node: node.clone(), asked: now }
        };
        let mut active = Active::new(run, phase);
        active.settled = self.next_handover(now);
        self.count_running(&node, 1);
        self.active.insert(id, active);
        if self.catalog_complete {
            self.inquire(id, &node, now);
        }
    }

    /// Someone asks for a run's end. Returns false when this dispatcher does not have it, or it is over.
    pub fn kill(&mut self, id: RunId, reason: &str, now: Timestamp) -> bool {
        let Some(active) = self.active.get_mut(&id) else { return false };
        match &active.phase {
            Phase::Over { .. } => return false,
            Phase::Waiting | Phase::Blocked | Phase::Unrouted => {
                self.answer(id, Verdict::Killed, reason.to_owned(), now);
            }
            Phase::Staged { node, .. } => {
                let node = node.clone();
                active.killed = Some(reason.to_owned());
                self.want_back(id, &node, now);
            }
            Phase::Recording | Phase::Handed { .. } | Phase::Held { .. } | Phase::Unknown { .. } => {
                active.killed = Some(reason.to_owned());
                if let Some(node) = holder(active) {
                    self.effects.kill(&node, id, reason);
                }
            }
        }
        self.settle(now);
        true
    }

    /// Hands nothing more over: the node is ending.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// What is to be done since the last call.
    pub fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    /// How many runs it has in its hands.
    #[must_use]
    pub fn len(&self) -> usize {
        self.active.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// How many of them nodes have.
    #[must_use]
    pub fn out(&self) -> usize {
        self.running.values().map(|count| *count as usize).sum()
    }

    /// How many runs of `node` are out.
    #[must_use]
    pub fn running_on(&self, node: &NodeName) -> u32 {
        self.running.get(node).copied().unwrap_or(0)
    }

    /// How many runs of a job whose moment has come are not over.
    #[must_use]
    pub fn busy(&self, job: JobId) -> u32 {
        let is_busy =
            |active: &&Active| !matches!(active.phase, Phase::Waiting | Phase::Staged { .. } | Phase::Over { .. });
        let busy = self.active.values().filter(|active| active.run.job == job).filter(is_busy).count();
        u32::try_from(busy).unwrap_or(u32::MAX)
    }

    /// How many ended how.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// When to call [`Self::tick`] again, if nothing happens before.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let round = (!self.active.is_empty()).then_some(self.next_round);
        let due = if self.closed { None } else { self.calendar.next() };
        let round = round.filter(|_| !self.closed || self.out() > 0);
        due.into_iter().chain(round).min()
    }

    pub(super) fn answer(&mut self, id: RunId, verdict: Verdict, reason: String, now: Timestamp) {
        if self.apply(id, Event::Answer(Answer { verdict, at: now, reason })) {
            self.counts.answered += 1;
            self.end(id, None);
        }
    }

    /// Applies an event; returns whether it could happen.
    pub(super) fn apply(&mut self, id: RunId, event: Event) -> bool {
        let Some(active) = self.active.get_mut(&id) else { return false };
        if active.run.apply(event).is_err() {
            self.counts.illegal += 1;
            return false;
        }
        if !active.dirty {
            active.dirty = true;
            self.flushing.dirty.push_back(id);
        }
        true
    }

    /// A run is over: what waits for it goes on, and `tell` is told once that is durable.
    pub(super) fn end(&mut self, id: RunId, tell: Option<NodeName>) {
        let Some(active) = self.active.get_mut(&id) else { return };
        let was_out = active.is_out();
        let node = holder(active);
        self.staged -= usize::from(matches!(active.phase, Phase::Staged { .. }));
        active.phase = Phase::Over { tell };
        let lane = active.lane.clone();
        if let (true, Some(node)) = (was_out, node) {
            self.count_running(&node, -1);
        }
        self.ready.extend(self.load.over(&lane, id));
    }

    /// Drops a run without a trace here.
    pub(super) fn forget(&mut self, id: RunId) {
        let Some(active) = self.active.remove(&id) else { return };
        self.staged -= usize::from(matches!(active.phase, Phase::Staged { .. }));
        if let (true, Some(node)) = (active.is_out(), holder(&active)) {
            self.count_running(&node, -1);
        }
        self.ready.extend(self.load.over(&active.lane, id));
    }
}

/// The node that has the run, or may have it.
pub(super) fn holder(active: &Active) -> Option<NodeName> {
    match &active.phase {
        Phase::Unknown { node, .. } | Phase::Staged { node, .. } => Some(node.clone()),
        _ => active.run.node.clone(),
    }
}
