//! One run, from its order to its end.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::sys::signalfd::SignalFd;
use nix::sys::socket::MsgFlags;
use nix::unistd::{Pid, pipe2};

use super::ladder::{self, Ladder};
use super::masking::Masking;
use crate::file::{End, Exit, Started, Why, Writing};
use crate::group::Group;
use crate::message::{self, Said};
use crate::native::{self, Standard};
use crate::order::{Handed, Order};
use crate::proc::Stat;
use crate::{Process, file};

/// How long the pipes are read after the process has ended while something else holds them open.
const DRAIN_LIMIT: Duration = Duration::from_millis(200);

/// How long output waits before the node is told of it: many runs are over by then.
const NEWS_DELAY: Duration = Duration::from_millis(3);

/// How much is read at once: what a pipe holds by default (pipe(7)).
const READ_SIZE: usize = 64 * 1024;

/// What is read of a run that prints little.
const SMALL: usize = 4096;

/// Who supervises: the connection to the node, and the ears.
#[derive(Debug)]
pub(super) struct Supervision<'life> {
    socket: BorrowedFd<'life>,
    signals: &'life SignalFd,
    /// Whether there is a node at the other end.
    is_attached: bool,
}

/// A run that was started.
#[derive(Debug)]
struct Run {
    order: Order,
    masking: Masking,
    writing: Writing,
    leader: Pid,
    /// Readable once it has ended; closed when that was seen.
    pidfd: Option<OwnedFd>,
    stdout: Option<File>,
    stderr: Option<File>,
    deadline: Option<Instant>,
    ladder: Option<Ladder>,
    drain_until: Option<Instant>,
    news_at: Option<Instant>,
    buffer: Vec<u8>,
}

/// What the poll told.
#[derive(Clone, Copy, Debug, Default)]
struct Ready {
    socket: bool,
    signals: bool,
    pidfd: bool,
    stdout: bool,
    stderr: bool,
}

/// What is waited for, and how it is noted that it is ready.
type Source<'run> = (Option<BorrowedFd<'run>>, fn(&mut Ready));

impl<'life> Supervision<'life> {
    pub(super) const fn new(socket: BorrowedFd<'life>, signals: &'life SignalFd) -> Self {
        Self { socket, signals, is_attached: true }
    }

    /// Runs a command to its end; whether another may follow.
    pub(super) fn run(mut self, handed: Handed) -> bool {
        let Handed { order, file, input } = handed;
        let writing = Writing::new(file, order.output_limit);
        let group = order.group.clone();
        let mut run = match start(order, writing, input.as_fd()) {
            Ok(run) => run,
            Err((writing, errno)) => {
                group.iter().for_each(Group::remove);
                return self.told(&writing, &ended(End::NotStarted(errno as i32)));
            }
        };
        drop(input);
        self.tell_started(&run);
        while !self.turn(&mut run) {}
        let exit = run.conclude();
        group.iter().for_each(Group::remove);
        self.told(&run.writing, &exit) && exit.is_alone()
    }

    fn tell_started(&mut self, run: &Run) {
        let pid = run.leader.as_raw().unsigned_abs();
        let start_ticks = Stat::read(pid).map_or(0, |stat| stat.process.start_ticks);
        let started = Started { process: Process { pid, start_ticks }, at_ms: native::wall_ms() };
        // A disk that is broken stops no run; the node is told all the same.
        let _ = run.writing.started(started);
        self.say(&Said::Started(started));
    }

    fn say(&mut self, said: &Said) {
        if self.is_attached && said.say(self.socket).is_err() && *said != Said::News {
            self.is_attached = false;
        }
    }

    /// The end is in the file before it is told, and on the disk when there is nobody to be told.
    fn told(&mut self, writing: &Writing, exit: &file::Exit) -> bool {
        let _ = writing.ended(exit);
        self.say(&Said::Ended(exit.clone()));
        if !self.is_attached || is_closed(self.socket) {
            writing.settle();
            return false;
        }
        true
    }

    /// Waits for something and does what follows; true once the run is over.
    fn turn(&mut self, run: &mut Run) -> bool {
        let ready = self.wait(run);
        if ready.socket {
            self.hear_node(run);
        }
        if ready.signals {
            self.hear_signals(run);
        }
        let now = Instant::now();
        run.read(ready, now);
        if ready.pidfd {
            run.pidfd = None;
            run.drain_until = Some(now + DRAIN_LIMIT);
        }
        if run.deadline.is_some_and(|deadline| deadline <= now) {
            run.deadline = None;
            run.stop(Why::TimedOut, now);
        }
        if run.news_at.is_some_and(|at| at <= now) {
            run.news_at = None;
            self.say(&Said::News);
        }
        run.is_over(now)
    }

    fn wait(&self, run: &Run) -> Ready {
        let mut ready = Ready::default();
        let sources: [Source<'_>; 5] = [
            (self.is_attached.then_some(self.socket), |ready| ready.socket = true),
            (Some(self.signals.as_fd()), |ready| ready.signals = true),
            (run.pidfd.as_ref().map(AsFd::as_fd), |ready| ready.pidfd = true),
            (run.stdout.as_ref().map(AsFd::as_fd), |ready| ready.stdout = true),
            (run.stderr.as_ref().map(AsFd::as_fd), |ready| ready.stderr = true),
        ];
        let mut polled = Vec::with_capacity(sources.len());
        let mut marks = Vec::with_capacity(sources.len());
        for (descriptor, mark) in sources {
            if let Some(descriptor) = descriptor {
                polled.push(PollFd::new(descriptor, PollFlags::POLLIN));
                marks.push(mark);
            }
        }
        // An interruption is a turn without events.
        if poll(&mut polled, run.patience()).is_ok() {
            let told = polled.iter().zip(marks).filter(|(polled, _)| polled.any().unwrap_or(true));
            told.for_each(|(_, mark)| mark(&mut ready));
        }
        ready
    }

    fn hear_node(&mut self, run: &mut Run) {
        let mut buffer = [0; message::LONGEST];
        match native::receive(self.socket, &mut buffer, MsgFlags::MSG_DONTWAIT) {
            Ok(received) if received.bytes > 0 => {
                if let [message::STOP, why, ..] = buffer
                    && let Some(why) = Why::of(why)
                {
                    run.stop(why, Instant::now());
                }
            }
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            // The node is gone, or has let go: its next life finds the file.
            Ok(_) | Err(_) => self.is_attached = false,
        }
    }

    fn hear_signals(&self, run: &mut Run) {
        while let Ok(Some(info)) = self.signals.read_signal() {
            let now = Instant::now();
            if i32::try_from(info.ssi_signo) == Ok(Signal::SIGUSR1 as i32) {
                run.stop(Why::KilledNow, now);
            } else {
                run.stop(Why::Killed, now);
            }
        }
    }
}

/// Whether the other end is closed already.
fn is_closed(socket: BorrowedFd<'_>) -> bool {
    let mut polled = [PollFd::new(socket, PollFlags::empty())];
    let _ = poll(&mut polled, PollTimeout::ZERO);
    polled.iter().any(|polled| polled.revents().is_some_and(|told| told.contains(PollFlags::POLLHUP)))
}

fn start(mut order: Order, writing: Writing, input: BorrowedFd<'_>) -> Result<Run, (Writing, Errno)> {
    let spawned = pipe2(OFlag::O_CLOEXEC).and_then(|stdout| Ok((stdout, pipe2(OFlag::O_CLOEXEC)?))).and_then(
        |((stdout, stdout_end), (stderr, stderr_end))| {
            for ours in [&stdout, &stderr] {
                fcntl(ours, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
            }
            let standard = Standard { input, output: stdout_end.as_fd(), error: stderr_end.as_fd() };
            let leader = native::spawn(&order.program, standard)?;
            Ok((leader, stdout, stderr))
        },
    );
    let (leader, stdout, stderr) = match spawned {
        Ok(spawned) => spawned,
        Err(errno) => return Err((writing, errno)),
    };
    let Ok(pidfd) = native::pidfd_open(leader) else {
        let _ = nix::sys::signal::killpg(leader, Signal::SIGKILL);
        let _ = nix::sys::wait::waitpid(leader, None);
        return Err((writing, Errno::EMFILE));
    };
    let timeout = Some(order.timeout_ms).filter(|timeout| *timeout > 0).map(Duration::from_millis);
    Ok(Run {
        deadline: timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
        masking: Masking::new(std::mem::take(&mut order.mask)),
        order,
        writing,
        leader,
        pidfd: Some(pidfd),
        stdout: Some(stdout.into()),
        stderr: Some(stderr.into()),
        ladder: None,
        drain_until: None,
        news_at: None,
        buffer: vec![0; SMALL],
    })
}

impl Run {
    /// How long nothing has to be done.
    fn patience(&self) -> PollTimeout {
        let look = self.ladder.as_ref().map(Ladder::next_look);
        let next = [self.deadline, look, self.drain_until, self.news_at].into_iter().flatten().min();
        let Some(next) = next else { return PollTimeout::NONE };
        // Rounded up: what is looked at too early is looked at again.
        let left = next.saturating_duration_since(Instant::now()).as_micros().div_ceil(1000);
        PollTimeout::from(u16::try_from(left).unwrap_or(u16::MAX))
    }

    fn read(&mut self, ready: Ready, now: Instant) {
        for (is_ready, is_error) in [(ready.stdout, false), (ready.stderr, true)] {
            if is_ready {
                self.read_one(is_error, now);
            }
        }
    }

    /// Whether there was something.
    fn read_one(&mut self, is_error: bool, now: Instant) -> bool {
        let pipe = if is_error { &mut self.stderr } else { &mut self.stdout };
        let Some(end) = pipe.as_mut() else { return false };
        match end.read(&mut self.buffer) {
            Ok(0) => *pipe = None,
            Ok(count) => {
                let bytes = self.buffer.get(..count).unwrap_or_default();
                let writing = &mut self.writing;
                self.masking.pass(is_error, bytes, |bytes| writing.append(is_error, native::wall_ms(), bytes));
                self.news_at.get_or_insert(now + NEWS_DELAY);
                if count == self.buffer.len() {
                    self.buffer.resize(READ_SIZE, 0);
                }
                return true;
            }
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted) => {}
            Err(_) => *pipe = None,
        }
        false
    }

    /// Somebody wants its end; the first reason counts.
    fn stop(&mut self, why: Why, now: Instant) {
        match &mut self.ladder {
            Some(ladder) if why == Why::KilledNow => ladder.hurry(now),
            Some(_) => {}
            None => {
                let grace = Duration::from_millis(self.order.grace_ms);
                self.ladder = Some(Ladder::begin(self.leader, why, grace, self.order.group.clone(), now));
            }
        }
    }

    /// Whether it has ended and nothing more is to be read; of one that is stopped, also whether nobody is left.
    fn is_over(&mut self, now: Instant) -> bool {
        let has_ended = self.pidfd.is_none();
        if let Some(ladder) = &mut self.ladder {
            if !ladder.look(has_ended, now) {
                return false;
            }
            // What cannot be killed is not waited for any longer.
            return true;
        }
        let is_read = self.stdout.is_none() && self.stderr.is_none();
        has_ended && (is_read || self.drain_until.is_some_and(|until| until <= now))
    }

    /// Says how it ended.
    fn conclude(&mut self) -> Exit {
        self.read_rest();
        let has_ended = self.pidfd.is_none();
        let waited = native::wait4(self.leader).ok().flatten();
        let proof = self.ladder.as_ref().map(|ladder| ladder.proof(has_ended));
        let followers = if proof.is_none() { ladder::followers() } else { 0 };
        let (unwritten, write_error) = self.writing.unwritten();
        let usage = |get: fn(&native::Waited) -> u64| waited.as_ref().map_or(0, get);
        Exit {
            user_ms: usage(|waited| waited.user_ms),
            system_ms: usage(|waited| waited.system_ms),
            max_rss_kib: usage(|waited| waited.max_rss_kib),
            printed: self.writing.printed(),
            unwritten,
            write_error,
            followers: u32::try_from(followers).unwrap_or(u32::MAX),
            proof,
            out_of_memory: self.order.group.as_ref().and_then(Group::out_of_memory),
            ..ended(waited.map_or(End::Stuck, |waited| End::Ended(waited.status)))
        }
    }

    /// What was printed before the end is in the pipes; a bound for those that are still written to.
    fn read_rest(&mut self) {
        const TURNS: usize = 64;
        for is_error in [false, true] {
            for _ in 0..TURNS {
                if !self.read_one(is_error, Instant::now()) {
                    break;
                }
            }
        }
        let writing = &mut self.writing;
        self.masking.end(|is_error, bytes| writing.append(is_error, native::wall_ms(), bytes));
    }
}

fn ended(end: End) -> Exit {
    Exit {
        end,
        at_ms: native::wall_ms(),
        user_ms: 0,
        system_ms: 0,
        max_rss_kib: 0,
        printed: 0,
        unwritten: 0,
        write_error: 0,
        followers: 0,
        proof: None,
        out_of_memory: None,
    }
}
