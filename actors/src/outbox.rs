//! Messages on their way to the bus, in order; each is offered again until the bus has taken it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use cronbus_core::port::bus::Address;
use cronbus_core::wire::Message;

use crate::ports::Ports;
use crate::wake::Wake;

/// The pauses between tries: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// What an actor has to send.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: RefCell<VecDeque<(Address, Message)>>,
    wake: Wake,
}

impl Outbox {
    pub(crate) fn push(&self, to: Address, message: Message) {
        self.waiting.borrow_mut().push_back((to, message));
        self.wake.nudge();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    /// Sends, for ever.
    pub(crate) async fn run(&self, ports: &Ports) {
        loop {
            let next = self.waiting.borrow().front().cloned();
            let Some((to, message)) = next else {
                self.wake.nudged().await;
                continue;
            };
            send(ports, &to, message).await;
            self.waiting.borrow_mut().pop_front();
        }
    }
}

async fn send(ports: &Ports, to: &Address, message: Message) {
    let mut pause = PAUSE.0;
    while let Err(error) = ports.bus.publish(to, message.clone()).await {
        tracing::warn!(%error, ?to, "a message waits for the bus");
        ports.clock.sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}
