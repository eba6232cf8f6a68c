//! How a thread begins a run: it makes the run's file, and hands the order to a shim that waits or to a new one.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use cronbus_core::port::runner::Stop;
use cronbus_core::run::Ending;
use cronbus_core::wire::Assignment;
use cronbus_shim_kit::file::{self, Reading};
use cronbus_shim_kit::{Process, order};

use super::super::plan::Plan;
use super::super::spawn;
use super::groups::Made;
use super::line::Way;
use super::supervisor::{Assigned, Start};
use super::threads::{Kind, MOST_IDLE, Member, Thread};
use crate::runner::stop;

/// A shim that has nothing to do.
struct Free {
    id: u64,
    process: Process,
    socket: Arc<OwnedFd>,
}

impl Thread {
    pub(super) fn start(&mut self, start: Start) {
        let withdrawn = start.line.withdrawn();
        if withdrawn != Stop::No {
            return self.withdraw(start, withdrawn);
        }
        match Plan::new(&start.command, &start.assignment, &start.secrets, &self.means.ground) {
            Ok(plan) => self.hand_over(start, plan),
            Err(reason) => self.refuse(start, &reason),
        }
    }

    /// One shim after the other is tried: all that wait may be gone.
    fn hand_over(&mut self, start: Start, plan: Plan) {
        let input = match self.input(&plan.stdin) {
            Ok(input) => input,
            Err(reason) => return self.refuse(start, &reason),
        };
        let (mut plan, group) = match self.limited(&start, plan) {
            Ok(limited) => limited,
            Err(reason) => return self.refuse(start, &reason),
        };
        for _ in 0..=MOST_IDLE {
            let free = match self.free_shim() {
                Ok(free) => free,
                Err(reason) => return self.refuse(start, &reason),
            };
            let order = start.order(plan.program, group.as_ref());
            let handed = self.hand(&start, &order, &free, input.as_fd());
            plan.program = order.program;
            match handed {
                Ok((Stop::No, file)) => {
                    group.into_iter().for_each(Made::keep);
                    return self.take_charge(free.id, start.into_ward(Reading::new(file, 0), plan));
                }
                Ok((why, _)) => {
                    self.idle.push(free.id);
                    return self.withdraw(start, why);
                }
                // It will be told of, and waited for.
                Err(error) if is_gone(&error) => tracing::debug!(%error, "a shim that waited is gone"),
                Err(error) => {
                    self.idle.push(free.id);
                    return self.refuse(start, &error.to_string());
                }
            }
        }
        self.refuse(start, "one supervisor after the other ended before it took the run: is it `cronbus-shim`?");
    }

    /// Has the program begin within a group of its own, if the job has limits.
    fn limited(&self, start: &Start, plan: Plan) -> Result<(Plan, Option<Made>), String> {
        let Assignment { run, job, .. } = &*start.assignment;
        let Some(made) = self.means.groups.make(*run, job.definition.limits)? else { return Ok((plan, None)) };
        let program = made.holding(self.means.crew.executable(), plan.program)?;
        Ok((Plan { program, ..plan }, Some(made)))
    }

    /// Hands the order over, unless the run's end was asked for; says so then.
    fn hand(
        &self,
        start: &Start,
        order: &order::Order,
        free: &Free,
        input: BorrowedFd<'_>,
    ) -> io::Result<(Stop, File)> {
        let made = self.make_file(start, free.process);
        let file =
            made.map_err(|error| io::Error::new(error.kind(), format!("its file could not be made: {error}")))?;
        let hand = || order.hand(free.socket.as_fd(), &file, input);
        let asked = start.line.begin(Way::Socket(Arc::clone(&free.socket)), hand)?;
        Ok((asked, file))
    }

    fn make_file(&self, start: &Start, shim: Process) -> io::Result<File> {
        let Assigned { run, job } = start.assigned();
        let file = self.means.place.create(run)?;
        let plan = file::Plan {
            run: *run.as_bytes(),
            job,
            output_limit: start.output_limit,
            boot: self.means.boot.to_string(),
            shim,
        };
        file::create(&file, &plan)?;
        Ok(file)
    }

    fn input(&self, stdin: &str) -> Result<Arc<OwnedFd>, String> {
        match stdin {
            "" => Ok(Arc::clone(&self.means.no_input)),
            text => spawn::readable_text(text).map(Arc::new),
        }
    }

    fn refuse(&self, start: Start, reason: &str) {
        start.never_began(Ending::Failed, format!("could not be started: {reason}"), self.means.clock.now());
    }

    fn withdraw(&self, start: Start, why: Stop) {
        let (ending, word) = stop::ending(why);
        start.never_began(ending, format!("{word} before it started"), self.means.clock.now());
    }

    /// One that waits, or a new one.
    fn free_shim(&mut self) -> Result<Free, String> {
        while let Some(id) = self.idle.pop() {
            if let Some(Member { kind: Kind::Own(shim), ward: None }) = self.members.get(&id) {
                return Ok(Free { id, process: shim.process, socket: Arc::clone(&shim.socket) });
            }
        }
        let shim = self.means.crew.start()?;
        let (process, socket) = (shim.process, Arc::clone(&shim.socket));
        Ok(Free { id: self.enlist(shim)?, process, socket })
    }
}

/// Whether this says that nobody is at the other end.
fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, NotConnected};
    matches!(error.kind(), BrokenPipe | ConnectionRefused | ConnectionReset | NotConnected)
}
