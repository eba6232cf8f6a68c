//! What the system tells a node: end, read your configuration again, or go on in a new process.

use std::io;

use nix::sys::signal::SigSet;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// SIGTERM or SIGINT: end. The second time: at once.
    End,
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGUSR2: go on in a process of the executable that is there now.
    Upgrade,
}

/// Has this thread, and those that it starts, hear of what does not end a node only once it is listened to: until then such a
/// signal would end it.
///
/// # Errors
/// When the system refuses.
pub(crate) fn postpone() -> io::Result<()> {
    Ok(postponed().thread_block()?)
}

fn postponed() -> SigSet {
    SigSet::from_iter([nix::sys::signal::Signal::SIGHUP, nix::sys::signal::Signal::SIGUSR2])
}

/// The signals a node listens to, from now on.
#[derive(Debug)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    upgrade: Signal,
}

impl Signals {
    /// Starts listening.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn listen() -> io::Result<Self> {
        let signals = Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            upgrade: signal(SignalKind::user_defined2())?,
        };
        postponed().thread_unblock()?;
        Ok(signals)
    }

    /// Waits for the next signal. May be dropped and called again: no signal is lost.
    pub(crate) async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.terminate.recv() => Wish::End,
            _ = self.interrupt.recv() => Wish::End,
            _ = self.hang_up.recv() => Wish::Reload,
            _ = self.upgrade.recv() => Wish::Upgrade,
        }
    }
}
