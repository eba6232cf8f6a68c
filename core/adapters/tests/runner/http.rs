//! HTTP calls against a small server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cronbus_core::job::Command;
use cronbus_core::job::command::Http;
use cronbus_core::port::log::Stream;
use cronbus_core::port::runner::Stop;
use cronbus_core::run::Ending;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{LIMITS, Limits, begin, eventually, run_command, runner};

/// Answers every connection with the same bytes and keeps what was asked.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn answering(answer: impl Into<Vec<u8>>, is_held_open: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<[u8]> = answer.into().into();
        let requests = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&answer), Arc::clone(&requests), is_held_open));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answer: Arc<[u8]>, asked: Arc<Mutex<Vec<String>>>, is_held_open: bool) {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    while !is_whole(&request) {
        let count = stream.read(&mut part).await.unwrap();
        if count == 0 {
            return;
        }
        request.extend_from_slice(&part[..count]);
    }
    asked.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    let _ = stream.write_all(&answer).await;
    if is_held_open {
        std::future::pending::<()>().await;
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn get(url: &str) -> Http {
    serde_json::from_value(serde_json::json!({ "url": url })).unwrap()
}

const OK: &str = "HTTP/1.1 200 OK\r\nX-Kind: small\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";

#[tokio::test]
async fn the_response_is_the_log() {
    let server = Server::answering(OK, false).await;
    let running = begin(&runner(), Command::Http(get(&server.address)), LIMITS);
    let run = running.run;
    let (outcome, kept) = running.outcome().await;
    assert_eq!((outcome.ending, outcome.exit_code), (Ending::Succeeded, Some(200)), "{}", outcome.reason);
    assert!(outcome.started_at.is_some() && outcome.usage.is_none());
    assert_eq!(kept.text(Stream::Stdout), "hello");
    assert_eq!(outcome.output.bytes, 5);
    let head = kept.text(Stream::System);
    assert!(head.starts_with("HTTP/1.1 200 OK\n") && head.contains("\nx-kind: small\n"), "{head}");
    let request = server.asked()[0].to_ascii_lowercase();
    assert!(request.starts_with("get / http/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("\r\nidempotency-key: {run}\r\n")), "{request}");
    assert!(request.contains("\r\nuser-agent: cronbus/"), "{request}");
}

#[tokio::test]
async fn method_headers_and_body_are_sent_with_values_filled_in() {
    let server = Server::answering(OK, false).await;
    let http = Http {
        method: "PUT".to_owned(),
        headers: BTreeMap::from([
            ("Idempotency-Key".to_owned(), "mine-{{attempt}}".to_owned()),
            ("User-Agent".to_owned(), "mine".to_owned()),
            ("content-type".to_owned(), "application/problem+json; charset=utf-8".to_owned()),
        ]),
        body: "{\"attempt\": {{attempt}}, \"day\": {{due_date}}}".to_owned(),
        ..get(&format!("{}/path?attempt={{{{attempt}}}}&at={{{{due_at}}}}", server.address))
    };
    let (outcome, _) = run_command(Command::Http(http)).await;
    assert_eq!(outcome.ending, Ending::Succeeded, "{}", outcome.reason);
    let request = server.asked()[0].clone();
    let (line, _) = request.split_once("\r\n").unwrap();
    assert!(line.starts_with("PUT /path?attempt=2&at=") && line.contains("%3A") && !line.contains(":"), "{line}");
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert!(body["attempt"] == 2 && body["day"].is_string(), "{body}");
    let lower = request.to_ascii_lowercase();
    assert!(
        lower.contains("\r\nidempotency-key: mine-2\r\n") && lower.contains("\r\nuser-agent: mine\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn only_expected_statuses_succeed() {
    let server =
        Server::answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false).await;
    let (outcome, _) = run_command(Command::Http(get(&server.address))).await;
    assert_eq!((outcome.ending, outcome.exit_code), (Ending::Failed, Some(404)));
    assert_eq!(outcome.reason, "status 404 is none of the expected: 200-299");
    let expect_status = serde_json::from_str("[\"404\"]").unwrap();
    let (outcome, _) = run_command(Command::Http(Http { expect_status, ..get(&server.address) })).await;
    assert_eq!(outcome.ending, Ending::Succeeded);
}

#[tokio::test]
async fn redirects_are_followed_as_far_as_allowed() {
    let target = Server::answering(OK, false).await;
    let moved = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        target.address
    );
    let server = Server::answering(moved, false).await;
    let (outcome, _) = run_command(Command::Http(get(&server.address))).await;
    assert_eq!(outcome.exit_code, Some(200), "{}", outcome.reason);
    let (outcome, _) = run_command(Command::Http(Http { max_redirects: 0, ..get(&server.address) })).await;
    assert_eq!(outcome.exit_code, Some(302), "{}", outcome.reason);
    let endless =
        Server::answering("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false)
            .await;
    let (outcome, _) = run_command(Command::Http(get(&endless.address))).await;
    assert!(outcome.ending == Ending::Failed && outcome.reason.contains("redirect"), "{}", outcome.reason);
}

#[tokio::test]
async fn a_waiting_call_can_be_stopped() {
    for (answer, exit_code) in [("", None), ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart", Some(200))] {
        let server = Server::answering(answer, true).await;
        let running = begin(&runner(), Command::Http(get(&server.address)), LIMITS);
        if exit_code.is_some() {
            running.printed("part").await;
        } else {
            eventually("the call has come", || !server.asked().is_empty()).await;
        }
        running.stop.send(Stop::TimedOut).unwrap();
        let (outcome, _) = running.outcome().await;
        assert_eq!((outcome.ending, outcome.exit_code), (Ending::TimedOut, exit_code), "{}", outcome.reason);
    }
}

#[tokio::test]
async fn trouble_is_explained() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let broken = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart", false).await;
    let (bad_method, bad_header) = (get(&closed), get(&closed));
    for (http, part) in [
        (get(&closed), "refused"),
        (get(&broken.address), "broke off"),
        (get("ftp://x/"), "`ftp:` cannot be called"),
        (get("no url"), "could not be started: url"),
        (Http { method: "A B".to_owned(), ..bad_method }, "is not an HTTP method"),
        (Http { headers: BTreeMap::from([("A".to_owned(), "b\nc".to_owned())]), ..bad_header }, "cannot hold"),
    ] {
        let (outcome, kept) = run_command(Command::Http(http)).await;
        assert_eq!(outcome.ending, Ending::Failed);
        assert!(outcome.reason.contains(part), "{part}: {}", outcome.reason);
        assert!(kept.text(Stream::System).contains(&outcome.reason));
    }
}

#[tokio::test]
async fn a_large_response_keeps_head_and_tail() {
    let body = format!("begin{}end", "x".repeat(3_000_000));
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let server = Server::answering(answer, false).await;
    let limits = Limits { output: 1000, ..LIMITS };
    let (outcome, kept) = begin(&runner(), Command::Http(get(&server.address)), limits).outcome().await;
    assert!(outcome.output.truncated && outcome.output.bytes == body.len() as u64, "{outcome:?}");
    let text = kept.text(Stream::Stdout);
    assert!(text.len() == 1000 && text.starts_with("beginx") && text.ends_with("xend"));
}
