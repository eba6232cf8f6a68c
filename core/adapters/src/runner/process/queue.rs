//! Processes that are to be started, for whichever thread is free.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cronbus_core::job::command::Shell;
use cronbus_core::port::runner::Started;
use cronbus_core::secret;
use cronbus_core::wire::Assignment;
use nix::errno::Errno;
use nix::sys::eventfd::{EfdFlags, EventFd};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::charge::Concluded;
use super::leash::Leash;
use crate::runner::output::Recorder;

/// One process that is to be started.
#[derive(Debug)]
pub(super) struct Start {
    pub command: Shell,
    pub assignment: Arc<Assignment>,
    pub secrets: secret::Values,
    pub recorder: Box<Recorder>,
    /// Told as soon as it has started.
    pub started: mpsc::Sender<Started>,
    pub leash: Arc<Leash>,
    /// Told in the end.
    pub done: oneshot::Sender<Concluded>,
    /// Where futures of the log are at home.
    pub runtime: Handle,
}

/// What the threads share.
#[derive(Debug)]
pub(super) struct Queue<T> {
    waiting: Mutex<VecDeque<T>>,
    /// Counts what waits, so that each start wakes one thread.
    event: EventFd,
    closed: AtomicBool,
}

impl<T> Queue<T> {
    /// # Errors
    /// When there is no descriptor left.
    pub(super) fn new() -> Result<Self, Errno> {
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_SEMAPHORE;
        let event = EventFd::from_flags(flags)?;
        Ok(Self { waiting: Mutex::default(), event, closed: AtomicBool::new(false) })
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, start: T) {
        self.waiting().push_back(start);
        let _ = self.event.write(1);
    }

    /// The next one, if no other thread took it.
    pub(super) fn pop(&self) -> Option<T> {
        self.event.read().ok()?;
        self.waiting().pop_front()
    }

    /// Nothing more comes.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

impl<T> AsFd for Queue<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
