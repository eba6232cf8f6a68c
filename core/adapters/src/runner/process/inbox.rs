//! How a thread that waits for descriptors is told something by others.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::errno::Errno;
use nix::sys::eventfd::{EfdFlags, EventFd};

/// The numbers of processes that a thread shall look at.
#[derive(Debug)]
pub(super) struct Inbox {
    numbers: Mutex<Vec<u64>>,
    event: EventFd,
}

impl Inbox {
    /// # Errors
    /// When there is no descriptor left.
    pub(super) fn new() -> Result<Self, Errno> {
        let event = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        Ok(Self { numbers: Mutex::default(), event })
    }

    fn numbers(&self) -> MutexGuard<'_, Vec<u64>> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the thread look at a process.
    pub(super) fn push(&self, number: u64) {
        self.numbers().push(number);
        // Refused only when it was told so often that it cannot have missed it.
        let _ = self.event.write(1);
    }

    /// What the thread shall look at.
    pub(super) fn take(&self) -> Vec<u64> {
        let _ = self.event.read();
        std::mem::take(&mut *self.numbers())
    }
}

impl AsFd for Inbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
