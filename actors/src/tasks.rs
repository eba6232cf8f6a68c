//! Futures that an actor started and that end with it, however many there are.
//!
//! An actor's context polls all its futures whenever one of them is ready; with thousands of runs that is thousands of
//! polls for each. Here only what is ready is polled.

use std::cell::RefCell;

use futures::StreamExt;
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A set of futures. [`Tasks::run`] has to be polled for them to move; when it is dropped, so are they.
#[derive(Debug)]
pub(crate) struct Tasks {
    sender: UnboundedSender<LocalBoxFuture<'static, ()>>,
    receiver: RefCell<Option<UnboundedReceiver<LocalBoxFuture<'static, ()>>>>,
}

impl Tasks {
    pub(crate) fn none() -> Self {
        let (sender, receiver) = unbounded_channel();
        Self { sender, receiver: RefCell::new(Some(receiver)) }
    }

    /// Adds a future.
    pub(crate) fn start(&self, task: impl Future<Output = ()> + 'static) {
        // Refused only when `run` was dropped: the actor has ended.
        let _ = self.sender.send(Box::pin(task));
    }

    /// Drives the futures, for ever. Called once.
    pub(crate) async fn run(&self) {
        let Some(mut receiver) = self.receiver.borrow_mut().take() else { return };
        let mut running = FuturesUnordered::new();
        loop {
            tokio::select! {
                biased;
                Some(task) = receiver.recv() => running.push(task),
                Some(()) = running.next(), if !running.is_empty() => {}
                else => return,
            }
        }
    }
}
