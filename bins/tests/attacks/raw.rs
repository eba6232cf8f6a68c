//! HTTP as strangers write it: bytes, whatever they mean.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::Node;

/// Long enough for the slowest machine to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to the web of a node.
pub(crate) fn connect(node: &Node) -> TcpStream {
    let stream = TcpStream::connect(node.url("").trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends bytes and says no more; all that comes back until the node hangs up.
pub(crate) fn talk(node: &Node, bytes: &[u8]) -> String {
    let mut stream = connect(node);
    // A node that has heard enough hangs up while it is still being talked to.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    answer(&mut stream)
}

/// All that comes back until the node hangs up.
pub(crate) fn answer(stream: &mut TcpStream) -> String {
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told);
    String::from_utf8_lossy(&told).into_owned()
}

/// The status of the first answer; 0 when there is none.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// How many answers there are.
pub(crate) fn answers(told: &str) -> usize {
    told.matches("HTTP/1.1 ").count()
}

/// Whether the node still does its work.
pub(crate) fn assert_well(node: &Node) {
    let told = talk(node, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&told), 200, "{told}\n{}", node.log());
}

/// The most memory that a node ever had in use, in bytes.
pub(crate) fn peak(node: &Node) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap();
    let line = text.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}
