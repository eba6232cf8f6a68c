//! The threads that do nothing but start processes, read what they print, and wait for their ends.
//!
//! ```text
//!            queue: to be started        inbox: look at this one
//!                 │ (any thread)             │ (its own thread)
//!                 ▼                          ▼
//!   epoll ──▶ [ turn: pidfds, pipes, alarms, one start ] ──▶ log, outcome
//! ```
//!
//! A process is started, read and waited for by one thread, which blocks on nothing but the loading of a program and the
//! writing of a log: from order to outcome there is one hop to the thread and one back.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Instant;

use cronbus_core::port::Clock;
use cronbus_core::port::log::Stream;
use cronbus_core::port::runner::Started;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::unistd::Pid;

use super::charge::{Charge, Concluded, Log, Unsaid};
use super::inbox::Inbox;
use super::native;
use super::plan::{Ground, Plan};
use super::queue::{Queue, Start};
use super::spawn::{self, Spawned};
use crate::blocking;

/// How many threads there are for each processor: while one is held until a program is loaded, another goes on.
const THREADS_PER_PROCESSOR: usize = 2;

/// More than this would only wait for each other.
const MOST_THREADS: usize = 8;

/// How many events are taken at a time.
const EVENTS: usize = 64;

/// How much is read at once: what a pipe holds by default (pipe(7)).
const READ_SIZE: usize = 64 * 1024;

/// What a descriptor is to its process: the lowest two bits of its number in the epoll.
const PIDFD: u64 = 0;
const STDOUT: u64 = 1;
const STDERR: u64 = 2;

/// Numbers of processes begin here; below are the queue and the inbox.
const FIRST: u64 = 2;
const QUEUE: u64 = 0;
const INBOX: u64 = 1 << 2;

/// The threads. They end once this is dropped and nothing is in their charge.
#[derive(Debug)]
pub(super) struct Threads {
    queue: Arc<Queue<Start>>,
    inboxes: Vec<Arc<Inbox>>,
}

/// What every thread works with.
#[derive(Clone, Debug)]
pub(super) struct Means {
    pub clock: Arc<dyn Clock>,
    pub ground: Arc<Ground>,
    pub no_input: Arc<OwnedFd>,
}

impl Threads {
    /// # Errors
    /// When the system refuses threads or descriptors.
    pub(super) fn start(means: &Means) -> io::Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut threads = Self { queue: Arc::new(Queue::new()?), inboxes: Vec::new() };
        for _ in 0..(processors * THREADS_PER_PROCESSOR).min(MOST_THREADS) {
            let thread = Thread::new(means.clone(), Arc::clone(&threads.queue))?;
            threads.inboxes.push(Arc::clone(&thread.inbox));
            std::thread::Builder::new().name("cronbus-runs".to_owned()).spawn(move || thread.run())?;
        }
        Ok(threads)
    }

    /// Has a process started by whichever thread is free.
    pub(super) fn push(&self, start: Start) {
        self.queue.push(start);
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.queue.close();
        self.inboxes.iter().for_each(|inbox| inbox.push(0));
    }
}

/// One thread.
struct Thread {
    means: Means,
    epoll: Epoll,
    queue: Arc<Queue<Start>>,
    inbox: Arc<Inbox>,
    charges: HashMap<u64, Charge>,
    /// Processes that the kernel holds although they were killed.
    late: HashMap<u64, (Pid, OwnedFd)>,
    /// When which process is to be looked at again.
    alarms: BTreeSet<(Instant, u64)>,
    last: u64,
    buffer: Vec<u8>,
}

impl Thread {
    fn new(means: Means, queue: Arc<Queue<Start>>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let inbox = Arc::new(Inbox::new()?);
        // One thread is woken for each start.
        epoll.add(&*queue, EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLEXCLUSIVE, QUEUE))?;
        epoll.add(&*inbox, EpollEvent::new(EpollFlags::EPOLLIN, INBOX))?;
        Ok(Self {
            means,
            epoll,
            queue,
            inbox,
            charges: HashMap::new(),
            late: HashMap::new(),
            alarms: BTreeSet::new(),
            last: FIRST,
            buffer: vec![0; READ_SIZE],
        })
    }

    fn run(mut self) {
        blocking::allow_here();
        let mut events = [EpollEvent::empty(); EVENTS];
        while !(self.queue.is_closed() && self.charges.is_empty() && self.late.is_empty()) {
            // An interruption is a turn without events.
            let count = self.epoll.wait(&mut events, self.timeout()).unwrap_or(0);
            let happened = events.get(..count).unwrap_or_default();
            let mut may_start = false;
            for number in happened.iter().map(EpollEvent::data) {
                match number {
                    QUEUE => may_start = true,
                    INBOX => self.read_inbox(),
                    _ => self.handle(number >> 2, number & 3),
                }
            }
            self.look_at_clock();
            if may_start && let Some(start) = self.queue.pop() {
                self.start(start);
            }
        }
    }

    fn timeout(&self) -> EpollTimeout {
        let Some((at, _)) = self.alarms.first() else { return EpollTimeout::NONE };
        let left = at.saturating_duration_since(Instant::now());
        // Rounded up: an alarm that is looked at too early is looked at again.
        EpollTimeout::from(u16::try_from(left.as_micros().div_ceil(1000)).unwrap_or(u16::MAX))
    }

    fn read_inbox(&mut self) {
        for id in self.inbox.take() {
            self.look_at(id, |charge, _, now| charge.was_let_go(now));
        }
    }

    fn handle(&mut self, id: u64, what: u64) {
        match what {
            PIDFD => self.reap_late(id),
            STDOUT => return self.look_at(id, |charge, buffer, now| charge.read(Stream::Stdout, buffer, now)),
            _ => return self.look_at(id, |charge, buffer, now| charge.read(Stream::Stderr, buffer, now)),
        }
        self.look_at(id, |charge, buffer, now| charge.has_ended(now, buffer));
    }

    fn reap_late(&mut self, id: u64) {
        if let Some((pid, _pidfd)) = self.late.remove(&id) {
            let _ = native::wait4(pid);
        }
    }

    fn look_at_clock(&mut self) {
        let Some(now) = self.alarms.first().map(|_| Instant::now()) else { return };
        while let Some((at, id)) = self.alarms.first().copied()
            && at <= now
        {
            self.alarms.pop_first();
            self.look_at(id, |charge, buffer, now| charge.ring(now, buffer));
        }
    }

    /// Does something to a process, and sees what follows. One that is over is not known any more: its descriptors may
    /// live on for a moment in a process that is just being started.
    fn look_at(&mut self, id: u64, what: impl FnOnce(&mut Charge, &mut [u8], Instant)) {
        let Some(charge) = self.charges.get_mut(&id) else { return };
        let now = Instant::now();
        what(charge, &mut self.buffer, now);
        if charge.is_drained(now) && charge.conclude(self.means.clock.now()) {
            return self.dismiss(id);
        }
        let next = charge.next_alarm();
        let before = std::mem::replace(&mut charge.alarm, next);
        if before != next {
            set_alarm(&mut self.alarms, id, before, next);
        }
    }

    fn dismiss(&mut self, id: u64) {
        let Some(mut charge) = self.charges.remove(&id) else { return };
        set_alarm(&mut self.alarms, id, charge.alarm, None);
        if let Some(pidfd) = charge.pidfd.take() {
            self.late.insert(id, (charge.leader.pid, pidfd));
        }
    }

    fn start(&mut self, start: Start) {
        let unsaid = if start.leash.is_withdrawn() {
            Unsaid::Withdrawn
        } else {
            match self.spawn(&start) {
                Ok(spawned) => return self.take_charge(start, spawned),
                Err(reason) => Unsaid::NotStarted(reason),
            }
        };
        let log = Log::Open(start.recorder, unsaid);
        let ended_at = self.means.clock.now();
        let _ = start.done.send(Concluded { process: None, started_at: None, ended_at, waited: None, log });
    }

    fn spawn(&mut self, start: &Start) -> Result<Spawned, String> {
        let Start { command, assignment, secrets, .. } = start;
        let plan = Plan::new(command, assignment, secrets, &self.means.ground)?;
        let spawned = if plan.stdin.is_empty() {
            spawn::spawn(&plan, self.means.no_input.as_fd())?
        } else {
            spawn::spawn(&plan, spawn::readable_text(&plan.stdin)?.as_fd())?
        };
        self.last += 1;
        match self.watch(&spawned) {
            Ok(()) => Ok(spawned),
            Err(errno) => Err(spawned.give_up(errno)),
        }
    }

    /// Registers the newest process. Each change is told of once: descriptors that were closed here live on for a moment
    /// in a process that is just being started, and would be told of without end.
    fn watch(&self, spawned: &Spawned) -> Result<(), Errno> {
        let event = |what| EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLET, self.last << 2 | what);
        self.epoll.add(&spawned.pidfd, event(PIDFD))?;
        self.epoll.add(&spawned.stdout, event(STDOUT))?;
        self.epoll.add(&spawned.stderr, event(STDERR))
    }

    fn take_charge(&mut self, start: Start, spawned: Spawned) {
        let Spawned { leader, pidfd, stdout, stderr } = spawned;
        let started_at = self.means.clock.now();
        start.leash.attach(leader, &self.inbox, self.last);
        // Whoever asked for it may be gone; the run goes on.
        let _ = start.started.try_send(Started { at: started_at, process: Some(leader.process) });
        let charge = Charge {
            leash: start.leash,
            leader,
            pidfd: Some(pidfd),
            stdout: Some(stdout),
            stderr: Some(stderr),
            recorder: Some(start.recorder),
            started_at,
            done: Some(start.done),
            runtime: start.runtime,
            is_held: false,
            drain_until: None,
            behind: None,
            alarm: None,
        };
        self.charges.insert(self.last, charge);
    }
}

fn set_alarm(alarms: &mut BTreeSet<(Instant, u64)>, id: u64, before: Option<Instant>, next: Option<Instant>) {
    if let Some(at) = before {
        alarms.remove(&(at, id));
    }
    alarms.extend(next.map(|at| (at, id)));
}
