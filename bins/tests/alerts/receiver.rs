//! A server that takes what a channel of kind webhook sends, or refuses it for now.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// Where messages arrive.
pub(crate) struct Receiver {
    port: u16,
    got: Arc<Mutex<Vec<Value>>>,
    refuses: Arc<AtomicBool>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (got, refuses) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (taking, refusing) = (Arc::clone(&got), Arc::clone(&refuses));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = answer(stream, &taking, &refusing);
            }
        });
        Self { port, got, refuses }
    }

    /// Whether it is away from now on: it answers that it cannot take anything.
    pub(crate) fn refuses(&self, refuses: bool) {
        self.refuses.store(refuses, SeqCst);
    }

    /// The channel `hook`, in a configuration file.
    pub(crate) fn channel(&self) -> String {
        let url = format!("http://127.0.0.1:{}/", self.port);
        format!("[alerts.channel.hook]\nkind = \"webhook\"\nurl = \"{url}\"\nallow_private = true\n")
    }

    /// What it took, in order.
    pub(crate) fn got(&self) -> Vec<Value> {
        self.got.lock().unwrap().clone()
    }
}

fn answer(stream: TcpStream, got: &Mutex<Vec<Value>>, refuses: &AtomicBool) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let status = if refuses.load(SeqCst) {
        "503 Service Unavailable"
    } else {
        got.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
        "200 OK"
    };
    write!(&stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}
