//! What node and shim say to each other over their socket (`SOCK_SEQPACKET`). Nothing here is the only copy of a fact: what
//! the shim says is in the run's file, too.

use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, BorrowedFd};

use nix::sys::socket::{MsgFlags, sendmsg};

use crate::file::{Exit, Started, Why};

/// The first byte of an order; descriptors come with it.
pub(crate) const ORDER: u8 = b'O';
/// The first byte of a wish for the run's end.
pub(crate) const STOP: u8 = b'K';
const STARTED: u8 = b'S';
const NEWS: u8 = b'N';
const ENDED: u8 = b'E';

/// No message is longer.
pub const LONGEST: usize = 2048;

/// What a shim says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The command was started.
    Started(Started),
    /// There is output in the file.
    News,
    /// The run is over, and this shim takes another order unless it closes the socket.
    Ended(Exit),
}

impl Said {
    /// `None` when it is nothing that a shim of this version says.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&STARTED, rest) => Some(Self::Started(Started::decode(rest)?)),
            (&NEWS, _) => Some(Self::News),
            (&ENDED, rest) => Some(Self::Ended(Exit::decode(rest)?)),
            _ => None,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let (kind, mut content) = match self {
            Self::Started(started) => (STARTED, started.encode()),
            Self::News => (NEWS, Vec::new()),
            Self::Ended(exit) => (ENDED, exit.encode()),
        };
        content.insert(0, kind);
        content
    }

    /// Says it. News is not waited for: who has not read the last has no need of more.
    pub(crate) fn say(&self, socket: BorrowedFd<'_>) -> io::Result<()> {
        let patience = if *self == Self::News { MsgFlags::MSG_DONTWAIT } else { MsgFlags::empty() };
        let bytes = self.encode();
        sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(&bytes)], &[], patience | MsgFlags::MSG_NOSIGNAL, None)?;
        Ok(())
    }
}

/// Asks the shim at the other end for the end of its run.
///
/// # Errors
/// When nobody is there.
pub fn stop(socket: BorrowedFd<'_>, why: Why) -> io::Result<()> {
    let bytes = [STOP, why.number()];
    let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
    sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(&bytes)], &[], flags, None)?;
    Ok(())
}

/// The signals that say the same to a shim whose socket is closed: TERM, and USR1 for an end without grace.
#[must_use]
pub const fn signal(why: Why) -> nix::sys::signal::Signal {
    match why {
        Why::KilledNow => nix::sys::signal::Signal::SIGUSR1,
        Why::Killed | Why::TimedOut => nix::sys::signal::Signal::SIGTERM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Process;

    #[test]
    fn what_is_said_is_understood() {
        let started = Started { process: Process { pid: 1, start_ticks: 2 }, at_ms: 3 };
        let exit = crate::file::tests_exit();
        for said in [Said::Started(started), Said::News, Said::Ended(exit)] {
            let bytes = said.encode();
            assert!(bytes.len() <= LONGEST);
            assert_eq!(Said::decode(&bytes), Some(said));
        }
        for bad in [&b""[..], b"X", b"S", b"E1"] {
            assert_eq!(Said::decode(bad), None);
        }
    }
}
