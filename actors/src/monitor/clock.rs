//! Watching the wall clock: a second of monotonic time in which it moved by something else than a second is told of.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::actor::Mind;
use crate::{dispatcher, scheduler};

/// How often the clocks are compared.
const LOOK: Duration = Duration::from_secs(1);

/// A smaller difference is a clock being steered, not set.
const JUMP_MS: i64 = 500;

impl Mind {
    /// Compares the clocks, for ever.
    pub(super) async fn keep_watching_the_clock(self: Rc<Self>) {
        let clock = Arc::clone(&self.setup.ports.clock);
        let mut before = (clock.now(), clock.monotonic());
        loop {
            clock.sleep(LOOK).await;
            let (now, monotonic) = (clock.now(), clock.monotonic());
            let passed = i64::try_from(monotonic.saturating_sub(before.1).as_millis()).unwrap_or(i64::MAX);
            let jump = now.millis_since(before.0).saturating_sub(passed);
            before = (now, monotonic);
            if jump.abs() < JUMP_MS {
                continue;
            }
            self.setup.figures.clock_jumps.add(1);
            self.setup.figures.clock_jump_ms.set(jump);
            tracing::warn!(jump_ms = jump, %now, "the wall clock was set: {}", meaning(jump));
            self.tell_of_jump().await;
        }
    }

    /// Whoever waits for an instant looks again. An actor that ended for good takes the node with it.
    async fn tell_of_jump(&self) {
        if let Some(scheduler) = &self.setup.scheduler {
            let _ = scheduler.tell(scheduler::ClockJumped).await;
        }
        if let Some(dispatcher) = &self.setup.dispatcher {
            let _ = dispatcher.tell(dispatcher::ClockJumped).await;
        }
    }
}

const fn meaning(jump_ms: i64) -> &'static str {
    if jump_ms > 0 {
        "what became overdue by it is answered by each job's misfire policy"
    } else {
        "what has been created is not created again; what is due next waits for its moment"
    }
}
