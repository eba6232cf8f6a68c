//! A cluster, jobs on it that do as they are told, and people who follow their logs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use cronbus_servers::{Cluster, Kind, NodePlan, Plan};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::wait_for;

/// Short, so that nobody waits long for a host that died.
const LEASE: Duration = Duration::from_secs(3);

/// Each half of it is little, so that a flood is cut early.
const CONFIGURATION: &str = "[executor]\nslots = 16\nkill_grace = \"2s\"\noutput_limit = \"64KiB\"\n";

/// What secrets are sealed with. Those who execute do not have it.
pub(crate) const SECRETS_KEY: &str = "5ec3e75ec3e75ec3e75ec3e75ec3e75ec3e75ec3e75ec3e75ec3e75ec3e75ec3";

pub(crate) struct Stage {
    pub(crate) cluster: Cluster,
    folder: TempDir,
}

impl Stage {
    pub(crate) fn open() -> Self {
        let mut deciders =
            [NodePlan::new("decider", &["scheduler", "dispatcher", "monitor"]), NodePlan::new("web", &["web"])];
        deciders.iter_mut().for_each(|node| node.configuration = format!("[secrets]\nkey = \"{SECRETS_KEY}\"\n"));
        let executors = ["red", "blue"].map(|name| NodePlan::new(name, &["executor"]));
        let nodes = deciders.into_iter().chain(executors).collect();
        let mut plan = Plan::new(PathBuf::from(env!("CARGO_BIN_EXE_cronbus")), Kind::PostgreSql, nodes);
        plan.configuration = CONFIGURATION.to_owned();
        plan.lease = LEASE;
        Self { cluster: Cluster::start(plan).unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    /// A file that a run looks for.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Lets a run that waits for a file go on.
    pub(crate) fn release(&self, name: &str) {
        std::fs::write(self.file(name), "").unwrap();
    }

    /// Shell words that wait for a file.
    pub(crate) fn until(&self, name: &str) -> String {
        format!("while [ ! -e {} ]; do sleep 0.02; done", self.file(name).display())
    }

    /// Has a host run a command; returns the run.
    pub(crate) fn run(&self, host: &str, name: &str, shell: &str) -> String {
        let target = format!("target={{ node = \"{host}\" }}");
        self.ask(&["job", "add", name, "--shell", shell, "--set", &target]);
        self.ask(&["job", "run", name]).trim().to_owned()
    }

    pub(crate) fn try_ask(&self, words: &[&str]) -> Output {
        self.cluster.ask(words).unwrap()
    }

    pub(crate) fn ask(&self, words: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.try_ask(words);
        assert!(status.success(), "{words:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    pub(crate) fn wait_for_state(&self, run: &str, state: &str) {
        wait_for(state, || {
            let shown = self.try_ask(&["run", "show", run, "--json"]);
            let shown: Value = serde_json::from_slice(&shown.stdout).ok()?;
            (shown["state"] == state).then_some(())
        });
    }

    /// `run logs -f`, as somebody else does it meanwhile.
    pub(crate) fn follow(&self, run: &str) -> Follower {
        let token = std::fs::read_to_string(self.cluster.token_file()).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_cronbus"))
            .args(["run", "logs", "-f", run])
            .env_clear()
            .env("CRONBUS_SERVER", self.cluster.address().unwrap())
            .env("CRONBUS_TOKEN", token.trim())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Follower::of(child.unwrap())
    }

    /// Hears what is sent of a run's log to NATS.
    pub(crate) fn ear(&self, run: &str) -> Ear {
        let mut stream = TcpStream::connect(("127.0.0.1", self.cluster.nats.port())).unwrap();
        write!(stream, "CONNECT {{\"verbose\":false}}\r\nSUB cronbus.v1.log.{run} 1\r\nPING\r\n").unwrap();
        let mut ear = Ear(BufReader::new(stream));
        ear.wait_for("PONG");
        ear
    }
}

/// One who follows a log.
pub(crate) struct Follower {
    child: Child,
    lines: Receiver<String>,
}

impl Follower {
    fn of(mut child: Child) -> Self {
        let (told, lines) = channel();
        let stdout: ChildStdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            // Nobody may listen any more.
            BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| told.send(line))
        });
        Self { child, lines }
    }

    /// Waits for this line, and says which came before it.
    pub(crate) fn sees(&self, line: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            let seen = self.lines.recv_timeout(Duration::from_secs(120));
            let seen = seen.unwrap_or_else(|error| panic!("`{line}` was not seen: {error}; before it {before:?}"));
            if seen == line {
                return before;
            }
            before.push(seen);
        }
    }

    /// Waits for the end; the rest of the lines, and what was said beside the log.
    pub(crate) fn ends(mut self) -> (Vec<String>, String) {
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert!(self.child.wait().unwrap().success(), "{stderr}");
        (self.lines.iter().collect(), stderr)
    }
}

/// A client of NATS that knows nothing of cronbus.
pub(crate) struct Ear(BufReader<TcpStream>);

impl Ear {
    /// Waits for a line that begins so.
    pub(crate) fn wait_for(&mut self, word: &str) {
        let mut line = Vec::new();
        while !line.starts_with(word.as_bytes()) {
            line.clear();
            assert!(self.0.read_until(b'\n', &mut line).unwrap() > 0, "NATS closed the connection");
        }
    }
}
