//! One run under a shim: what it prints on its way to the log, and its end.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cronbus_core::id::RunId;
use cronbus_core::port::log::Stream;
use cronbus_core::port::runner::Started;
use cronbus_core::port::spool::Process;
use cronbus_core::run::Outcome;
use cronbus_core::time::Timestamp;
use cronbus_shim_kit::file::{self, Exit, Piece, Reading};
use futures::executor::block_on;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::super::plan::Plan;
use super::line::Line;
use super::outcome;
use crate::runner::output::Recorder;

/// How much is read of one run before others get their turn.
const AT_A_TIME: usize = 512 * 1024;

/// How often the file of a run is looked at whose shim tells nothing, because a former life started it.
const LOOK: Duration = Duration::from_millis(100);

/// What a thread has to say of a run in the end.
#[derive(Debug)]
pub(super) enum Concluded {
    /// It is over.
    Over(Outcome),
    /// Its shim is gone and did not say how it ended.
    Abandoned(Box<Abandoned>),
}

/// A run whose shim is gone.
#[derive(Debug)]
pub(super) struct Abandoned {
    pub(super) run: RunId,
    /// Its leader, if it was started.
    pub(super) process: Option<Process>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) recorder: Box<Recorder>,
    /// Whether its processes can be there at all.
    pub(super) is_of_this_boot: bool,
    /// What became of the shim, for people.
    pub(super) why: String,
}

/// One run. What was to be started may hold secrets and does not show itself.
pub(super) struct Ward {
    pub(super) run: RunId,
    pub(super) line: Arc<Line>,
    pub(super) reading: Reading,
    pub(super) recorder: Box<Recorder>,
    /// What was to be started, until it was.
    pub(super) plan: Option<Box<Plan>>,
    /// Whom to tell of its start; nobody when it was started before.
    pub(super) tell: Option<mpsc::Sender<Started>>,
    pub(super) started: Option<file::Started>,
    pub(super) done: oneshot::Sender<Concluded>,
    /// Where futures of the log are at home.
    pub(super) runtime: Handle,
    /// Whether nobody tells of its output.
    pub(super) is_looked_at: bool,
    /// Since when there is more to be read.
    pub(super) behind: Option<Instant>,
    /// When it is to be looked at again, as the thread noted it.
    pub(super) alarm: Option<Instant>,
}

impl fmt::Debug for Ward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ward").field("run", &self.run).finish_non_exhaustive()
    }
}

impl Ward {
    /// It was started.
    pub(super) fn started(&mut self, started: file::Started) {
        self.plan = None;
        self.started = Some(started);
        if let Some(tell) = self.tell.take() {
            // Whoever asked for it may be gone; the run goes on.
            let _ = tell.try_send(Started { at: moment(started.at_ms), process: Some(process(started)) });
        }
    }

    /// Reads what there is.
    pub(super) fn read(&mut self, now: Instant) {
        let recorder = &mut self.recorder;
        match self.reading.read(AT_A_TIME, |piece| take(recorder, piece)) {
            Ok(has_more) => self.behind = has_more.then_some(now),
            Err(error) => tracing::warn!(run = %self.run, %error, "the file of a run cannot be read"),
        }
    }

    /// Its alarm has gone off: reads on, writes what waits too long.
    pub(super) fn ring(&mut self, now: Instant) {
        self.alarm = None;
        if self.is_looked_at || self.behind.take().is_some() {
            self.read(now);
        }
        if self.recorder.due_at().is_some_and(|due_at| due_at <= now) {
            let _context = self.runtime.enter();
            block_on(self.recorder.flush());
        }
    }

    /// When it is to be looked at again.
    pub(super) fn next_alarm(&self, now: Instant) -> Option<Instant> {
        let look = self.is_looked_at.then(|| now + LOOK);
        self.recorder.due_at().into_iter().chain(self.behind).chain(look).min()
    }

    /// It is over: what is left of its output goes to the log, then how it ended.
    pub(super) fn conclude(mut self, exit: &Exit) {
        self.line.over();
        let runtime = self.runtime.clone();
        let _context = runtime.enter();
        self.read_rest();
        self.recorder.miss_up_to(exit.printed, self.reading.told());
        if self.started.is_none() {
            self.started = self.reading.started().ok().flatten();
        }
        let leader = self.started.map_or(0, |started| started.process.pid);
        let (verdict, is_told) = outcome::verdict(exit, leader, self.plan.as_deref());
        if is_told {
            block_on(self.recorder.note(&verdict.reason));
        }
        if exit.followers > 0 {
            let text = format!(
                "left running in the background: {} processes; what they print from now on is lost",
                exit.followers
            );
            block_on(self.recorder.note(&text));
        }
        let (output, failure) = block_on(self.recorder.finish());
        let outcome = Outcome {
            ending: verdict.ending,
            started_at: self.started.map(|started| moment(started.at_ms)),
            ended_at: moment(exit.at_ms),
            exit_code: verdict.exit_code,
            signal: verdict.signal,
            reason: super::super::supervisor::with_failure(
                verdict.reason,
                failure.or_else(|| outcome::unwritten(exit)),
            ),
            usage: outcome::usage(exit),
            output,
        };
        let _ = self.done.send(Concluded::Over(outcome));
    }

    /// Its shim is gone. Its end may be in the file all the same.
    pub(super) fn abandon(mut self, why: String, is_of_this_boot: bool) {
        if let Ok(Some(exit)) = self.reading.exit() {
            return self.conclude(&exit);
        }
        self.line.over();
        let runtime = self.runtime.clone();
        let _context = runtime.enter();
        self.read_rest();
        let started = self.started.or_else(|| self.reading.started().ok().flatten());
        let abandoned = Abandoned {
            run: self.run,
            process: started.map(process),
            started_at: started.map(|started| moment(started.at_ms)),
            recorder: self.recorder,
            is_of_this_boot,
            why,
        };
        let _ = self.done.send(Concluded::Abandoned(Box::new(abandoned)));
    }

    fn read_rest(&mut self) {
        let recorder = &mut self.recorder;
        while self.reading.read(AT_A_TIME, |piece| take(recorder, piece)).unwrap_or(false) {}
    }
}

fn take(recorder: &mut Recorder, piece: Piece<'_>) {
    match piece {
        Piece::Output { is_error, at_ms, bytes } => {
            let stream = if is_error { Stream::Stderr } else { Stream::Stdout };
            recorder.take_dated(moment(at_ms), stream, bytes);
        }
        Piece::LeftOut(count) => recorder.miss(count),
    }
}

const fn moment(at_ms: i64) -> Timestamp {
    Timestamp::from_millis(at_ms)
}

const fn process(started: file::Started) -> Process {
    let cronbus_shim_kit::Process { pid, start_ticks } = started.process;
    Process { pid, start_ticks }
}
