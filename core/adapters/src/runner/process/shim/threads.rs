//! The threads that hand orders to shims and follow what becomes of them.
//!
//! A thread blocks on nothing but files and the loading of a shim. Shims that have ended a run wait for the next one, so
//! that a short run costs no process but its own; a few of them for each thread, the rest ends.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Instant;

use cronbus_core::port::Clock;
use cronbus_shim_kit::message::{self, Said};
use cronbus_shim_kit::{Process, native, proc};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::MsgFlags;
use nix::unistd::Pid;

use super::super::inbox::Inbox;
use super::super::plan::Ground;
use super::super::queue::Queue;
use super::crew::{Crew, Shim};
use super::groups::Groups;
use super::line::Way;
use super::place::Place;
use super::supervisor::{Resume, Work};
use super::ward::Ward;
use crate::blocking;

/// How many threads there are for each processor: while one is held until a program is loaded, another goes on.
const THREADS_PER_PROCESSOR: usize = 2;

/// More than this would only wait for each other.
const MOST_THREADS: usize = 4;

/// How many shims of a thread wait for an order at the most.
pub(super) const MOST_IDLE: usize = 4;

/// How many events are taken at a time.
const EVENTS: usize = 64;

/// What a descriptor is to its shim: the lowest bit of its number in the epoll.
const SOCKET: u64 = 0;
const PIDFD: u64 = 1;

/// Numbers of shims begin here; below are the queue and the inbox.
const FIRST: u64 = 2;
const QUEUE: u64 = 0;
const INBOX: u64 = 1 << 1;

/// The threads. They end once this is dropped; what runs under a shim goes on.
#[derive(Debug)]
pub(super) struct Threads {
    queue: Arc<Queue<Work>>,
    inboxes: Vec<Arc<Inbox>>,
}

/// What every thread works with.
#[derive(Clone, Debug)]
pub(super) struct Means {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ground: Arc<Ground>,
    pub(super) no_input: Arc<OwnedFd>,
    pub(super) crew: Arc<Crew>,
    pub(super) place: Place,
    pub(super) groups: Groups,
    pub(super) boot: Arc<str>,
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
            std::thread::Builder::new().name("cronbus-shims".to_owned()).spawn(move || thread.run())?;
        }
        Ok(threads)
    }

    /// Has something done by whichever thread is free.
    pub(super) fn push(&self, work: Work) {
        self.queue.push(work);
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.queue.close();
        self.inboxes.iter().for_each(|inbox| inbox.push(0));
    }
}

/// A shim in the hands of a thread.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) kind: Kind,
    pub(super) ward: Option<Ward>,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// Started by this process.
    Own(Shim),
    /// Started by a former life.
    Adopted { process: Process, pidfd: Arc<OwnedFd> },
    /// Started by this process, and left to itself.
    Leaving { pid: Pid, _pidfd: OwnedFd },
}

pub(super) struct Thread {
    pub(super) means: Means,
    pub(super) epoll: Epoll,
    queue: Arc<Queue<Work>>,
    inbox: Arc<Inbox>,
    pub(super) members: HashMap<u64, Member>,
    pub(super) idle: Vec<u64>,
    alarms: BTreeSet<(Instant, u64)>,
    last: u64,
}

impl Thread {
    fn new(means: Means, queue: Arc<Queue<Work>>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let inbox = Arc::new(Inbox::new()?);
        // One thread is woken for each piece of work.
        epoll.add(&*queue, EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLEXCLUSIVE, QUEUE))?;
        epoll.add(&*inbox, EpollEvent::new(EpollFlags::EPOLLIN, INBOX))?;
        Ok(Self {
            means,
            epoll,
            queue,
            inbox,
            members: HashMap::new(),
            idle: Vec::new(),
            alarms: BTreeSet::new(),
            last: FIRST,
        })
    }

    fn run(mut self) {
        blocking::allow_here();
        let mut events = [EpollEvent::empty(); EVENTS];
        while !self.queue.is_closed() {
            // An interruption is a turn without events.
            let count = self.epoll.wait(&mut events, self.timeout()).unwrap_or(0);
            let mut may_work = false;
            for number in events.get(..count).unwrap_or_default().iter().map(EpollEvent::data) {
                match number {
                    QUEUE => may_work = true,
                    INBOX => self.inbox.take().into_iter().for_each(|id| self.let_go(id)),
                    _ if number & 1 == SOCKET => self.hear(number >> 1),
                    _ => self.has_ended(number >> 1),
                }
            }
            self.look_at_clock();
            if may_work && let Some(work) = self.queue.pop() {
                self.work(work);
            }
        }
    }

    fn timeout(&self) -> EpollTimeout {
        let Some((at, _)) = self.alarms.first() else { return EpollTimeout::NONE };
        let left = at.saturating_duration_since(Instant::now());
        // Rounded up: an alarm that is looked at too early is looked at again.
        EpollTimeout::from(u16::try_from(left.as_micros().div_ceil(1000)).unwrap_or(u16::MAX))
    }

    fn look_at_clock(&mut self) {
        let Some(now) = self.alarms.first().map(|_| Instant::now()) else { return };
        while let Some((at, id)) = self.alarms.first().copied()
            && at <= now
        {
            self.alarms.pop_first();
            self.look_at(id, |ward, now| ward.ring(now));
        }
    }

    /// Does something to a run, and sees when it is to be looked at again.
    fn look_at(&mut self, id: u64, what: impl FnOnce(&mut Ward, Instant)) {
        let Some(ward) = self.members.get_mut(&id).and_then(|member| member.ward.as_mut()) else { return };
        let now = Instant::now();
        what(ward, now);
        let next = ward.next_alarm(now);
        let before = std::mem::replace(&mut ward.alarm, next);
        if before != next {
            set_alarm(&mut self.alarms, id, before, next);
        }
    }

    /// Takes a run from its shim.
    fn take_ward(&mut self, id: u64) -> Option<Ward> {
        let ward = self.members.get_mut(&id)?.ward.take()?;
        set_alarm(&mut self.alarms, id, ward.alarm, None);
        Some(ward)
    }

    fn work(&mut self, work: Work) {
        match work {
            Work::Start(start) => self.start(*start),
            Work::Resume(resume) => self.resume(*resume),
            Work::Forget(runs) => runs.into_iter().for_each(|run| self.means.place.remove(run)),
        }
    }

    /// Takes a new shim in.
    pub(super) fn enlist(&mut self, shim: Shim) -> Result<u64, String> {
        self.last += 1;
        let id = self.last;
        let event = |what| EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLET, id << 1 | what);
        let watched =
            self.epoll.add(&shim.pidfd, event(PIDFD)).and_then(|()| self.epoll.add(&*shim.socket, event(SOCKET)));
        self.members.insert(id, Member { kind: Kind::Own(shim), ward: None });
        if let Err(errno) = watched {
            self.dismiss(id);
            return Err(format!("its supervisor could not be watched: {}", errno.desc()));
        }
        Ok(id)
    }

    /// A run is in the hands of a shim.
    pub(super) fn take_charge(&mut self, id: u64, ward: Ward) {
        ward.line.is_at(&self.inbox, id);
        if let Some(member) = self.members.get_mut(&id) {
            member.ward = Some(ward);
        }
    }

    fn resume(&mut self, resume: Resume) {
        let Resume { plan, ward } = resume;
        if let Ok(Some(exit)) = ward.reading.exit() {
            return ward.conclude(&exit);
        }
        if *plan.boot != *self.means.boot {
            return ward.abandon("the machine was started again while it ran".to_owned(), false);
        }
        match self.adopt(plan.shim) {
            Some(id) => {
                let line = Arc::clone(&ward.line);
                self.take_charge(id, ward);
                if let Some(Member { kind: Kind::Adopted { pidfd, .. }, .. }) = self.members.get(&id) {
                    line.resume(Way::Signal(Arc::clone(pidfd)));
                }
                self.look_at(id, |ward, now| ward.ring(now));
            }
            None => ward.abandon(format!("its supervisor, process {}, is gone", plan.shim.pid), true),
        }
    }

    /// Holds on to whoever has the number now, and then looks whether that is the one that was meant.
    fn adopt(&mut self, process: Process) -> Option<u64> {
        let number = i32::try_from(process.pid).ok()?;
        let pidfd = native::pidfd_open(Pid::from_raw(number)).ok()?;
        if !proc::lives(process) {
            return None;
        }
        self.last += 1;
        let id = self.last;
        self.epoll.add(&pidfd, EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLET, id << 1 | PIDFD)).ok()?;
        let kind = Kind::Adopted { process, pidfd: Arc::new(pidfd) };
        self.members.insert(id, Member { kind, ward: None });
        Some(id)
    }

    /// A shim says something.
    fn hear(&mut self, id: u64) {
        let mut has_news = false;
        while let Some(said) = self.next_said(id) {
            match said {
                Said::Started(started) => self.look_at(id, |ward, _| ward.started(started)),
                Said::News => has_news = true,
                Said::Ended(exit) => {
                    if let Some(ward) = self.take_ward(id) {
                        ward.conclude(&exit);
                    }
                    self.is_free(id, exit.is_alone());
                    has_news = false;
                }
            }
        }
        if has_news {
            self.look_at(id, |ward, now| ward.read(now));
        }
    }

    fn next_said(&self, id: u64) -> Option<Said> {
        let Kind::Own(shim) = &self.members.get(&id)?.kind else { return None };
        let mut buffer = [0; message::LONGEST];
        loop {
            return match native::receive(shim.socket.as_fd(), &mut buffer, MsgFlags::MSG_DONTWAIT) {
                Ok(received) => Said::decode(buffer.get(..received.bytes)?),
                Err(Errno::EINTR) => continue,
                Err(_) => None,
            };
        }
    }

    /// A shim has ended its run: it waits for the next, unless it has somebody to look after or too many wait.
    fn is_free(&mut self, id: u64, is_alone: bool) {
        if is_alone && self.idle.len() < MOST_IDLE {
            self.idle.push(id);
        } else {
            self.dismiss(id);
        }
    }

    /// Closes the socket; its end is waited for.
    fn dismiss(&mut self, id: u64) {
        let Some(member) = self.members.remove(&id) else { return };
        if let Kind::Own(Shim { pid, pidfd, .. }) = member.kind {
            self.members.insert(id, Member { kind: Kind::Leaving { pid, _pidfd: pidfd }, ward: None });
        }
    }

    /// Nobody here wants to know of a run any more: its shim goes on by itself.
    fn let_go(&mut self, id: u64) {
        if let Some(ward) = self.take_ward(id) {
            drop(ward);
            self.dismiss(id);
        }
    }

    /// A shim is gone.
    fn has_ended(&mut self, id: u64) {
        self.hear(id);
        let ward = self.take_ward(id);
        self.idle.retain(|idle| *idle != id);
        let Some(member) = self.members.remove(&id) else { return };
        let why = match member.kind {
            Kind::Own(Shim { pid, .. }) | Kind::Leaving { pid, .. } => {
                let status = native::wait4(pid).ok().flatten().map(|waited| waited.status);
                format!("its supervisor, process {pid}, ended before it{}", by_what(status))
            }
            Kind::Adopted { process, .. } => format!("its supervisor, process {}, ended before it", process.pid),
        };
        if let Some(ward) = ward {
            ward.abandon(why, true);
        }
    }
}

/// What ended a shim.
fn by_what(status: Option<i32>) -> String {
    match status {
        Some(status) if nix::libc::WIFSIGNALED(status) => format!(", by signal {}", nix::libc::WTERMSIG(status)),
        Some(status) => format!(", with exit code {}", nix::libc::WEXITSTATUS(status)),
        None => String::new(),
    }
}

fn set_alarm(alarms: &mut BTreeSet<(Instant, u64)>, id: u64, before: Option<Instant>, next: Option<Instant>) {
    if let Some(at) = before {
        alarms.remove(&(at, id));
    }
    alarms.extend(next.map(|at| (at, id)));
}
