//! The bus of one process: a bounded queue for each address. Messages are passed as they are, never encoded.
//!
//! Nothing is kept beyond the process, so "will be delivered" means: while it lives.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Notify, Semaphore};

use crate::port::Bus;
use crate::port::bus::{Address, Error, Inbox};
use crate::wire::Message;

/// How many messages wait at an address before senders do. Each message is a batch.
const DEFAULT_CAPACITY: usize = 1024;

/// The bus of one process. Clones are the same bus; it closes when the last of them is dropped.
#[derive(Clone, Debug)]
pub struct LocalBus {
    lines: Arc<Lines>,
}

impl Default for LocalBus {
    fn default() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }
}

impl LocalBus {
    /// A bus on which so many messages, at least one, wait at each address before senders do.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let capacity = capacity.clamp(1, Semaphore::MAX_PERMITS);
        Self { lines: Arc::new(Lines { capacity, by_address: Mutex::default() }) }
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, to: &Address, message: Message) -> Result<(), Error> {
        let line = self.lines.at(to);
        let closed = || Error { reason: "the bus is closed".to_owned() };
        // Its place is given back when the message is received.
        line.room.acquire().await.map_err(|_| closed())?.forget();
        line.state().waiting.push_back(message);
        line.changed.notify_waiters();
        Ok(())
    }

    async fn subscribe(&self, at: &Address) -> Result<Box<dyn Inbox>, Error> {
        let line = self.lines.at(at);
        let turn = line.hand_over();
        Ok(Box::new(LocalInbox { line, turn }))
    }
}

/// The queues by address. There are as many as nodes were ever named, times four.
#[derive(Debug)]
struct Lines {
    capacity: usize,
    by_address: Mutex<HashMap<Address, Arc<Line>>>,
}

impl Lines {
    fn at(&self, address: &Address) -> Arc<Line> {
        let mut lines = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(address) {
            return line.clone();
        }
        let line = Arc::new(Line::new(self.capacity));
        lines.insert(address.clone(), line.clone());
        line
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let lines = self.by_address.get_mut().unwrap_or_else(PoisonError::into_inner);
        lines.values().for_each(|line| line.close());
    }
}

/// The queue of one address.
#[derive(Debug)]
struct Line {
    state: Mutex<LineState>,
    room: Semaphore,
    changed: Notify,
}

#[derive(Debug, Default)]
struct LineState {
    waiting: VecDeque<Message>,
    /// The number of receivers so far: the last of them is the one that receives.
    turn: u64,
    closed: bool,
}

impl Line {
    fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), room: Semaphore::new(capacity), changed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the caller the receiver, and returns its number.
    fn hand_over(&self) -> u64 {
        let mut state = self.state();
        state.turn += 1;
        let turn = state.turn;
        drop(state);
        self.changed.notify_waiters();
        turn
    }

    fn close(&self) {
        self.state().closed = true;
        self.room.close();
        self.changed.notify_waiters();
    }

    /// What the receiver of number `turn` gets now.
    fn take(&self, turn: u64) -> Taken {
        let mut state = self.state();
        if state.turn != turn {
            return Taken::Over;
        }
        match state.waiting.pop_front() {
            Some(message) => Taken::Message(message),
            None if state.closed => Taken::Over,
            None => Taken::Nothing,
        }
    }
}

enum Taken {
    Message(Message),
    Nothing,
    Over,
}

#[derive(Debug)]
struct LocalInbox {
    line: Arc<Line>,
    turn: u64,
}

#[async_trait]
impl Inbox for LocalInbox {
    async fn receive(&mut self) -> Option<Message> {
        loop {
            let mut changed = std::pin::pin!(self.line.changed.notified());
            // Listens before it looks, so that nothing happens unheard in between.
            changed.as_mut().enable();
            match self.line.take(self.turn) {
                Taken::Message(message) => {
                    self.line.room.add_permits(1);
                    return Some(message);
                }
                Taken::Over => return None,
                Taken::Nothing => changed.await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::id::NodeName;
    use crate::suite;
    use crate::wire::Control;

    #[tokio::test]
    async fn keeps_the_contract_of_buses() {
        suite::bus::keeps_its_contract(&LocalBus::default()).await;
    }

    #[tokio::test]
    async fn senders_wait_while_the_receiver_is_behind_and_other_addresses_do_not() {
        let bus = LocalBus::with_capacity(2);
        let [a, b] = ["a", "b"].map(|name| Address::Control(NodeName::new(name).unwrap()));
        let message = || Message::Control(vec![Control::Hold(true)]);
        bus.publish(&a, message()).await.unwrap();
        bus.publish(&a, message()).await.unwrap();
        let mut third = bus.publish(&a, message());
        assert!((&mut third).now_or_never().is_none());
        bus.publish(&b, message()).now_or_never().unwrap().unwrap();
        let mut inbox = bus.subscribe(&a).await.unwrap();
        inbox.receive().await.unwrap();
        third.now_or_never().unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_closed_bus_ends_its_inboxes_after_what_was_sent() {
        let bus = LocalBus::default();
        let address = Address::Executor(NodeName::new("a").unwrap());
        let mut inbox = bus.subscribe(&address).await.unwrap();
        bus.publish(&address, Message::Control(Vec::new())).await.unwrap();
        drop(bus);
        assert!(inbox.receive().await.is_some());
        assert!(inbox.receive().await.is_none());
    }
}
