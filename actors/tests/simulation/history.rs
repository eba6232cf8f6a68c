//! What happened in a simulated world, in order: what the checker judges by.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use cronbus_core::id::{JobId, NodeName, RunId};
use cronbus_core::job::Job;
use cronbus_core::port::bus::Address;
use cronbus_core::run::{Ending, Run, State};
use cronbus_core::time::Timestamp;
use cronbus_core::wire::Message;

/// Which life of which node; clients are lives of their own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LifeName {
    pub(crate) node: NodeName,
    pub(crate) number: u32,
}

impl fmt::Display for LifeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.node, self.number)
    }
}

impl fmt::Debug for LifeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "what the checker does not read is for people who read a failed history")]
pub(crate) enum Event {
    Born {
        life: LifeName,
        started_at: Timestamp,
    },
    Died {
        life: LifeName,
    },
    Halted {
        life: LifeName,
    },
    Resumed {
        life: LifeName,
    },
    ClockSet {
        node: NodeName,
        ahead_ms: i64,
    },
    Struck {
        fault: &'static str,
    },
    JobWritten {
        job: Arc<Job>,
    },
    Claimed {
        by: LifeName,
        partitions: usize,
    },
    /// A row was made.
    Inserted {
        by: LifeName,
        run: Run,
    },
    /// A row moved on.
    Moved {
        by: LifeName,
        from: State,
        run: Run,
    },
    /// Somebody was told that this run is there.
    Promised {
        key: String,
        run: RunId,
    },
    /// A message was delivered, or will be.
    Sent {
        by: LifeName,
        to: Address,
        message: Message,
    },
    /// An outcome is safe in a spool.
    Spooled {
        life: LifeName,
        run: RunId,
        ending: Ending,
    },
    /// A process was started.
    Started {
        life: LifeName,
        run: RunId,
        job: JobId,
        has_row: bool,
    },
    /// The world did not come to rest; what the actors say of themselves.
    Restless {
        life: LifeName,
        actors: String,
    },
    /// An actor was started again, or given up: nothing here panics on purpose.
    Panicked {
        life: LifeName,
        actor: String,
    },
}

/// All events of a world with their moments.
#[derive(Debug, Default)]
pub(crate) struct History {
    lines: Mutex<Vec<(Duration, Event)>>,
}

impl History {
    pub(crate) fn push(&self, at: Duration, event: Event) {
        self.lines().push((at, event));
    }

    pub(crate) fn lines(&self) -> MutexGuard<'_, Vec<(Duration, Event)>> {
        self.lines.lock().unwrap()
    }

    /// Equal for equal histories.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for line in self.lines().iter() {
            format!("{line:?}").hash(&mut hasher);
        }
        hasher.finish()
    }

    /// How often what happened.
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for (_, event) in self.lines().iter() {
            *counts.entry(kind(event)).or_default() += 1;
        }
        counts
    }

    /// The lines that name `needle`, for people.
    pub(crate) fn about(&self, needle: &str) -> Vec<String> {
        let lines = self.lines();
        let told = lines.iter().map(|(at, event)| format!("{:>9.3} {}", at.as_secs_f64(), told(event)));
        told.filter(|line| line.contains(needle) || names_a_life(line)).collect()
    }
}

fn names_a_life(line: &str) -> bool {
    ["Born", "Restless", "Died", "Halted", "Resumed", "ClockSet", "outages"].iter().any(|word| line.contains(word))
}

/// An event in one line. What happens to whole nodes is told of whatever is asked for: it names everything.
fn told(event: &Event) -> String {
    match event {
        Event::Inserted { by, run } => format!("made by {by}: {}", row(run)),
        Event::Moved { by, from, run } => format!("moved by {by} from {from}: {}", row(run)),
        Event::JobWritten { job } => format!("JobWritten {job:?}"),
        Event::Sent { by, to, message } => format!("sent by {by} to {to:?}: {}", said(message)),
        other => format!("{other:?}"),
    }
}

fn said(message: &Message) -> String {
    match message {
        Message::Assign(batch) => {
            let runs: Vec<_> = batch.assignments.iter().map(|assignment| assignment.run).collect();
            format!("assign #{} of {} to {}: {runs:?}", batch.sequence, batch.from_life, batch.to_life)
        }
        Message::Reports { node, reports } => format!("{node} reports {reports:?}"),
        Message::Control(controls) => format!("{controls:?}"),
        Message::Due(batch) => {
            let runs: Vec<_> = batch.creation.runs.iter().map(|run| run.id).collect();
            format!("due #{}: {runs:?}, {} advances", batch.sequence, batch.creation.advances.len())
        }
        Message::Durable(durable) => format!("{durable:?}"),
        Message::Requests(requests) => format!("{requests:?}"),
    }
}

fn row(run: &Run) -> String {
    let Run { id, job, revision, state, trigger, attempt, shard, shards, node, due_at, not_before, reason, .. } = run;
    format!(
        "{id} {job:?} rev {} {state} {trigger:?} attempt {} shard {}/{shards} node {node:?} due {due_at} not before {not_before} {reason}",
        revision.0, attempt.0, shard.0
    )
}

const fn kind(event: &Event) -> &'static str {
    match event {
        Event::Born { .. } => "lives",
        Event::Died { .. } => "crashes",
        Event::Halted { .. } => "halts",
        Event::Resumed { .. } => "resumptions",
        Event::ClockSet { .. } => "clock jumps",
        Event::Struck { fault } => fault,
        Event::JobWritten { .. } => "job changes",
        Event::Claimed { .. } => "claims",
        Event::Inserted { .. } => "rows",
        Event::Moved { .. } => "moves",
        Event::Promised { .. } => "submissions",
        Event::Sent { .. } => "messages",
        Event::Spooled { .. } => "spooled outcomes",
        Event::Started { .. } => "starts",
        Event::Restless { .. } => "restless",
        Event::Panicked { .. } => "panics",
    }
}
