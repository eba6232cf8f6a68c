//! One node of a cluster: a process that can be killed, frozen, cut off and started again.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::plan::NodePlan;
use crate::error::Error;
use crate::guardian::Guardian;
use crate::kind::Kind;
use crate::outlived;
use crate::process::{self, send};
use crate::proxy::{Direction, Proxy};

/// A node.
#[derive(Debug)]
pub struct Node {
    plan: NodePlan,
    executable: PathBuf,
    folder: PathBuf,
    proxies: BTreeMap<&'static str, Proxy>,
    running: Option<Running>,
}

/// A node's process, and whoever ends it with this one.
#[derive(Debug)]
struct Running {
    /// The process that was started; it may have ended.
    child: Child,
    /// The process that it goes on in, if it does in another.
    successor: Option<u32>,
    _guardian: Guardian,
}

impl Running {
    fn pid(&self) -> u32 {
        self.successor.unwrap_or_else(|| self.child.id())
    }

    /// How it ended, if it has. Of a process that another has started only that is known.
    fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        let of_child = self.child.try_wait()?;
        match self.successor {
            Some(successor) => Ok((!process::lives(successor)).then(|| ExitStatus::from_raw(UNKNOWN))),
            None => Ok(of_child),
        }
    }
}

/// The status word of an end of which nothing is known: exit code 1.
const UNKNOWN: i32 = 1 << 8;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// How long a node may take to go on in another process.
const UPGRADE: Duration = Duration::from_secs(90);

impl Node {
    /// A node that is not started yet. `configuration` is all of its file.
    pub(super) fn new(
        plan: NodePlan,
        executable: &Path,
        folder: PathBuf,
        configuration: &str,
        proxies: BTreeMap<&'static str, Proxy>,
    ) -> Result<Self, Error> {
        let system = Error::system("write the configuration of a node");
        std::fs::create_dir_all(&folder).map_err(&system)?;
        std::fs::write(folder.join("cronbus.toml"), configuration).map_err(&system)?;
        Ok(Self { plan, executable: executable.to_owned(), folder, proxies, running: None })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// What it was planned to be.
    #[must_use]
    pub const fn plan(&self) -> &NodePlan {
        &self.plan
    }

    /// Its process; absent while it does not run.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(Running::pid)
    }

    /// Its configuration.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.folder.join("cronbus.toml")
    }

    /// What it writes to its standard error.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The same, as text.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Where it keeps its spool and whatever else is its own.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Where its web listens, once it does: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        self.told("address")
    }

    /// Where it answers for its health alone, once it does. Only where it has no web.
    #[must_use]
    pub fn health_address(&self) -> Option<String> {
        self.told("health")
    }

    /// What it says of itself in its data directory; nothing where that is empty.
    fn told(&self, what: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.data().join("node.json")).ok()?;
        let told = text.split_once(&format!("\"{what}\""))?.1.split('"').nth(1)?;
        (!told.is_empty()).then(|| told.to_owned())
    }

    /// Starts it, without waiting for anything.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn launch(&mut self) -> Result<(), Error> {
        let _stale = std::fs::remove_file(self.data().join("node.json"));
        let system = Error::system("start a node");
        let log = File::options().create(true).append(true).open(self.log_file()).map_err(&system)?;
        let child = Command::new(&self.executable)
            .args(["node", "--config"])
            .arg(self.config_file())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0)
            .spawn()
            .map_err(&system)?;
        let guardian = Guardian::over(child.id(), self.folder.parent().unwrap_or(&self.folder)).map_err(&system)?;
        self.running = Some(Running { child, successor: None, _guardian: guardian });
        Ok(())
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, Error> {
        let Some(running) = &mut self.running else { return Ok(None) };
        running.ended().map_err(Error::system("look after a node"))
    }

    /// Has it go on in a process of its executable's file, and waits for that.
    ///
    /// # Errors
    /// When it cannot be signalled, or no other process took over.
    pub fn upgrade(&mut self) -> Result<(), Error> {
        self.signal(Signal::SIGUSR2)?;
        let deadline = Instant::now() + UPGRADE;
        while Instant::now() < deadline {
            let text = std::fs::read_to_string(self.data().join("node.lock")).unwrap_or_default();
            if let Some(running) = &mut self.running
                && let Some(Ok(pid)) = text.lines().next().map(str::parse)
                && pid != running.pid()
            {
                running.successor = Some(pid);
                return Ok(());
            }
            std::thread::sleep(LOOK);
        }
        let tail = format!("{}: {}", self.name(), self.log());
        Err(Error::NotReady { what: "a new process", seconds: UPGRADE.as_secs(), log: self.log_file(), tail })
    }

    /// Ends it as a crash would. What it executes goes on.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn kill(&mut self) -> Result<(), Error> {
        self.end(Signal::SIGKILL).map(drop)
    }

    /// Asks it to end and waits for that.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn stop(&mut self) -> Result<Option<ExitStatus>, Error> {
        self.end(Signal::SIGTERM)
    }

    /// Stops it where it is; what it executes goes on.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn freeze(&self) -> Result<(), Error> {
        self.signal(Signal::SIGSTOP)
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn thaw(&self) -> Result<(), Error> {
        self.signal(Signal::SIGCONT)
    }

    /// Cuts it off from every server. Only where the plan has proxies.
    pub fn cut(&self) {
        self.proxies.values().for_each(Proxy::cut);
    }

    /// Cuts it off from the servers of a kind, one way.
    pub fn cut_one_way(&self, kind: Kind, direction: Direction) {
        if let Some(proxy) = self.proxies.get(kind.name()) {
            proxy.cut_one_way(direction);
        }
    }

    /// Lets everything through again.
    pub fn heal(&self) {
        self.proxies.values().for_each(Proxy::heal);
    }

    fn signal(&self, signal: Signal) -> Result<(), Error> {
        self.pid().map_or(Ok(()), |pid| send(pid, signal))
    }

    fn end(&mut self, signal: Signal) -> Result<Option<ExitStatus>, Error> {
        let Some(mut running) = self.running.take() else { return Ok(None) };
        send(running.pid(), signal)?;
        send(running.pid(), Signal::SIGCONT)?;
        loop {
            let ended = running.ended().map_err(Error::system("wait for a node to end"))?;
            if ended.is_some() {
                return Ok(ended);
            }
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ended = self.kill();
        outlived::end_all(&self.data());
    }
}
