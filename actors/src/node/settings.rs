//! What a node is started with.

use std::time::Duration;

use cronbus_core::alert::{Limits, Spared};
use cronbus_core::dispatch;
use cronbus_core::planner;
use cronbus_core::port::membership::Member;

use crate::ports::Ports;

/// Everything a node is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What it says of itself: its name, its roles, how many runs it executes at a time.
    pub member: Member,
    /// How it reaches the world.
    pub ports: Ports,
    /// How its actors do their work.
    pub settings: Settings,
}

/// How a node's actors do their work.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The scheduler.
    pub planner: planner::Settings,
    /// The dispatcher.
    pub dispatch: dispatch::Settings,
    /// How long changes of runs are collected before they are written.
    pub flush: Duration,
    /// How many are written at a time.
    pub flush_rows: usize,
    /// The executor.
    pub executing: Executing,
    /// How often changes of jobs are looked for.
    pub refresh: Duration,
    /// A run that starts this much after its moment is counted as late.
    pub late_after: Duration,
    /// What is forgotten, and when.
    pub retention: Retention,
    /// How people are told.
    pub alerting: Alerting,
    /// How many messages a mailbox holds.
    pub mailbox: usize,
}

/// How the executor does its work.
#[derive(Clone, Copy, Debug)]
pub struct Executing {
    /// How many runs may wait for a slot.
    pub queue: usize,
    /// From TERM to KILL, for jobs that do not say.
    pub kill_grace: Duration,
    /// How many bytes of a run's output are kept.
    pub output_limit: u64,
    /// Whether processes that a former life of the node left behind are ended.
    pub kill_orphans: bool,
    /// Whether runs that go on without the node are left alone when it ends.
    pub leaves_runs: bool,
}

/// How people are told. Which events are told of is in `dispatch`.
#[derive(Clone, Debug)]
pub struct Alerting {
    /// How often to look for new events.
    pub every: Duration,
    /// How channels are spared.
    pub spared: Spared,
    /// Where the web admin is found; empty when nobody said so.
    pub url: String,
    /// How long a message is tried.
    pub give_up_after: Duration,
    /// How often to look for what nobody tells of.
    pub look_every: Duration,
    /// How long a node may be gone.
    pub node_lost_after: Duration,
    /// How long a service may be away.
    pub service_lost_after: Duration,
    /// How long what happened is kept.
    pub keep: Duration,
    /// How often what is older is forgotten.
    pub forget_every: Duration,
}

impl Default for Alerting {
    fn default() -> Self {
        let limits = Limits {
            group_wait: Duration::from_secs(5),
            group_over: 3,
            rate: 10,
            rate_window: Duration::from_secs(600),
        };
        Self {
            every: Duration::from_millis(500),
            spared: limits.into(),
            url: String::new(),
            give_up_after: Duration::from_secs(86_400),
            look_every: Duration::from_secs(15),
            node_lost_after: Duration::from_secs(60),
            service_lost_after: Duration::from_secs(30),
            keep: Duration::from_secs(30 * 86_400),
            forget_every: Duration::from_secs(600),
        }
    }
}

/// What is forgotten, and when.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// How often to look.
    pub every: Duration,
    /// Ended runs older than this.
    pub runs_age: Duration,
    /// Ended runs of one job beyond its newest this many; 0 keeps all.
    pub runs_per_job: u32,
    /// Revisions of one job beyond its newest this many, unless a run names them; 0 keeps all.
    pub revisions: u32,
    /// Logs of runs due longer ago than this.
    pub log_age: Duration,
    /// Entries of the audit trail older than this.
    pub audit_age: Duration,
}

impl Settings {
    /// The defaults of a node that can rely on nobody else taking over.
    #[must_use]
    pub fn sole(member: &Member) -> Self {
        Self {
            planner: planner::Settings::default(),
            dispatch: dispatch::Settings::sole(member.name.clone()),
            flush: Duration::from_millis(50),
            flush_rows: 5_000,
            executing: Executing {
                queue: 100_000,
                kill_grace: Duration::from_secs(10),
                output_limit: 1 << 20,
                kill_orphans: true,
                leaves_runs: false,
            },
            refresh: Duration::from_millis(500),
            late_after: Duration::from_secs(5),
            retention: Retention {
                every: Duration::from_secs(600),
                runs_age: Duration::from_secs(30 * 86_400),
                runs_per_job: 10_000,
                revisions: 100,
                log_age: Duration::from_secs(14 * 86_400),
                audit_age: Duration::from_secs(400 * 86_400),
            },
            alerting: Alerting::default(),
            mailbox: 1_024,
        }
    }
}
