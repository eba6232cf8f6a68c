//! Executes runs by letting time pass. The processes are the world's: they go on when their node crashes.

use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::port::runner::{Order, Reaped, Started, Stop};
use cronbus_core::port::spool::Process;
use cronbus_core::port::{Clock, Runner};
use cronbus_core::run::{Ending, Outcome};
use cronbus_core::time::Timestamp;
use tokio::sync::watch;

use super::Way;
use crate::history::Event;
use crate::processes::{Execution, Fate};

#[derive(Debug)]
pub(crate) struct Simulated(pub(crate) Way);

impl Simulated {
    fn start(&self, order: &Order, fate: Fate) -> Process {
        let Way { world, life, .. } = &self.0;
        let (run, job) = (order.assignment.run, order.assignment.job.id);
        world.note(Event::Started { life: life.name.clone(), run, job, has_row: world.ledger.has(run) });
        let from = world.elapsed();
        world.processes.start(Execution { run, job, life: life.name.clone(), from, until: from + fate.lasts })
    }

    async fn sleep_till(&self, moment: Duration) {
        let world = &self.0.world;
        world.clock.sleep(moment.saturating_sub(world.elapsed())).await;
    }

    /// Waits for the end of a process, which comes by itself or by `stop`. Says how it ended.
    async fn attend(&self, process: Process, stop: &mut watch::Receiver<Stop>, linger: Duration) -> Option<Stop> {
        let world = &self.0.world;
        let stopped = tokio::select! {
            biased;
            stopped = asked(stop) => stopped,
            () = self.sleep_till(world.processes.ends(process)) => return None,
        };
        let linger = if stopped == Stop::KillNow { Duration::ZERO } else { linger };
        let end = world.processes.end(process, world.elapsed() + linger);
        self.sleep_till(end).await;
        Some(stopped)
    }

    fn now(&self) -> Timestamp {
        self.0.host.clock.now()
    }
}

/// Waits until somebody wants the end.
async fn asked(stop: &mut watch::Receiver<Stop>) -> Stop {
    let asked = stop.wait_for(|stop| *stop != Stop::No).await.map(|stop| *stop);
    match asked {
        Ok(stop) => stop,
        Err(_) => std::future::pending().await,
    }
}

#[async_trait]
impl Runner for Simulated {
    async fn run(&self, mut order: Order) -> Outcome {
        self.0.life.pass().await;
        let fate = Fate::of(self.0.world.plan.seed, order.assignment.run);
        if fate.cannot_start {
            return Outcome::bare(Ending::Failed, None, self.now(), "no such command");
        }
        let process = self.start(&order, fate);
        let at = self.now();
        let _ = order.started.send(Started { at, process: Some(process) }).await;
        let linger = fate.lingers.min(order.kill_grace);
        let stopped = self.attend(process, &mut order.stop, linger).await;
        self.0.life.be_well().await;
        let (ending, exit_code) = match stopped {
            Some(Stop::TimedOut) => (Ending::TimedOut, None),
            Some(_) => (Ending::Killed, None),
            None if fate.exit_code == 0 => (Ending::Succeeded, Some(0)),
            None => (Ending::Failed, Some(fate.exit_code)),
        };
        Outcome { exit_code, ..Outcome::bare(ending, Some(at), self.now(), "") }
    }

    async fn reap(&self, process: Process, grace: Duration, kill: bool) -> Reaped {
        self.0.life.pass().await;
        let world = &self.0.world;
        if world.processes.ends(process) <= world.elapsed() {
            return Reaped::Gone;
        }
        if !kill {
            return Reaped::Left;
        }
        let end = world.processes.end(process, world.elapsed() + grace.min(Duration::from_millis(100)));
        self.sleep_till(end).await;
        self.0.life.be_well().await;
        Reaped::Ended
    }
}
