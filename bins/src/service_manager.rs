//! Telling whoever manages services on this machine how the node is: the protocol of sd_notify(3), datagrams of `NAME=value`
//! lines to the socket that the variable `NOTIFY_SOCKET` names. Without the variable nothing is told to anybody.
//!
//! When what is told is decided elsewhere.

use std::ffi::OsString;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// The node does what it is there for.
    Ready,
    /// It reads its configuration again; [`News::Ready`] says that it has.
    Reloading,
    /// It ends, which may take as long as said.
    Stopping(Duration),
    /// The service is another process from now on.
    MainProcess(u32),
    /// It does not hang.
    Alive,
    /// How it is, in a line for people.
    Status(String),
}

/// Who manages services on this machine.
#[derive(Debug)]
pub(crate) struct Manager(Option<Told>);

#[derive(Debug)]
struct Told {
    socket: UnixDatagram,
    address: SocketAddr,
}

impl Manager {
    /// The one that started this process, if it wants to be told.
    pub(crate) fn of_environment() -> Self {
        let Some(name) = std::env::var_os("NOTIFY_SOCKET") else { return Self(None) };
        let opened = address(&name).and_then(|address| Ok(Told { socket: UnixDatagram::unbound()?, address }));
        Self(opened.map_err(|error| tracing::warn!(%error, "NOTIFY_SOCKET: the service manager is told nothing")).ok())
    }

    /// Whether anybody listens.
    pub(crate) const fn listens(&self) -> bool {
        self.0.is_some()
    }

    /// Tells it. A manager that does not hear it will do what it does with services that say nothing.
    pub(crate) fn tell(&self, news: &[News]) {
        let Some(Told { socket, address }) = &self.0 else { return };
        let text: Vec<String> = news.iter().map(News::text).collect();
        if let Err(error) = socket.send_to_addr(text.join("\n").as_bytes(), address) {
            tracing::debug!(%error, "the service manager could not be told");
        }
    }
}

/// A path, or a name without a file, which begins with `@`.
fn address(name: &OsString) -> io::Result<SocketAddr> {
    match name.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
        [b'/', ..] => SocketAddr::from_pathname(name),
        _ => Err(io::Error::other("neither a path from the root nor an abstract name")),
    }
}

impl News {
    fn text(&self) -> String {
        match self {
            Self::Ready => "READY=1".to_owned(),
            Self::Reloading => format!("RELOADING=1\nMONOTONIC_USEC={}", monotonic_us()),
            Self::Stopping(longest) => format!("STOPPING=1\nEXTEND_TIMEOUT_USEC={}", longest.as_micros()),
            Self::MainProcess(number) => format!("MAINPID={number}"),
            Self::Alive => "WATCHDOG=1".to_owned(),
            Self::Status(line) => format!("STATUS={}", line.replace(char::is_control, " ")),
        }
    }
}

fn monotonic_us() -> i64 {
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |now| now.tv_sec() * 1_000_000 + now.tv_nsec() / 1_000)
}

/// How long the manager waits between two signs of life before it takes the service for dead; `None` when it does not watch
/// this process (sd_watchdog_enabled(3)). A process that has succeeded the one it was started as is watched in its place.
pub(crate) fn watchdog(has_succeeded: bool) -> Option<Duration> {
    let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let of_another = !has_succeeded && number("WATCHDOG_PID").is_some_and(|pid| pid != u64::from(std::process::id()));
    let patience = number("WATCHDOG_USEC").filter(|patience| *patience > 0)?;
    (!of_another).then(|| Duration::from_micros(patience))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_protocol() {
        for (news, expected) in [
            (News::Ready, "READY=1"),
            (News::Alive, "WATCHDOG=1"),
            (News::MainProcess(7), "MAINPID=7"),
            (News::Stopping(Duration::from_millis(2)), "STOPPING=1\nEXTEND_TIMEOUT_USEC=2000"),
            (News::Status("a\nREADY=1".to_owned()), "STATUS=a READY=1"),
        ] {
            assert_eq!(news.text(), expected);
        }
        assert!(News::Reloading.text().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    }

    #[test]
    fn sockets_have_paths_or_abstract_names() {
        assert!(address(&"/run/x".into()).unwrap().as_pathname().is_some());
        assert_eq!(address(&"@x".into()).unwrap().as_abstract_name(), Some(b"x".as_slice()));
        for wrong in ["", "x", "vsock:2:1"] {
            assert!(address(&wrong.into()).is_err(), "{wrong}");
        }
    }
}
