//! One process in the charge of a thread: what it prints, its end, and what is said of both.

use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cronbus_core::port::log::Stream;
use cronbus_core::port::spool::Process;
use cronbus_core::run::Output;
use cronbus_core::time::Timestamp;
use futures::executor::block_on;
use nix::sys::signal::killpg;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::leash::{Leader, Leash, Reaped};
use super::native::Waited;
use crate::runner::output::Recorder;

/// How long the pipes are read after the process has ended while something else holds them open.
const DRAIN_LIMIT: Duration = Duration::from_millis(200);

/// How often a pipe is read before others get their turn.
const READS: usize = 16;

/// What a thread has to say of a process in the end.
#[derive(Debug)]
pub(super) struct Concluded {
    /// Its leader; absent when nothing was started.
    pub process: Option<Process>,
    /// When it was started; absent when it was not.
    pub started_at: Option<Timestamp>,
    /// When it was waited for.
    pub ended_at: Timestamp,
    /// How it ended, where that is known.
    pub waited: Option<Waited>,
    /// What became of its output.
    pub log: Log,
}

/// What became of a log.
#[derive(Debug)]
pub(super) enum Log {
    /// It is closed; the second value says why output could not be kept.
    Closed(Output, Option<String>),
    /// There is more to be said in it.
    Open(Box<Recorder>, Unsaid),
}

/// What is still to be said in a log.
#[derive(Debug)]
pub(super) enum Unsaid {
    /// Why nothing was started.
    NotStarted(String),
    /// Nothing was started, because its end was asked for before.
    Withdrawn,
    /// How its end was brought about.
    Stopped,
    /// Who of its group is left.
    Followers,
}

/// One process.
#[derive(Debug)]
pub(super) struct Charge {
    pub leash: Arc<Leash>,
    pub leader: Leader,
    /// Readable once it has ended; closed when that was seen.
    pub pidfd: Option<OwnedFd>,
    /// What it prints; closed once the last writer is gone.
    pub stdout: Option<OwnedFd>,
    /// See above.
    pub stderr: Option<OwnedFd>,
    pub recorder: Option<Box<Recorder>>,
    pub started_at: Timestamp,
    pub done: Option<oneshot::Sender<Concluded>>,
    /// Where futures of the log are at home.
    pub runtime: Handle,
    /// Whether it can be concluded but for somebody who holds it.
    pub is_held: bool,
    /// How long its pipes are read after its end.
    pub drain_until: Option<Instant>,
    /// Since when there was more in its pipes than it was its turn to read.
    pub behind: Option<Instant>,
    /// When it is to be looked at again, as the thread noted it.
    pub alarm: Option<Instant>,
}

impl Charge {
    /// Reads what there is of a stream.
    pub(super) fn read(&mut self, stream: Stream, buffer: &mut [u8], now: Instant) {
        let (Some(recorder), pipe) = (
            self.recorder.as_mut(),
            match stream {
                Stream::Stderr => &mut self.stderr,
                _ => &mut self.stdout,
            },
        ) else {
            return;
        };
        for _ in 0..READS {
            let Some(end) = pipe.as_ref() else { return };
            match nix::unistd::read(end, buffer).map_err(std::io::Error::from) {
                Ok(0) => *pipe = None,
                Ok(count) => recorder.take(stream, buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => *pipe = None,
            }
        }
        // It is told of once: whoever stops before the end has to come back.
        self.behind = Some(now);
    }

    /// It has ended: what is left in its pipes is read.
    pub(super) fn has_ended(&mut self, now: Instant, buffer: &mut [u8]) {
        self.pidfd = None;
        self.drain_until.get_or_insert(now + DRAIN_LIMIT);
        self.read(Stream::Stdout, buffer, now);
        self.read(Stream::Stderr, buffer, now);
    }

    /// Whoever brought its end about is done.
    pub(super) fn was_let_go(&mut self, now: Instant) {
        self.is_held = false;
        // What cannot be killed is not waited for any longer.
        self.drain_until.get_or_insert(now + DRAIN_LIMIT);
    }

    /// Its alarm has gone off: reads on, writes what waits too long.
    pub(super) fn ring(&mut self, now: Instant, buffer: &mut [u8]) {
        self.alarm = None;
        if self.behind.take().is_some() {
            self.read(Stream::Stdout, buffer, now);
            self.read(Stream::Stderr, buffer, now);
        }
        if let Some(recorder) = &mut self.recorder
            && recorder.due_at().is_some_and(|due_at| due_at <= now)
        {
            let _context = self.runtime.enter();
            block_on(recorder.flush());
        }
    }

    /// When it is to be looked at again.
    pub(super) fn next_alarm(&self) -> Option<Instant> {
        let due_at = self.recorder.as_ref().and_then(|recorder| recorder.due_at());
        due_at.into_iter().chain(self.drain_until.filter(|_| !self.is_held)).chain(self.behind).min()
    }

    /// Whether nothing more is to be read.
    pub(super) fn is_drained(&self, now: Instant) -> bool {
        let is_closed = self.pidfd.is_none() && self.stdout.is_none() && self.stderr.is_none();
        !self.is_held && self.drain_until.is_some_and(|until| is_closed || until <= now)
    }

    /// Waits for it and says what became of it; false while somebody holds it. Of one that the kernel holds although it
    /// was killed, the descriptor that tells of its end stays open.
    pub(super) fn conclude(&mut self, ended_at: Timestamp) -> bool {
        let Reaped::Over { waited, was_held } = self.leash.reap() else {
            self.is_held = true;
            return false;
        };
        let (Some(recorder), Some(done)) = (self.recorder.take(), self.done.take()) else { return true };
        let log = if was_held {
            Log::Open(recorder, Unsaid::Stopped)
        } else if waited.is_some() && killpg(self.leader.pid, None).is_ok() {
            Log::Open(recorder, Unsaid::Followers)
        } else {
            let _context = self.runtime.enter();
            let (output, failure) = block_on(recorder.finish());
            Log::Closed(output, failure)
        };
        // Whoever asked for it may be gone.
        let (process, started_at) = (Some(self.leader.process), Some(self.started_at));
        let _ = done.send(Concluded { process, started_at, ended_at, waited, log });
        true
    }
}

/// A thread that fails leaves nothing running unwatched.
impl Drop for Charge {
    fn drop(&mut self) {
        self.leash.abandon();
    }
}
