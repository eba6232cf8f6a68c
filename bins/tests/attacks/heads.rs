//! Heads: without an end, too large, or such that a server before this one could read them otherwise (request smuggling).

use std::io::Write;

use crate::raw::{answer, answers, assert_well, connect, status, talk};
use crate::support::Node;

/// A second request, hidden in what may be the body of the first.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: hidden\r\n\r\n";

#[test]
fn what_could_be_read_in_two_ways_is_not_read_at_all() {
    let node = Node::start();
    let length = HIDDEN.len();
    for head in [
        // Two lengths, or a length and chunks: RFC 9112, 6.1 and 6.3.
        format!("Content-Length: 0\r\nContent-Length: {length}"),
        format!("Content-Length: {length}\r\nContent-Length: 0"),
        format!("Content-Length: {length}, 0"),
        format!("Content-Length: +{length}"),
        "Content-Length: 4\r\nTransfer-Encoding: chunked".to_owned(),
        "Transfer-Encoding: chunked\r\nContent-Length: 4".to_owned(),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity".to_owned(),
        "Transfer-Encoding: identity, chunked, identity".to_owned(),
        "Transfer-Encoding: xchunked".to_owned(),
        // A blank before the colon, and a line that goes on in the next: RFC 9112, 5.1 and 5.2.
        format!("Content-Length : {length}"),
        format!("X: y\r\n Content-Length: {length}"),
        "Transfer-Encoding : chunked".to_owned(),
    ] {
        let told =
            talk(&node, format!("POST /login HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n0\r\n\r\n{HIDDEN}").as_bytes());
        assert!(status(&told) == 400 && answers(&told) == 1, "{head:?} is answered {told}");
    }
    assert_well(&node);
}

#[test]
fn a_head_has_a_largest_size_and_no_control_characters() {
    let node = Node::start();
    let long = "a".repeat(1 << 20);
    let many = "X-A: b\r\n".repeat(100_000);
    for request in [
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\nCookie: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
        "GET / HTTP/1.1\r\nHost: x\r\nCookie: a\0b\r\n\r\n".to_owned(),
        "GET /\u{1} HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
    ] {
        let told = talk(&node, request.as_bytes());
        assert!(told.is_empty() || (400..500).contains(&status(&told)), "{request:.40}: {told:.300}");
    }
    assert_well(&node);
}

#[test]
fn who_never_ends_a_head_is_hung_up_on_and_holds_up_nobody() {
    let node = Node::start();
    let mut slow: Vec<_> = (0..200).map(|_| connect(&node)).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
    }
    assert_well(&node);
    let told: Vec<_> = slow.iter_mut().map(answer).collect();
    assert!(told.iter().all(|told| told.is_empty() || status(told) == 408), "{told:?}");
}

#[test]
fn no_address_leads_out_of_what_there_is() {
    let node = Node::start();
    let token = node.token();
    for path in [
        "/assets/../admin.token",
        "/assets/..%2f..%2fadmin.token",
        "/assets/%2e%2e/%2e%2e/admin.token",
        "/api/docs/../../../../etc/passwd",
        "/api/docs/..%2f..%2f..%2fetc%2fpasswd",
        "/runs/..%2f..%2fadmin.token/log.txt",
        "/api/v1/runs/..%2f..%2f..%2fadmin.token/log",
        "/../../../../etc/passwd",
        "//etc/passwd",
    ] {
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n");
        let told = talk(&node, head.as_bytes());
        assert!((300..500).contains(&status(&told)), "{path}: {told:.300}");
        assert!(!told.contains(&token) && !told.contains("root:"), "{path}: {told:.300}");
    }
}
