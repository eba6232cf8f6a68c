//! The end of a run that does not end by itself: TERM, grace, KILL, and the proof that nothing of it is left.
//!
//! ```text
//! TERM ──▶ all gone within the grace? ──yes──▶ proof
//!               │ no, or asked to be quick
//!               ▼
//!             KILL, again for whoever appears ──▶ proof, or the names of those that cannot be killed
//! ```
//!
//! Reached are the group as a whole, and one by one whoever left it: the session, the processes that carry the run's id
//! in their environment, and the descendants of all these. A process that shall outlive its run must shed all of that.

use std::fmt;
use std::future::Future;
use std::os::fd::AsFd;
use std::time::Duration;

use cronbus_core::duration::Period;
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use tokio::time::Instant;

use super::census::{self, Census, Family, Living};
use super::leash::Leash;
use super::native;

/// How long processes are waited for after KILL. Longer than that lasts only what the kernel holds (state D).
const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// The pauses between two looks grow from this…
const FIRST_LOOK: Duration = Duration::from_millis(2);

/// …to this.
const LAST_LOOK: Duration = Duration::from_millis(100);

/// How many processes a message names.
const NAMED: usize = 5;

/// What became of a family that was to be ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    leader: u32,
    /// The last signal that was sent.
    signal: Signal,
    took: Duration,
    left: Vec<(u32, char)>,
}

impl Proof {
    /// What a shim says of it.
    pub(super) const fn told(leader: u32, signal: Signal, took: Duration, left: Vec<(u32, char)>) -> Self {
        Self { leader, signal, took, left }
    }

    /// Whether nothing is left.
    pub(super) const fn is_complete(&self) -> bool {
        self.left.is_empty()
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let took = Period(self.took);
        write!(f, "{}, ended after {took}; ", self.signal)?;
        if self.left.is_empty() {
            return write!(f, "nothing left of process group {}", self.leader);
        }
        let named: Vec<String> = self.left.iter().take(NAMED).map(|(pid, state)| format!("{pid} ({state})")).collect();
        write!(f, "still there although killed: {} processes, with their states: {}", self.left.len(), named.join(", "))
    }
}

/// Ends one family.
#[derive(Debug)]
pub(super) struct Ladder<'run> {
    census: &'run Census,
    family: &'run Family,
    /// The group may be signalled as a whole only while its leader is held: its number cannot be another's then.
    leash: Option<&'run Leash>,
    began_at: Instant,
}

impl<'run> Ladder<'run> {
    /// For a family whose leader is our child, held by `leash`; without it for any other.
    pub(super) fn new(census: &'run Census, family: &'run Family, leash: Option<&'run Leash>) -> Self {
        Self { census, family, leash, began_at: Instant::now() }
    }

    /// TERM, then KILL after `grace`, or as soon as `hurry` comes to pass.
    pub(super) async fn terminate(self, grace: Duration, hurry: impl Future<Output = ()>) -> Proof {
        self.signal_all(Signal::SIGTERM).await;
        // A stopped process handles nothing before it goes on.
        self.signal_group(Signal::SIGCONT);
        tokio::select! {
            () = self.gone() => return self.proof(Signal::SIGTERM, &[]),
            () = tokio::time::sleep(grace) => {}
            () = hurry => {}
        }
        self.kill().await
    }

    /// KILL, until nothing is left or patience ends.
    pub(super) async fn kill(self) -> Proof {
        let deadline = Instant::now() + KILL_PATIENCE;
        let mut pause = FIRST_LOOK;
        loop {
            let left = self.signal_all(Signal::SIGKILL).await;
            if left.is_empty() || Instant::now() >= deadline {
                return self.proof(Signal::SIGKILL, &left);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LAST_LOOK);
        }
    }

    /// Signals every member, and returns those that were there.
    async fn signal_all(&self, signal: Signal) -> Vec<Living> {
        // The group first: while one counts its members it could grow.
        self.signal_group(signal);
        let members = self.census.take().await.members(self.family);
        for member in members.iter().filter(|member| self.leash.is_none() || member.group != self.family.leader.pid) {
            signal_exactly(member, signal);
        }
        members
    }

    fn signal_group(&self, signal: Signal) {
        if let Some(leash) = self.leash {
            leash.signal_group(signal);
        }
    }

    /// Returns once no member is left.
    async fn gone(&self) {
        let mut pause = FIRST_LOOK;
        while !self.census.take().await.members(self.family).is_empty() {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LAST_LOOK);
        }
    }

    fn proof(&self, signal: Signal, left: &[Living]) -> Proof {
        let left = left.iter().map(|one| (one.process.pid, one.state)).collect();
        Proof { leader: self.family.leader.pid, signal, took: self.began_at.elapsed(), left }
    }
}

/// Signals the process that was seen, and no later one with its number: the descriptor holds on to whoever has the
/// number now, and then one looks whether that is the one that was seen.
fn signal_exactly(seen: &Living, signal: Signal) {
    let Ok(number) = i32::try_from(seen.process.pid) else { return };
    let Ok(descriptor) = native::pidfd_open(Pid::from_raw(number)) else { return };
    if census::start_ticks(seen.process.pid) == Some(seen.process.start_ticks) {
        // The only failure is that we may not; the next look tells that it is still there.
        let _ = native::pidfd_send_signal(descriptor.as_fd(), signal);
    }
}
