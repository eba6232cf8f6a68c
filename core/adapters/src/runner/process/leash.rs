//! What ties a run's leader to the thread that has it in charge, and to whoever may want its end.
//!
//! ```text
//!             spawned             waited for
//!   waiting ──────────▶ loose ──────────────────▶ over
//!      │                 ▲ │
//!      │ withdraw        │ ▼ hold, let go
//!      ▼                 held: not waited for, so that it can be signalled
//!  withdrawn: never started
//! ```
//!
//! As long as the leader is not waited for, its number belongs to it, and so do the group and the session called by that
//! number: signals sent to them reach nobody else. So signals are sent, and it is waited for, under one lock.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use cronbus_core::port::spool::Process;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::sync::Notify;

use super::inbox::Inbox;
use super::native::{self, Waited};

/// Where a leader is in its life.
#[derive(Debug)]
enum Stage {
    Waiting,
    Withdrawn,
    Loose(Leader),
    Held(Leader),
    Over,
}

/// A child that leads its own session and group, and that was not waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leader {
    /// Its number, as the system calls want it.
    pub pid: Pid,
    /// Its number and start.
    pub process: Process,
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Leash {
    stage: Mutex<Stage>,
    began: Notify,
    /// The thread that has it in charge, and the number it is known by there.
    place: OnceLock<(Arc<Inbox>, u64)>,
}

/// What came of an attempt to hold a leader.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hold {
    /// It was not started. It is not started any more, unless that is happening right now.
    TooEarly,
    /// It can be signalled until it is let go.
    Held(Process),
    /// It ended by itself.
    TooLate,
}

/// What came of an attempt to wait for a leader that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reaped {
    /// Somebody holds it.
    Held,
    /// It is over; how it ended is absent where it cannot be known.
    Over(Option<Waited>),
}

impl Leash {
    /// For a process that is to be started.
    pub(super) const fn new() -> Self {
        Self { stage: Mutex::new(Stage::Waiting), began: Notify::const_new(), place: OnceLock::new() }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is not to be started any more.
    pub(super) fn is_withdrawn(&self) -> bool {
        matches!(*self.stage(), Stage::Withdrawn)
    }

    /// It was started, and is known to a thread by a number.
    pub(super) fn attach(&self, leader: Leader, inbox: &Arc<Inbox>, id: u64) {
        let _ = self.place.set((Arc::clone(inbox), id));
        *self.stage() = Stage::Loose(leader);
        self.began.notify_one();
    }

    /// Returns once it was started; called by one only. Cancel safe.
    pub(super) async fn began(&self) {
        self.began.notified().await;
    }

    /// Keeps it from being waited for.
    pub(super) fn hold(&self) -> Hold {
        let mut stage = self.stage();
        match *stage {
            Stage::Waiting | Stage::Withdrawn => {
                *stage = Stage::Withdrawn;
                Hold::TooEarly
            }
            Stage::Loose(leader) | Stage::Held(leader) => {
                *stage = Stage::Held(leader);
                Hold::Held(leader.process)
            }
            Stage::Over => Hold::TooLate,
        }
    }

    /// Lets it be waited for.
    pub(super) fn let_go(&self) {
        let mut stage = self.stage();
        let Stage::Held(leader) = *stage else { return };
        *stage = Stage::Loose(leader);
        drop(stage);
        if let Some((inbox, id)) = self.place.get() {
            inbox.push(*id);
        }
    }

    /// Sends a signal to all of its group, unless it was waited for.
    pub(super) fn signal_group(&self, signal: Signal) {
        if let Stage::Loose(leader) | Stage::Held(leader) = *self.stage() {
            // The only failure is that nobody of the group may be signalled; the census tells who is left.
            let _ = killpg(leader.pid, signal);
        }
    }

    /// Waits for it, unless somebody holds it. Its number may be given to another process from then on.
    pub(super) fn reap(&self) -> Reaped {
        let mut stage = self.stage();
        match *stage {
            Stage::Held(_) => Reaped::Held,
            Stage::Loose(leader) => {
                *stage = Stage::Over;
                // An error says that it is not our child any more: somebody else has waited for it.
                Reaped::Over(native::wait4(leader.pid).ok().flatten())
            }
            Stage::Waiting | Stage::Withdrawn | Stage::Over => Reaped::Over(None),
        }
    }

    /// Nobody wants to know any more: it is killed, or never started.
    pub(super) fn abandon(&self) {
        self.signal_group(Signal::SIGKILL);
        self.let_go();
        let mut stage = self.stage();
        if matches!(*stage, Stage::Waiting) {
            *stage = Stage::Withdrawn;
        }
    }
}
