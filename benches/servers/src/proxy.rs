//! Stands between clients and a server, and cuts them off from each other as a broken network would: nothing arrives,
//! nobody is told. What was on its way arrives when the network is whole again.

use std::io::{ErrorKind, Read, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::error::Error;
use crate::network;

/// How often a quiet connection looks whether the proxy has ended or its way was opened again.
const LOOK: Duration = Duration::from_millis(20);

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From clients to the server.
    ToServer,
    /// From the server to clients.
    FromServer,
}

/// A TCP proxy on a free port of loopback.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    ways: Arc<Ways>,
}

/// What the threads of a proxy share.
#[derive(Debug, Default)]
struct Ways {
    to_server_cut: AtomicBool,
    from_server_cut: AtomicBool,
    ended: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// Starts one in front of `port` of loopback.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn to(port: u16) -> Result<Self, Error> {
        let system = Error::system("start a proxy");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(&system)?;
        listener.set_nonblocking(true).map_err(&system)?;
        let own_port = listener.local_addr().map_err(&system)?.port();
        let ways = Arc::new(Ways::default());
        let shared = Arc::clone(&ways);
        thread::spawn(move || accept_all(&listener, port, &shared));
        Ok(Self { port: own_port, ways })
    }

    /// Where it listens, on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Lets nothing through any more, either way.
    pub fn cut(&self) {
        self.cut_one_way(Direction::ToServer);
        self.cut_one_way(Direction::FromServer);
    }

    /// Lets nothing through this way.
    pub fn cut_one_way(&self, direction: Direction) {
        self.ways.cut(direction).store(true, Ordering::SeqCst);
    }

    /// Lets everything through again, what was held up first.
    pub fn heal(&self) {
        for direction in [Direction::ToServer, Direction::FromServer] {
            self.ways.cut(direction).store(false, Ordering::SeqCst);
        }
    }

    /// Closes every connection there is: both ends are told.
    pub fn reset(&self) {
        let mut connections = self.ways.connections.lock().unwrap_or_else(PoisonError::into_inner);
        for connection in connections.drain(..) {
            let _gone = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ways.ended.store(true, Ordering::SeqCst);
        self.reset();
    }
}

impl Ways {
    const fn cut(&self, direction: Direction) -> &AtomicBool {
        match direction {
            Direction::ToServer => &self.to_server_cut,
            Direction::FromServer => &self.from_server_cut,
        }
    }

    fn is_cut(&self, direction: Direction) -> bool {
        self.cut(direction).load(Ordering::SeqCst)
    }

    fn ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }
}

/// Nobody is let in while the way to the server is cut: he waits in the listener's queue, as in a broken network.
fn accept_all(listener: &TcpListener, port: u16, ways: &Arc<Ways>) {
    while !ways.ended() {
        if !ways.is_cut(Direction::ToServer)
            && let Ok((client, _)) = listener.accept()
        {
            let _lost = connect(client, port, ways);
        } else {
            thread::sleep(LOOK);
        }
    }
}

fn connect(client: TcpStream, port: u16, ways: &Arc<Ways>) -> Option<()> {
    let server = network::connect(port)?;
    for stream in [&client, &server] {
        stream.set_nonblocking(false).ok()?;
        stream.set_read_timeout(Some(LOOK)).ok()?;
        stream.set_write_timeout(None).ok()?;
        stream.set_nodelay(true).ok()?;
    }
    let ends = [client.try_clone().ok()?, server.try_clone().ok()?];
    ways.connections.lock().unwrap_or_else(PoisonError::into_inner).extend(ends);
    pump(client.try_clone().ok()?, server.try_clone().ok()?, Direction::ToServer, ways);
    pump(server, client, Direction::FromServer, ways);
    Some(())
}

/// Carries bytes one way on a thread of its own, until either end closes.
fn pump(mut from: TcpStream, mut to: TcpStream, direction: Direction, ways: &Arc<Ways>) {
    let ways = Arc::clone(ways);
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while !ways.ended() {
            if ways.is_cut(direction) {
                thread::sleep(LOOK);
                continue;
            }
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    // What was read while the way was being cut has not arrived yet.
                    while ways.is_cut(direction) && !ways.ended() {
                        thread::sleep(LOOK);
                    }
                    if to.write_all(buffer.get(..length).unwrap_or_default()).is_err() {
                        break;
                    }
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                }
                Err(_) => break,
            }
        }
        let _closed = to.shutdown(Shutdown::Both);
        let _closed = from.shutdown(Shutdown::Both);
    });
}
