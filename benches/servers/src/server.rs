//! A server that runs for as long as its value lives.

use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::error::Error;
use crate::guardian::Guardian;
use crate::kind::{Encryption, Kind, Place};
use crate::network::free_port;
use crate::process::{send, signal_family};

/// How long a server may take to get ready: the first start of a database on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// One throwaway server.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    place: Place,
    running: Option<Running>,
    /// Removed after the server has ended.
    _folder: TempDir,
}

#[derive(Debug)]
struct Running {
    child: Child,
    _guardian: Guardian,
}

impl Server {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// When its program is missing, or it does not get ready.
    pub fn start(kind: Kind) -> Result<Self, Error> {
        Self::start_with(kind, &[])
    }

    /// The same with further arguments for the program.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(kind: Kind, extra: &[&str]) -> Result<Self, Error> {
        Self::launch(kind, extra, None)
    }

    /// The same, and it speaks TLS only.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_encrypted(kind: Kind, extra: &[&str], encryption: Encryption) -> Result<Self, Error> {
        Self::launch(kind, extra, Some(encryption))
    }

    fn launch(kind: Kind, extra: &[&str], encryption: Option<Encryption>) -> Result<Self, Error> {
        let folder = tempfile::Builder::new()
            .prefix("cronbus-server-")
            .tempdir()
            .map_err(Error::system("make a folder for a server"))?;
        let place = Place {
            port: free_port()?,
            inner_port: free_port()?,
            plain_port: free_port()?,
            encryption,
            folder: folder.path().to_owned(),
            extra: extra.iter().map(|argument| (*argument).to_owned()).collect(),
        };
        kind.prepare(&place)?;
        let mut server = Self { kind, place, running: None, _folder: folder };
        server.start_again()?;
        Ok(server)
    }

    /// The URL by which cronbus reaches it, where it speaks no TLS.
    #[must_use]
    pub fn url(&self) -> String {
        self.kind.url(self.place.port)
    }

    /// Where it listens, on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.place.port
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its process; absent while it does not run.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(|running| running.child.id())
    }

    /// What it has printed.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.place.at("log")
    }

    /// Ends it at once, as a crash would.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn kill(&mut self) -> Result<(), Error> {
        self.end(Signal::SIGKILL)
    }

    /// Asks it to end, and waits for that.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn stop(&mut self) -> Result<(), Error> {
        // PostgreSQL waits for its clients to leave after SIGTERM; SIGINT sends them away.
        self.end(if self.kind == Kind::PostgreSql { Signal::SIGINT } else { Signal::SIGTERM })
    }

    /// Starts it on the same port with the same data, if it does not run.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn start_again(&mut self) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        while !self.is_ready()? {
            if Instant::now() > deadline {
                return Err(self.not_ready());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Stops its processes where they are: to its clients it hangs.
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

    fn signal(&self, signal: Signal) -> Result<(), Error> {
        self.pid().map_or(Ok(()), |pid| signal_family(pid, signal))
    }

    /// Starts the program unless it runs, and says whether it answers. One that ended is started anew: after a crash
    /// PostgreSQL refuses to start until the last of its old helpers has noticed.
    fn is_ready(&mut self) -> Result<bool, Error> {
        let ended = match &mut self.running {
            Some(running) => running.child.try_wait().map_err(Error::system("look after a server"))?.is_some(),
            None => true,
        };
        if ended {
            self.running = Some(self.spawn()?);
        }
        Ok(self.kind.is_ready(&self.place))
    }

    fn spawn(&self) -> Result<Running, Error> {
        let child = self
            .kind
            .command(&self.place)?
            .stdin(Stdio::null())
            .stdout(self.log_file()?)
            .stderr(self.log_file()?)
            .process_group(0)
            .spawn()
            .map_err(Error::system("start a server"))?;
        let guardian =
            Guardian::over(child.id(), &self.place.folder).map_err(Error::system("start the guardian of a server"))?;
        Ok(Running { child, _guardian: guardian })
    }

    fn log_file(&self) -> Result<File, Error> {
        OpenOptions::new().create(true).append(true).open(self.log()).map_err(Error::system("open the log of a server"))
    }

    fn end(&mut self, signal: Signal) -> Result<(), Error> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        let pid = running.child.id();
        match signal {
            Signal::SIGKILL => signal_family(pid, signal)?,
            _ => send(pid, signal)?,
        }
        // A frozen one hears nothing else before it goes on.
        signal_family(pid, Signal::SIGCONT)?;
        running.child.wait().map_err(Error::system("wait for a server to end"))?;
        Ok(())
    }

    fn not_ready(&self) -> Error {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(20).collect();
        let tail = lines.into_iter().rev().collect::<Vec<_>>().join("\n");
        Error::NotReady { what: self.kind.name(), seconds: PATIENCE.as_secs(), log: self.log(), tail }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.kill();
    }
}
