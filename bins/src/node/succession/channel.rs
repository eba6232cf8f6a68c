//! The private socket between the two processes: messages kept apart, descriptors with them. It has no name, so nobody
//! else can reach it; the new process has it as its standard input.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use cronbus_shim_kit::native;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, getsockopt, sendmsg, socketpair, sockopt,
};
use nix::unistd::dup2_stdin;
use tokio::io::Interest;
use tokio::net::UnixDatagram;

use super::message::{LONGEST, Message};

/// One end.
#[derive(Debug)]
pub(super) struct Channel(OwnedFd);

/// A message and what came with it.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) message: Message,
    pub(super) descriptors: Vec<OwnedFd>,
}

impl Channel {
    /// Both ends: one's own, and what becomes the standard input of another process.
    ///
    /// # Errors
    /// When there is no descriptor left.
    pub(super) fn pair() -> Result<(Self, OwnedFd)> {
        let pair = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC);
        let (ours, theirs) = pair.context("no socket could be had")?;
        Ok((Self(ours), theirs))
    }

    /// The end that this process was started with by process `pid`; its standard input is empty from then on. `None` where
    /// it is no such socket.
    ///
    /// # Errors
    /// When the descriptor cannot be moved.
    pub(super) fn of_standard_input(pid: i32) -> io::Result<Option<Self>> {
        let input = io::stdin();
        let made_by = getsockopt(&input, sockopt::PeerCredentials).map(|peer| peer.pid());
        if made_by != Ok(pid) || getsockopt(&input, sockopt::SockType) != Ok(SockType::SeqPacket) {
            return Ok(None);
        }
        let socket = input.as_fd().try_clone_to_owned()?;
        dup2_stdin(std::fs::File::open("/dev/null")?)?;
        Ok(Some(Self(socket)))
    }

    /// Says something, outside of any runtime.
    ///
    /// # Errors
    /// When the other end is closed.
    pub(super) fn say(&self, message: &Message) -> Result<()> {
        try_say(self.0.as_fd(), message, &[]).with_context(|| format!("`{}` could not be said", message.name()))
    }

    /// Hears the next thing, outside of any runtime; `None` when the other end is closed.
    ///
    /// # Errors
    /// When nothing came within `limit`, or what cannot be understood.
    pub(super) fn hear(&self, limit: Duration) -> Result<Option<Heard>> {
        let until = Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("the other process said nothing within {limit:?}");
            }
            let wait = PollTimeout::from(u16::try_from(left.as_millis().max(1)).unwrap_or(u16::MAX));
            let mut polled = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
            match poll(&mut polled, wait) {
                Ok(0) | Err(Errno::EINTR) => continue,
                Ok(_) => {}
                Err(errno) => return Err(errno.into()),
            }
            match try_hear(self.0.as_fd()) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionReset) => {}
                heard => return heard.context("what the other process said could not be understood"),
            }
        }
    }
}

/// Says something, without waiting for room.
fn try_say(socket: BorrowedFd<'_>, message: &Message, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let text = serde_json::to_vec(message)?;
    let numbers: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&numbers)];
    let control = if numbers.is_empty() { &[][..] } else { &rights[..] };
    let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
    sendmsg::<()>(socket.as_raw_fd(), &[io::IoSlice::new(&text)], control, flags, None)?;
    Ok(())
}

/// Hears something that has been said; `None` when the other end is closed. That it was closed without hearing everything is
/// told once, as an error, before what it had said.
fn try_hear(socket: BorrowedFd<'_>) -> io::Result<Option<Heard>> {
    let mut buffer = vec![0; LONGEST];
    let received = native::receive(socket, &mut buffer, MsgFlags::MSG_DONTWAIT)?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let message = serde_json::from_slice(buffer.get(..received.bytes).unwrap_or_default())?;
    Ok(Some(Heard { message, descriptors: received.descriptors }))
}

/// One end, inside a runtime. The type knows of another kind of socket; it is used to be woken.
#[derive(Debug)]
pub(super) struct Talk(UnixDatagram);

impl Talk {
    /// # Errors
    /// When the system refuses to watch the socket.
    pub(super) fn new(channel: Channel) -> io::Result<Self> {
        let socket = std::os::unix::net::UnixDatagram::from(channel.0);
        socket.set_nonblocking(true)?;
        UnixDatagram::from_std(socket).map(Self)
    }

    /// Says something, with descriptors.
    ///
    /// # Errors
    /// When the other end is closed.
    pub(super) async fn say(&self, message: &Message, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        self.0.async_io(Interest::WRITABLE, || try_say(self.0.as_fd(), message, descriptors)).await
    }

    /// Hears the next thing; `None` when the other end is closed. Cancel safe.
    ///
    /// # Errors
    /// When it cannot be understood.
    pub(super) async fn hear(&self) -> io::Result<Option<Heard>> {
        loop {
            match self.0.async_io(Interest::READABLE, || try_hear(self.0.as_fd())).await {
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
                heard => return heard,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, Write};

    use super::*;

    #[actix_rt::test]
    async fn messages_keep_their_order_and_bring_descriptors() {
        let (ours, theirs) = Channel::pair().unwrap();
        let theirs = Channel(theirs);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"handed").unwrap();
        let talk = Talk::new(ours).unwrap();
        talk.say(&Message::Ready, &[file.as_fd()]).await.unwrap();
        talk.say(&Message::Go, &[]).await.unwrap();
        let limit = Duration::from_secs(60);
        let mut first = theirs.hear(limit).unwrap().unwrap();
        assert_eq!(first.message, Message::Ready);
        let mut got = std::fs::File::from(first.descriptors.remove(0));
        let mut text = String::new();
        got.rewind().unwrap();
        got.read_to_string(&mut text).unwrap();
        assert_eq!(text, "handed");
        assert_eq!(theirs.hear(limit).unwrap().unwrap().message, Message::Go);
        theirs.say(&Message::Up).unwrap();
        assert_eq!(talk.hear().await.unwrap().unwrap().message, Message::Up);
        talk.say(&Message::Ready, &[]).await.unwrap();
        theirs.say(&Message::Abort { reason: "because".to_owned() }).unwrap();
        drop(theirs);
        let last = talk.hear().await.unwrap().unwrap().message;
        assert_eq!(last, Message::Abort { reason: "because".to_owned() }, "it was said before the end");
        assert!(talk.hear().await.unwrap().is_none());
        assert!(talk.say(&Message::Farewell, &[]).await.is_err());
    }

    #[test]
    fn silence_is_not_waited_for_for_ever() {
        let (ours, _theirs) = Channel::pair().unwrap();
        assert!(ours.hear(Duration::from_millis(5)).is_err());
    }
}
