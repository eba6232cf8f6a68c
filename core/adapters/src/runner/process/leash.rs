//! What ties a run's leader to the thread that has it in charge, and to whoever may want its end.
//!
//! ```text
//!             spawned             waited for
//!   waiting ──────────▶ loose ──────────────▶ over
//!      │ withdraw          │ hold              ▲
//!      ▼                   ▼                   │ waited for
//!  withdrawn:            held ────────────▶ let go
//!  never started           not waited for, so that it can be signalled
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
    LetGo(Leader),
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
    /// It is over.
    Over {
        /// How it ended, where that can be known.
        waited: Option<Waited>,
        /// Whether somebody had held it before, to bring its end about.
        was_held: bool,
    },
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
            Stage::Loose(leader) | Stage::Held(leader) | Stage::LetGo(leader) => {
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
        *stage = Stage::LetGo(leader);
        drop(stage);
        if let Some((inbox, id)) = self.place.get() {
            inbox.push(*id);
        }
    }

    /// Sends a signal to all of its group, unless it was waited for.
    pub(super) fn signal_group(&self, signal: Signal) {
        if let Stage::Loose(leader) | Stage::Held(leader) | Stage::LetGo(leader) = *self.stage() {
            // The only failure is that nobody of the group may be signalled; the census tells who is left.
            let _ = killpg(leader.pid, signal);
        }
    }

    /// Waits for it, unless somebody holds it. Its number may be given to another process from then on.
    pub(super) fn reap(&self) -> Reaped {
        let mut stage = self.stage();
        let (leader, was_held) = match *stage {
            Stage::Held(_) => return Reaped::Held,
            Stage::Loose(leader) => (leader, false),
            Stage::LetGo(leader) => (leader, true),
            Stage::Waiting | Stage::Withdrawn | Stage::Over => return Reaped::Over { waited: None, was_held: false },
        };
        *stage = Stage::Over;
        // An error says that it is not our child any more: somebody else has waited for it.
        Reaped::Over { waited: native::wait4(leader.pid).ok().flatten(), was_held }
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

#[cfg(test)]
mod tests {
    use std::process::{Child, Command};

    use super::*;

    fn leader() -> (Child, Leader) {
        let child = Command::new("/bin/sleep").arg("1000").spawn().unwrap();
        let process = Process { pid: child.id(), start_ticks: 0 };
        (child, Leader { pid: Pid::from_raw(i32::try_from(process.pid).unwrap()), process })
    }

    fn end(leader: Leader) {
        nix::sys::signal::kill(leader.pid, Signal::SIGTERM).unwrap();
        // It stays a zombie until it is waited for.
        let flags = nix::sys::wait::WaitPidFlag::WEXITED | nix::sys::wait::WaitPidFlag::WNOWAIT;
        nix::sys::wait::waitid(nix::sys::wait::Id::Pid(leader.pid), flags).unwrap();
    }

    /// The thread may see the end of a process before it is told that whoever brought it about is done.
    #[test]
    fn who_was_held_is_known_to_have_been_however_late_its_end_is_seen() {
        let (leash, inbox) = (Leash::new(), Arc::new(Inbox::new().unwrap()));
        let (_child, leader) = leader();
        leash.attach(leader, &inbox, 7);
        assert!(matches!(leash.hold(), Hold::Held(_)));
        end(leader);
        assert!(matches!(leash.reap(), Reaped::Held));
        leash.let_go();
        assert!(matches!(leash.reap(), Reaped::Over { waited: Some(_), was_held: true }));
        assert!(matches!(leash.hold(), Hold::TooLate));
        assert_eq!(inbox.take(), [7]);
    }

    #[test]
    fn who_ends_by_itself_was_not_held() {
        let (leash, inbox) = (Leash::new(), Arc::new(Inbox::new().unwrap()));
        let (_child, leader) = leader();
        leash.attach(leader, &inbox, 7);
        end(leader);
        assert!(matches!(leash.reap(), Reaped::Over { waited: Some(_), was_held: false }));
        assert!(matches!(leash.reap(), Reaped::Over { waited: None, was_held: false }));
    }
}
