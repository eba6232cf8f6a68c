//! Messages on their way to the bus, in order for each address; each is offered again until the bus has taken it. An
//! address whose receiver is away holds up no other.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use cronbus_core::port::bus::Address;
use cronbus_core::wire::Message;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::patience::Patience;
use crate::ports::Ports;
use crate::wake::Wake;

/// The pauses between tries: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// What an actor has to send.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// What waits for each address that something waits for; the first is being sent.
    lanes: RefCell<HashMap<Address, VecDeque<Message>>>,
    /// The lanes that nobody sends from yet.
    new: RefCell<Vec<Address>>,
    wake: Wake,
}

impl Outbox {
    pub(crate) fn push(&self, to: Address, message: Message) {
        let mut lanes = self.lanes.borrow_mut();
        if let Some(lane) = lanes.get_mut(&to) {
            lane.push_back(message);
            return;
        }
        lanes.insert(to.clone(), VecDeque::from([message]));
        self.new.borrow_mut().push(to);
        self.wake.nudge();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lanes.borrow().is_empty()
    }

    /// Sends, for ever.
    pub(crate) async fn run(&self, ports: &Ports) {
        let mut sending = FuturesUnordered::new();
        loop {
            let new = std::mem::take(&mut *self.new.borrow_mut());
            sending.extend(new.into_iter().map(|to| self.empty(ports, to)));
            tokio::select! {
                () = self.wake.nudged() => {}
                Some(()) = sending.next() => {}
            }
        }
    }

    /// Sends what waits for an address until nothing does.
    async fn empty(&self, ports: &Ports, to: Address) {
        let mut patience = Patience::default();
        while let Some(message) = self.first(&to) {
            send(ports, &to, message, &mut patience).await;
            if let Some(lane) = self.lanes.borrow_mut().get_mut(&to) {
                lane.pop_front();
            }
        }
    }

    /// The first message for an address, which stays where it is until it was sent. An empty lane is removed.
    fn first(&self, to: &Address) -> Option<Message> {
        let mut lanes = self.lanes.borrow_mut();
        let first = lanes.get(to).and_then(VecDeque::front).cloned();
        if first.is_none() {
            lanes.remove(to);
        }
        first
    }
}

async fn send(ports: &Ports, to: &Address, message: Message, patience: &mut Patience) {
    let mut pause = PAUSE.0;
    while let Err(error) = ports.bus.publish(to, message.clone()).await {
        if patience.runs_out(&*ports.bus) {
            tracing::warn!(%error, ?to, "messages wait for the bus");
        }
        ports.clock.sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
    patience.comes_back();
}
