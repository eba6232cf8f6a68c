//! The old process: its successor, from the start of that to its being the node.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::channel::{Channel, Heard, Talk};
use super::estate::Estate;
use super::message::{Message, PROTOCOL, RUNS, Stay};
use super::new::VARIABLE;

/// How long a process that is ready may take to be the node.
const GOING: Duration = Duration::from_secs(30);

/// How often, and at which distance, it is looked how a process ended that says nothing more.
const LOOKS: u32 = 20;
const LOOK: Duration = Duration::from_millis(20);

/// A process that shall be the node. Dropped before it is, it is ended.
#[derive(Debug)]
pub(in crate::node) struct Successor {
    // Dropped first: one that lives would take this process for dead.
    child: Bound,
    talk: Talk,
    /// Its number.
    pub(in crate::node) pid: u32,
    /// The version of its executable.
    pub(in crate::node) version: String,
}

impl Successor {
    /// Starts an executable with this process's own words and waits until it could be the node.
    ///
    /// # Errors
    /// Why it cannot: it could not be started, ended, gave up, or was not ready within `limit`.
    pub(in crate::node) async fn prepare(executable: &Path, estate: &Estate, limit: Duration) -> Result<Self> {
        let (ours, theirs) = Channel::pair()?;
        let child = start(executable, theirs)?;
        let (pid, child) = (child.id(), Bound(Some(child)));
        let talk = Talk::new(ours).context("the new process cannot be heard")?;
        let mut successor = Self { talk, child, pid, version: String::new() };
        match tokio::time::timeout(limit, successor.get_ready(estate)).await {
            Ok(Ok(())) => Ok(successor),
            Ok(Err(error)) => Err(error),
            Err(_) => bail!("it was not ready within {limit:?} (node.upgrade_timeout)"),
        }
    }

    async fn get_ready(&mut self, estate: &Estate) -> Result<()> {
        // Before it is asked for: descriptors on their way outlive a process that is killed now, and nobody is refused then.
        let (state, descriptors) = estate.said();
        // One that is gone may have said why.
        let _ = self.talk.say(&state, &descriptors).await;
        match self.hear().await? {
            Message::Hello { protocol: PROTOCOL, version } => self.version = version,
            Message::Hello { protocol, version } => bail!(
                "version {version} hands over in another way ({protocol}, this one {PROTOCOL}): it needs a restart"
            ),
            Message::Abort { reason } => bail!("{reason}"),
            other => bail!("it said `{}` instead of `hello`", other.name()),
        }
        match self.hear().await? {
            Message::Ready => Ok(()),
            Message::Abort { reason } => bail!("version {}: {reason}", self.version),
            other => bail!("it said `{}` instead of `ready`", other.name()),
        }
    }

    async fn hear(&mut self) -> Result<Message> {
        match self.talk.hear().await.context("what it said could not be understood")? {
            Some(Heard { message, .. }) => Ok(message),
            None => bail!("it ended before it was ready{}", self.how_it_ended().await),
        }
    }

    async fn how_it_ended(&mut self) -> String {
        for _ in 0..LOOKS {
            if let Some(Ok(Some(status))) = self.child.0.as_mut().map(Child::try_wait) {
                return format!(" ({status})");
            }
            tokio::time::sleep(LOOK).await;
        }
        String::new()
    }

    /// This process does nothing any more: the other is the node. Returns once that does everything.
    ///
    /// # Errors
    /// When it does not.
    pub(super) async fn go(&mut self, staying: &[Stay]) -> Result<()> {
        for runs in staying.chunks(RUNS) {
            self.talk.say(&Message::Stays { runs: runs.to_vec() }, &[]).await.context("it is gone")?;
        }
        self.talk.say(&Message::Go, &[]).await.context("it is gone")?;
        match tokio::time::timeout(GOING, self.hear()).await {
            Ok(heard) => match heard? {
                Message::Up => Ok(()),
                other => bail!("it said `{}` instead of `up`", other.name()),
            },
            Err(_) => bail!("it did not come up within {GOING:?}"),
        }
    }

    /// It is the node for all the world. What follows are the ends of what stayed here.
    pub(super) async fn farewell(mut self) -> Talk {
        self.child.0 = None;
        // One that is gone already is noticed by whoever talks to it.
        let _ = self.talk.say(&Message::Farewell, &[]).await;
        self.talk
    }
}

/// A child that ends with this.
#[derive(Debug)]
struct Bound(Option<Child>);

impl Drop for Bound {
    fn drop(&mut self) {
        let Some(child) = &mut self.0 else { return };
        if let Err(error) = child.kill().and_then(|()| child.wait()) {
            tracing::warn!(%error, process = child.id(), "a process that was to succeed this one could not be ended");
        }
    }
}

/// With the words and the environment of this process.
fn start(executable: &Path, channel: OwnedFd) -> Result<Child> {
    let started = Command::new(executable)
        .args(std::env::args_os().skip(1))
        .env(VARIABLE, std::process::id().to_string())
        .stdin(channel)
        .spawn();
    started.with_context(|| format!("{} could not be started", executable.display()))
}
