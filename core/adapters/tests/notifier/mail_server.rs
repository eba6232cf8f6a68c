//! A real mail server, as a process.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// Where Debian's package of the server puts it.
const PYTHON: &str = "/usr/bin/python3";

/// How long a mail may take from the client's success to here.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct MailServer {
    process: Child,
    /// It ends when this is closed.
    _life: ChildStdin,
    mails: Receiver<Value>,
    pub port: u64,
}

/// A mail that the server took.
pub struct Taken(pub Value);

impl MailServer {
    /// `mode` is starttls, tls or plain.
    pub fn start(mode: &str, identity: Option<(&Path, &Path)>) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notifier/mail_server.py");
        let mut command = Command::new(PYTHON);
        command.args(["-W", "ignore"]).arg(script).arg(mode).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some((certificate, key)) = identity {
            command.arg(certificate).arg(key);
        }
        let mut process = command.spawn().expect("python3 must be there: run .ci/install-tools servers");
        let (life, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let (sender, mails) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        let hint = "the mail server must start: it is Debian's python3-aiosmtpd, see .ci/install-tools servers";
        let first: Value = mails.recv_timeout(PATIENCE).expect(hint);
        Self { process, _life: life, mails, port: first["port"].as_u64().unwrap() }
    }

    pub fn next(&self) -> Taken {
        Taken(self.mails.recv_timeout(PATIENCE).expect("a mail should have come"))
    }

    /// Whether nothing came that was not asked for with [`Self::next`]. The server writes before it answers, so what a
    /// client knows to be taken is on its way here.
    pub fn has_nothing(&self) -> bool {
        self.mails.try_recv().is_err()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self._life.flush();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Taken {
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.0["headers"].as_array().unwrap();
        let mut found = headers.iter().filter(|pair| pair[0] == name);
        let first = found.next()?;
        assert!(found.next().is_none(), "{name} stands twice");
        first[1].as_str()
    }

    pub fn part(&self, kind: &str) -> &str {
        self.0["parts"][kind].as_str().unwrap()
    }

    pub fn to(&self) -> Vec<&str> {
        self.0["to"].as_array().unwrap().iter().map(|to| to.as_str().unwrap()).collect()
    }
}
