//! The end of a run that does not end by itself: TERM, grace, KILL, until nobody is left who descends from it.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::file::{Proof, Why};
use crate::group::Group;
use crate::proc::{self, Stat};

/// How long processes are waited for after KILL. Longer than that lasts only what the kernel holds (state D).
const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// The pauses between two looks grow from this…
const FIRST_LOOK: Duration = Duration::from_millis(2);

/// …to this.
const LAST_LOOK: Duration = Duration::from_millis(100);

/// An end that is being brought about.
#[derive(Debug)]
pub(super) struct Ladder {
    leader: Pid,
    why: Why,
    began: Instant,
    /// When TERM becomes KILL, or patience ends.
    until: Instant,
    signal: Signal,
    look: Instant,
    pause: Duration,
    /// Who was sent TERM already: some count them.
    told: Vec<u32>,
    left: Vec<Stat>,
    /// The control group of the run, where it is limited.
    control_group: Option<Group>,
}

impl Ladder {
    /// Begins with TERM, or with KILL where there is no grace.
    pub(super) fn begin(leader: Pid, why: Why, grace: Duration, control_group: Option<Group>, now: Instant) -> Self {
        let mut ladder = Self {
            leader,
            why,
            began: now,
            until: now.checked_add(grace).unwrap_or(now),
            signal: Signal::SIGTERM,
            look: now,
            pause: FIRST_LOOK,
            told: Vec::new(),
            left: Vec::new(),
            control_group,
        };
        if why == Why::KilledNow {
            ladder.hurry(now);
        } else {
            let _ = killpg(leader, Signal::SIGTERM);
            // A stopped process handles nothing before it goes on.
            let _ = killpg(leader, Signal::SIGCONT);
        }
        ladder
    }

    /// KILL from now on.
    pub(super) fn hurry(&mut self, now: Instant) {
        if self.signal != Signal::SIGKILL {
            self.signal = Signal::SIGKILL;
            self.until = now + KILL_PATIENCE;
            self.pause = FIRST_LOOK;
            self.look = now;
        }
    }

    /// When it wants to look again.
    pub(super) const fn next_look(&self) -> Instant {
        self.look
    }

    /// Looks who is left and signals them; true when nobody is, or nothing helps. `has_ended`: of the leader.
    pub(super) fn look(&mut self, has_ended: bool, now: Instant) -> bool {
        if now < self.look {
            return false;
        }
        if now >= self.until && self.signal == Signal::SIGTERM {
            self.hurry(now);
        }
        if self.signal == Signal::SIGKILL {
            // The leader was not waited for: its group is no other's.
            let _ = killpg(self.leader, Signal::SIGKILL);
            self.control_group.iter().for_each(Group::kill);
        }
        self.left = strays(self.leader);
        self.signal_strays();
        let is_over = has_ended && self.left.is_empty() && !group_lives(self.leader) && !self.is_populated();
        self.look = now + self.pause;
        self.pause = (self.pause * 2).min(LAST_LOOK);
        is_over || self.signal == Signal::SIGKILL && now >= self.until
    }

    /// Whether anybody is in its control group, whoever the parent is.
    fn is_populated(&self) -> bool {
        self.control_group.as_ref().is_some_and(Group::is_populated)
    }

    fn signal_strays(&mut self) {
        for stray in &self.left {
            let pid = stray.process.pid;
            let is_told = self.signal == Signal::SIGTERM && self.told.contains(&pid);
            let of_group = self.signal == Signal::SIGTERM && i32::try_from(stray.group) == Ok(self.leader.as_raw());
            if is_told || of_group {
                continue;
            }
            self.told.push(pid);
            // It is a child that was not waited for: the number is its own.
            let _ = i32::try_from(pid).map(|pid| kill(Pid::from_raw(pid), self.signal));
        }
    }

    /// What came of it.
    pub(super) fn proof(&self, has_ended: bool) -> Proof {
        let mut named: Vec<(u32, char)> = self.left.iter().map(|stat| (stat.process.pid, stat.state)).collect();
        let others = self.control_group.iter().flat_map(Group::members).filter_map(Stat::read);
        let others = others.filter(|stat| !stat.is_over() && !self.left.iter().any(|one| one.process == stat.process));
        let leader = self.leader.as_raw().unsigned_abs();
        named.extend(others.filter(|stat| stat.process.pid != leader).map(|stat| (stat.process.pid, stat.state)));
        if !has_ended {
            let pid = self.leader.as_raw().unsigned_abs();
            named.push((pid, Stat::read(pid).map_or('?', |stat| stat.state)));
        }
        Proof {
            why: self.why,
            signal: self.signal as i32,
            took_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            left: u32::try_from(named.len()).unwrap_or(u32::MAX),
            named,
        }
    }
}

/// The children of this process but the leader. Those that have ended are waited for.
fn strays(leader: Pid) -> Vec<Stat> {
    let mut left = Vec::new();
    for child in proc::children_of(std::process::id()) {
        let Ok(pid) = i32::try_from(child.process.pid).map(Pid::from_raw) else { continue };
        if pid == leader {
            continue;
        }
        if child.is_over() {
            let _ = waitpid(pid, Some(WaitPidFlag::WNOHANG));
        } else {
            left.push(child);
        }
    }
    left
}

/// Whether anybody of the group is there who is not the leader that has ended. Its members are children of each other and
/// of the leader until that has ended, and then of this process: this is asked about the moment in between.
fn group_lives(leader: Pid) -> bool {
    let group = leader.as_raw().unsigned_abs();
    let Ok(entries) = std::fs::read_dir("/proc") else { return false };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(Stat::read).any(|stat| stat.group == group && stat.process.pid != group && !stat.is_over())
}

/// How many processes this one has left, when all that have ended were waited for.
pub(super) fn followers() -> usize {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(nix::sys::wait::WaitStatus::StillAlive) => break,
            Ok(_) => {}
            Err(_) => return 0,
        }
    }
    descendants(std::process::id())
}

fn descendants(of: u32) -> usize {
    let mut unvisited = vec![of];
    let mut count = 0;
    while let Some(parent) = unvisited.pop() {
        for child in proc::children_of(parent).into_iter().filter(|child| !child.is_over()) {
            count += 1;
            unvisited.push(child.process.pid);
        }
    }
    count
}
