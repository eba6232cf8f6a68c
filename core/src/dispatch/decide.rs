//! What happens when a run's moment has come, and what is looked at again from time to time.

use std::sync::Arc;
use std::time::Duration;

use crate::id::{NodeName, RunId};
use crate::job::{Job, Overlap};
use crate::planner;
use crate::policy::overlap::{self, Decision};
use crate::port::membership::Role;
use crate::route::{self, Candidate, Choice};
use crate::run::{Ending, Event, Outcome, Run, State, Trigger, Verdict};
use crate::time::Timestamp;
use crate::wire::{self, Assignment};

use super::active::{Active, Phase};
use super::load::Lane;
use super::machine::{Dispatch, Handover, holder};

/// How long a job may be unheard of although every job there is was told of: it may be younger than that.
const JOB_PATIENCE: Duration = Duration::from_secs(60);

/// How much longer a node that has a run is left alone than one that said nothing yet.
const HELD_PATIENCE: u32 = 6;

/// What the job says of a row that was made for it before.
enum Standing {
    /// It stands.
    Stands,
    /// The job is not known yet.
    Unclear,
    /// It does not stand any more, because...
    Fallen(&'static str),
}

impl Dispatch {
    /// Time has passed: starts what is due, looks again at what is stuck.
    pub fn tick(&mut self, now: Timestamp) {
        while !self.closed
            && let Some(due) = self.calendar.take_due(now)
        {
            for id in due {
                self.moment_has_come(id, now);
            }
        }
        // A round that lies further ahead was set before the clock was set back.
        if now >= self.next_round || self.next_round > now + self.settings.reroute_every {
            self.next_round = now + self.settings.reroute_every;
            self.look_again(now);
        }
        self.settle(now);
    }

    /// Lets go on what may. Ends, since a run is ready at most once for each other that is over.
    pub(super) fn settle(&mut self, now: Timestamp) {
        while !self.closed
            && let Some(id) = self.ready.pop()
        {
            self.begin(id, now);
        }
    }

    fn moment_has_come(&mut self, id: RunId, now: Timestamp) {
        let Some(active) = self.active.get_mut(&id) else { return };
        if active.phase != Phase::Waiting {
            return;
        }
        let job = self.jobs.get(&active.run.job).map(Arc::clone);
        match standing(&active.run, job.as_deref(), self.catalog_complete, now) {
            Standing::Fallen(reason) => return self.drop_moot(id, reason, now),
            Standing::Unclear => {
                self.early.entry(active.run.job).or_default().insert(id);
                return self.calendar.put(now + self.settings.reroute_every, id);
            }
            Standing::Stands => {}
        }
        let Some(job) = job else { return };
        active.run.revision = job.revision;
        let lane = active.lane.clone();
        if let Some(reason) = self.missed(id, &job, now) {
            return self.answer(id, Verdict::Missed, reason.to_owned(), now);
        }
        let policy = job.definition.overlap;
        let busy = if policy == Overlap::Allow { overlap::Busy::default() } else { self.load.busy(&lane) };
        match overlap::decide(policy, busy, job.definition.queue_limit) {
            Decision::Start => {
                self.load.execute(lane, id);
                self.begin(id, now);
            }
            Decision::Wait => self.block(id, lane),
            Decision::Replace => self.replace(id, &lane, now),
            Decision::Answer(verdict, reason) => self.answer(id, verdict, reason, now),
        }
    }

    /// Its job does not want it any more.
    fn drop_moot(&mut self, id: RunId, reason: &str, now: Timestamp) {
        if let Some(active) = self.active.get_mut(&id) {
            active.is_moot = true;
            self.early.remove(&active.run.job);
        }
        self.answer(id, Verdict::Skipped, reason.to_owned(), now);
    }

    fn block(&mut self, id: RunId, lane: Lane) {
        self.load.wait(lane, id);
        if let Some(active) = self.active.get_mut(&id) {
            active.phase = Phase::Blocked;
        }
    }

    fn replace(&mut self, id: RunId, lane: &Lane, now: Timestamp) {
        let reason = format!("replaced by run {id} of the same job (overlap = \"replace\")");
        for waiting in self.load.take_waiting(lane) {
            self.answer(waiting, Verdict::Killed, reason.clone(), now);
        }
        self.block(id, lane.clone());
        for executing in self.load.executing(lane) {
            let Some(active) = self.active.get_mut(&executing) else { continue };
            if active.phase == Phase::Unrouted {
                self.answer(executing, Verdict::Killed, reason.clone(), now);
                continue;
            }
            active.killed.get_or_insert_with(|| reason.clone());
            if let Some(node) = holder(active) {
                self.effects.kill(&node, executing, &reason);
            }
        }
    }

    /// Nothing of its job stands in the way of the run: finds a node for it.
    pub(super) fn begin(&mut self, id: RunId, now: Timestamp) {
        let Some(active) = self.active.get(&id) else { return };
        if !matches!(active.phase, Phase::Waiting | Phase::Blocked | Phase::Unrouted) {
            return;
        }
        let Some(job) = self.jobs.get(&active.run.job).map(Arc::clone) else { return self.without_job(id, now) };
        // Others may go by the store: it has to know that one node gave the run back before another gets it.
        let returns = self.settings.handover == Handover::Recorded && active.durable != State::Created;
        if self.closed || returns {
            return self.set_phase(id, Phase::Unrouted);
        }
        let chosen = match (&active.run.node, active.run.is_pinned()) {
            (Some(node), true) if self.member(node).is_some() => Ok(node.clone()),
            (Some(node), true) => match self.without_its_node(node.clone(), &job, now) {
                Ok(why) => Err(why),
                Err(why) => return self.answer(id, Verdict::Rejected, why, now),
            },
            _ => self.choose(&job),
        };
        match chosen {
            Ok(_) | Err(_) if self.is_too_late(id, &job, now) => {
                let why = chosen.err().unwrap_or_else(|| "others of its job were not over in time".to_owned());
                self.answer(id, Verdict::Rejected, format!("not started within start_deadline: {why}"), now);
            }
            Ok(node) => self.hand_over(id, node, &job, now),
            Err(why) if self.is_for_nobody(id, &job) => {
                let why = format!("a broadcast runs on every node that fits when it is due, and none did: {why}");
                self.answer(id, Verdict::Rejected, why, now);
            }
            Err(_) => self.set_phase(id, Phase::Unrouted),
        }
    }

    /// Whether the run stands for all those that its slot should have had: no node fitted when it was planned.
    fn is_for_nobody(&self, id: RunId, job: &Job) -> bool {
        let is_unpinned = |active: &Active| active.run.trigger == Trigger::Schedule && !active.run.is_pinned();
        job.definition.target.broadcast && self.active.get(&id).is_some_and(is_unpinned)
    }

    /// The only node that may execute a run is not there: why that is so, as an error once nobody waits for it any more.
    fn without_its_node(&mut self, node: NodeName, job: &Job, now: Timestamp) -> Result<String, String> {
        let why = absent(&node);
        let is_waited_for = job.definition.start_deadline.is_some() || !self.is_gone_for_good(&node, now);
        if is_waited_for { Ok(why) } else { Err(why) }
    }

    /// The job is not known yet, or there is none.
    fn without_job(&mut self, id: RunId, now: Timestamp) {
        let Some(active) = self.active.get(&id) else { return };
        match standing(&active.run, None, self.catalog_complete, now) {
            Standing::Fallen(reason) => self.drop_moot(id, reason, now),
            Standing::Unclear | Standing::Stands => self.set_phase(id, Phase::Unrouted),
        }
    }

    fn is_too_late(&self, id: RunId, job: &Job, now: Timestamp) -> bool {
        let start_by = self.active.get(&id).and_then(|active| start_by(&active.run, job));
        start_by.is_some_and(|start_by| now > start_by)
    }

    pub(super) fn choose(&mut self, job: &Job) -> Result<NodeName, String> {
        let candidates: Vec<Candidate<'_>> = self
            .members
            .iter()
            .filter(|member| member.has(Role::Executor))
            .map(|member| Candidate { member, running: self.running.get(&member.name).copied().unwrap_or(0) })
            .collect();
        // With one node there are no turns to be taken.
        let mut only = 0;
        let turn = if candidates.len() < 2 { &mut only } else { self.turns.entry(job.id).or_default() };
        match route::choose(&job.definition.target.nodes, job.definition.routing, job.id, &candidates, turn) {
            Choice::Node(node) => Ok(node),
            Choice::None(reasons) => Err(route::explain(&job.definition.target.nodes, &reasons)),
        }
    }

    fn hand_over(&mut self, id: RunId, node: NodeName, job: &Arc<Job>, now: Timestamp) {
        if !self.apply(id, Event::Assign { node: node.clone() }) {
            return;
        }
        self.count_running(&node, 1);
        if self.settings.handover == Handover::Recorded {
            return self.set_phase(id, Phase::Recording);
        }
        self.publish(id, &node, job, now);
    }

    pub(super) fn publish(&mut self, id: RunId, node: &NodeName, job: &Arc<Job>, now: Timestamp) {
        self.set_phase(id, Phase::Handed { since: now });
        self.hand(id, node, job, now);
    }

    /// Gives it to a node.
    pub(super) fn hand(&mut self, id: RunId, node: &NodeName, job: &Arc<Job>, now: Timestamp) {
        let handover = self.next_handover(now);
        let on_leave = self.gives_leave_to(node);
        let Some(active) = self.active.get_mut(&id) else { return };
        (active.handover, active.settled) = (Some(handover), handover);
        active.may_have_begun = !on_leave;
        // It may have been changed since the moment of the run.
        active.run.revision = job.revision;
        self.counts.assigned += 1;
        let not_before = matches!(active.phase, Phase::Staged { .. }).then_some(active.run.not_before);
        let assignment = Assignment { on_leave, ..assignment(&active.run, job, handover, not_before) };
        self.effects.assign(node, assignment);
    }

    pub(super) fn set_phase(&mut self, id: RunId, phase: Phase) {
        if let Some(active) = self.active.get_mut(&id) {
            active.phase = phase;
        }
    }

    fn look_again(&mut self, now: Timestamp) {
        // What is lost may have to be tried again, which only its job can say.
        if !self.catalog_complete {
            return;
        }
        let stuck: Vec<RunId> = self
            .active
            .values()
            .filter(|active| match active.phase {
                Phase::Waiting | Phase::Over { .. } | Phase::Recording => false,
                Phase::Staged { ref node, asked } => {
                    let is_overdue = asked.max(active.run.not_before) + self.settings.inquire_after <= now;
                    is_overdue || (!active.may_have_begun && self.gone_since.contains_key(node))
                }
                _ => true,
            })
            .map(|active| active.run.id)
            .collect();
        for id in stuck {
            self.look_at(id, now);
        }
        self.forget_gone(now);
    }

    fn look_at(&mut self, id: RunId, now: Timestamp) {
        let Some(active) = self.active.get(&id) else { return };
        let Some(node) = holder(active).filter(|_| active.is_out()) else { return self.try_again(id, now) };
        if self.member(&node).is_none() {
            return self.node_is_gone(id, &node, now);
        }
        let patience = self.settings.inquire_after;
        let (since, patience) = match active.phase {
            Phase::Handed { since } => (since, patience),
            Phase::Unknown { asked, .. } => (asked, patience),
            Phase::Staged { asked, .. } => (asked.max(active.run.not_before), patience),
            // One that was started is told of until its end is known; of one that waits, a word may have been lost.
            Phase::Held { since } if active.run.state == State::Assigned => (since, HELD_PATIENCE * patience),
            _ => return,
        };
        if now >= since + patience || now < since {
            self.inquire(id, &node, now);
        }
    }

    fn try_again(&mut self, id: RunId, now: Timestamp) {
        let Some(active) = self.active.get(&id) else { return };
        match active.phase {
            Phase::Unrouted => self.begin(id, now),
            Phase::Blocked => {
                let job = self.jobs.get(&active.run.job).map(Arc::clone);
                if job.is_some_and(|job| self.is_too_late(id, &job, now)) {
                    let why = "not started within start_deadline: earlier runs of its job were not over";
                    self.answer(id, Verdict::Rejected, why.to_owned(), now);
                }
            }
            _ => {}
        }
    }

    /// Nobody will ever know how the run ended.
    pub(super) fn lose(&mut self, id: RunId, reason: String, now: Timestamp) {
        let Some(active) = self.active.get(&id) else { return };
        if active.run.state == State::Created {
            let node = self.settings.node.clone();
            self.apply(id, Event::Assign { node });
        }
        let started_at = self.active.get(&id).and_then(|active| active.run.started_at);
        self.conclude(id, Outcome::bare(Ending::Lost, started_at, now, reason), None, now);
    }
}

/// What a row made ahead of its moment is worth when the moment has come.
fn standing(run: &Run, job: Option<&Job>, catalog_complete: bool, now: Timestamp) -> Standing {
    let Some(job) = job else {
        return if catalog_complete && now > run.created_at + JOB_PATIENCE {
            Standing::Fallen("the job was deleted before the run was due")
        } else {
            Standing::Unclear
        };
    };
    if job.deleted {
        return Standing::Fallen("the job was deleted before the run was due");
    }
    if run.trigger != Trigger::Schedule || (run.revision == job.revision && job.pause.is_none()) {
        return Standing::Stands;
    }
    if !job.definition.enabled {
        return Standing::Fallen("the job was disabled before the run was due");
    }
    if job.pause.as_ref().is_some_and(|pause| pause.since <= run.due_at && pause.holds(now.min(run.due_at))) {
        return Standing::Fallen("the job was paused before the run was due");
    }
    if job.effective_from < run.due_at && !planner::fires_at(job, run.due_at) {
        return Standing::Fallen("the job's schedule was changed before the run was due");
    }
    Standing::Stands
}

/// Why a run that one node alone may execute cannot go there.
pub(super) fn absent(node: &NodeName) -> String {
    format!("`{node}`, which this run is for, is not there")
}

/// The last moment at which the run may start.
pub(super) fn start_by(run: &Run, job: &Job) -> Option<Timestamp> {
    job.definition.start_deadline.map(|deadline| run.not_before + deadline.duration())
}

fn assignment(run: &Run, job: &Arc<Job>, handover: wire::Handover, not_before: Option<Timestamp>) -> Assignment {
    Assignment { handover, start_by: start_by(run, job), not_before, ..Assignment::of(run, Arc::clone(job)) }
}

/// The next attempt's row.
pub(super) fn next_attempt(active: &Active, not_before: Timestamp, now: Timestamp) -> Run {
    let ended = &active.run;
    let attempt = ended.attempt.next();
    Run {
        id: RunId::retry_of(ended.id, ended.due_at, attempt),
        attempt,
        not_before,
        trigger: Trigger::Retry,
        shard: ended.shard,
        shards: ended.shards,
        params: ended.params.clone(),
        node: if ended.is_pinned() { ended.node.clone() } else { None },
        ..Run::new(ended.id, ended.job, ended.revision, ended.due_at, now)
    }
}
