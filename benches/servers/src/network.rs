//! Ports of loopback.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::error::Error;

/// A port of loopback that nobody listened on a moment ago.
///
/// # Errors
/// When the system has none.
pub fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::system("find a free port"))?;
    Ok(listener.local_addr().map_err(Error::system("find a free port"))?.port())
}

/// A connection to `port`, if somebody listens there; reading and writing wait for half a second at most.
pub(crate) fn connect(port: u16) -> Option<TcpStream> {
    let patience = Duration::from_millis(500);
    let stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.set_write_timeout(Some(patience)).ok()?;
    Some(stream)
}
