//! Bodies: too large, without an end, small until they are unpacked, or nested without a bottom.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::raw::{answer, assert_well, connect, peak, status, talk};
use crate::support::Node;

/// What a node may need more for all of these than before them: far less than any of them would fill.
const MARGIN: u64 = 96 << 20;

fn post(node: &Node, path: &str, headers: &str, body: &[u8]) -> String {
    let token = node.token();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n{headers}\r\n"
    );
    talk(node, &[head.as_bytes(), body].concat())
}

/// 300 MB of blanks, packed by a thousand.
fn bomb() -> Vec<u8> {
    let line = "head -c 300000000 /dev/zero | tr '\\0' ' ' | gzip -1";
    let output = Command::new("sh").args(["-c", line]).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success() && output.stdout.len() < (4 << 20), "{}", output.stdout.len());
    output.stdout
}

#[test]
fn no_body_fills_the_memory() {
    let node = Node::start();
    assert_well(&node);
    let before = peak(&node);

    let told = post(&node, "/api/v1/apply", "Content-Length: 10000000000\r\n", b"x");
    assert_eq!(status(&told), 413, "a length that is too large is enough: {told}");
    let packed = bomb();
    let headers =
        format!("Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n", packed.len());
    assert_eq!(status(&post(&node, "/api/v1/apply", &headers, &packed)), 413, "unpacked, it is too large");
    let login = format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n", packed.len());
    assert_eq!(status(&post(&node, "/login", &login, &packed)), 413, "nor where nobody has signed in");
    endless(&node);

    assert_well(&node);
    let grown = peak(&node) - before;
    assert!(grown < MARGIN, "the node needed {} MB more", grown >> 20);
}

/// A body of chunks that says nowhere how long it is.
fn endless(node: &Node) {
    let mut stream = connect(node);
    let head = format!(
        "POST /api/v1/apply HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer {}\r\n\r\n",
        node.token()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"100000\r\n".as_slice(), &[b' '; 0x10_0000], b"\r\n"].concat();
    // 256 MB of a body that may have 4 MiB.
    let _ = (0..256).try_for_each(|_| stream.write_all(&chunk));
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let told = answer(&mut stream);
    assert!(told.is_empty() || status(&told) == 413, "{told}");
}

#[test]
fn no_nesting_exhausts_the_stack() {
    let node = Node::start();
    let deep = 1_000_000;
    let laughs = (1..30).map(|level| {
        let former = format!("*a{}, ", level - 1).repeat(9);
        format!("a{level}: &a{level} [{}]\n", former.trim_end_matches(", "))
    });
    let laughs: String = std::iter::once("a0: &a0 [ha]\n".to_owned()).chain(laughs).collect();
    for (kind, body) in [
        ("application/json", "[".repeat(deep)),
        ("application/json", "{\"a\":".repeat(deep)),
        ("application/json", format!("{}1{}", "[".repeat(deep), "]".repeat(deep))),
        ("application/toml", format!("a = {}", "[".repeat(deep))),
        ("application/toml", format!("a{} = 1", ".a".repeat(deep))),
        ("application/toml", format!("[{}a]", "a.".repeat(deep))),
        ("application/yaml", "[".repeat(deep)),
        ("application/yaml", "- ".repeat(deep)),
        ("application/yaml", laughs),
    ] {
        let headers = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        let told = post(&node, "/api/v1/apply", &headers, body.as_bytes());
        assert!((400..500).contains(&status(&told)), "{kind} {:.20}: {told:.500}", body);
        assert_well(&node);
    }
}
