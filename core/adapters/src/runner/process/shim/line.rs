//! How the end of a run under a shim is asked for, from wherever that is known.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use cronbus_core::port::runner::Stop;
use cronbus_shim_kit::file::Why;
use cronbus_shim_kit::{message, native};

use tokio::sync::Notify;

use super::super::inbox::Inbox;

/// The way to a shim.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// It was started by this process.
    Socket(Arc<OwnedFd>),
    /// It was started by a former life: its pidfd.
    Signal(Arc<OwnedFd>),
}

#[derive(Debug)]
enum Stage {
    /// Nothing was begun; perhaps its end was asked for.
    Waiting(Stop),
    Out(Way),
    Over,
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Line {
    stage: Mutex<Stage>,
    /// The thread that has the run, and the number it is known by there.
    place: OnceLock<(Arc<Inbox>, u64)>,
    /// Told once the thread has let go of it.
    left: Notify,
}

impl Line {
    pub(super) const fn new() -> Self {
        Self { stage: Mutex::new(Stage::Waiting(Stop::No)), place: OnceLock::new(), left: Notify::const_new() }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins by `hand`, unless the end was asked for; says so then.
    pub(super) fn begin<E>(&self, way: Way, hand: impl FnOnce() -> Result<(), E>) -> Result<Stop, E> {
        let mut stage = self.stage();
        if let Stage::Waiting(why) = *stage
            && why != Stop::No
        {
            return Ok(why);
        }
        hand()?;
        *stage = Stage::Out(way);
        Ok(Stop::No)
    }

    /// Whether its end was asked for before it began.
    pub(super) fn withdrawn(&self) -> Stop {
        match *self.stage() {
            Stage::Waiting(why) => why,
            _ => Stop::No,
        }
    }

    /// It goes on: whatever was asked for until now is asked for again.
    pub(super) fn resume(&self, way: Way) {
        let before = std::mem::replace(&mut *self.stage(), Stage::Out(way));
        if let Stage::Waiting(why) = before {
            self.stop(why);
        }
    }

    /// The thread that has it.
    pub(super) fn is_at(&self, inbox: &Arc<Inbox>, id: u64) {
        let _ = self.place.set((Arc::clone(inbox), id));
    }

    /// Asks for its end.
    pub(super) fn stop(&self, why: Stop) {
        let asked = match why {
            Stop::No => return,
            Stop::Kill => Why::Killed,
            Stop::TimedOut => Why::TimedOut,
            Stop::KillNow => Why::KilledNow,
        };
        match &mut *self.stage() {
            Stage::Waiting(stop) => *stop = why,
            // An error says that the shim is gone, which is found out by itself.
            Stage::Out(Way::Socket(socket)) => drop(message::stop(socket.as_fd(), asked)),
            Stage::Out(Way::Signal(pidfd)) => drop(native::pidfd_send_signal(pidfd.as_fd(), message::signal(asked))),
            Stage::Over => {}
        }
    }

    /// It is over.
    pub(super) fn over(&self) {
        *self.stage() = Stage::Over;
    }

    /// Nobody here wants to know any more: it goes on by itself. One that was not begun is not begun.
    pub(super) fn let_go(&self) {
        if !self.leave()
            && let Stage::Waiting(stop) = &mut *self.stage()
        {
            *stop = Stop::Kill;
        }
    }

    /// The thread has let go of it.
    pub(super) fn is_left(&self) {
        self.left.notify_one();
    }

    /// Returns once the thread has let go of it; called by one only.
    pub(super) async fn until_left(&self) {
        self.left.notified().await;
    }

    /// Lets go of what goes on by itself; whether it does.
    pub(super) fn leave(&self) -> bool {
        let mut stage = self.stage();
        if !matches!(*stage, Stage::Out(_)) {
            return false;
        }
        *stage = Stage::Over;
        drop(stage);
        if let Some((inbox, id)) = self.place.get() {
            inbox.push(*id);
        }
        true
    }
}
