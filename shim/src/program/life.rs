//! From order to order.

use std::os::fd::{AsFd, BorrowedFd};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::MsgFlags;

use super::supervision::Supervision;
use crate::order::Handed;
use crate::{message, native};

/// Takes orders from the socket that is its standard input, until nobody gives any. Returns the exit code.
#[must_use]
pub fn run() -> u8 {
    let input = std::io::stdin();
    let Ok(signals) = prepare() else { return 1 };
    while let Some(handed) = next(input.as_fd()) {
        let supervision = Supervision::new(input.as_fd(), &signals);
        if !supervision.run(handed) {
            break;
        }
    }
    0
}

/// It adopts who is left behind, a full disk is an error and no death, and its end is something that it is asked for.
fn prepare() -> Result<SignalFd, Errno> {
    prctl::set_child_subreaper(true)?;
    let heard = SigSet::from_iter([Signal::SIGTERM, Signal::SIGUSR1]);
    let unheard = [Signal::SIGXFSZ, Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT];
    let blocked = SigSet::from_iter(heard.iter().chain(unheard));
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&blocked), None)?;
    SignalFd::with_flags(&heard, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
}

/// The next order; `None` when the node is gone. What else comes between two runs is about the one before.
fn next(socket: BorrowedFd<'_>) -> Option<Handed> {
    let mut buffer = [0; message::LONGEST];
    loop {
        match native::receive(socket, &mut buffer, MsgFlags::empty()) {
            Ok(received) if received.bytes == 0 => return None,
            Ok(received) if buffer.first() == Some(&message::ORDER) => return Handed::from(received.descriptors),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return None,
        }
    }
}
