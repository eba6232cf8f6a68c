//! The new process: how it comes to be the node.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use cronbus_core::id::RunId;
use cronbus_core::run::Outcome;
use tokio::sync::{mpsc, oneshot};

use super::channel::{Channel, Talk};
use super::estate::Estate;
use super::message::{Message, PROTOCOL, Why};
use super::staying::{Left, Staying, There};
use crate::service_manager::Manager;

/// The variable that holds the number of the process that started this one to succeed it.
pub(super) const VARIABLE: &str = "CRONBUS_SUCCEEDS";

/// How long the old process may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The process that is the node as yet.
#[derive(Debug)]
pub(in crate::node) struct Predecessor(Channel);

/// This process is the node now.
#[derive(Debug)]
pub(in crate::node) struct Began {
    /// Absent where the predecessor is gone already.
    talk: Option<Talk>,
    left: There,
    outcomes: HashMap<RunId, oneshot::Sender<Outcome>>,
    ends: mpsc::UnboundedReceiver<(RunId, Why)>,
}

impl Predecessor {
    /// The one that started this process to be succeeded by it; `None` when nobody did.
    ///
    /// # Errors
    /// When the standard input cannot be used.
    pub(in crate::node) fn of_environment() -> Result<Option<Self>> {
        let Some(pid) = std::env::var(VARIABLE).ok().and_then(|pid| pid.parse().ok()) else { return Ok(None) };
        // A node that is started again by hand may have the variable from long ago.
        let channel = Channel::of_standard_input(pid).context("the standard input cannot be used")?;
        Ok(channel.map(Self))
    }

    /// Gets what a node has, and says who is there.
    ///
    /// # Errors
    /// When the predecessor says something else.
    pub(in crate::node) fn greet(&self) -> Result<Estate> {
        let heard = self.0.hear(PATIENCE)?.context("the process that was to be succeeded ended at once")?;
        let hello = Message::Hello { protocol: PROTOCOL, version: env!("CARGO_PKG_VERSION").to_owned() };
        // One that is gone is noticed when this process is ready.
        let _ = self.0.say(&hello);
        Estate::heard(heard.message, heard.descriptors)
    }

    /// Without a manager of services nobody but this process could go on; with one, that starts the node again, and has to
    /// find its place free.
    fn is_gone() -> Result<()> {
        if Manager::of_environment().listens() {
            bail!("the process that was to be succeeded is gone: the service manager starts the node again");
        }
        tracing::warn!("the process that was to be succeeded is gone: this one goes on at once");
        Ok(())
    }

    /// Says why this process cannot be its successor.
    pub(in crate::node) fn give_up(&self, error: &anyhow::Error) {
        // Who does not hear it sees that this process ends.
        let _ = self.0.say(&Message::Abort { reason: format!("{error:#}") });
    }

    /// Says that this process could go on, and returns once it is the node.
    ///
    /// # Errors
    /// When the predecessor is gone and the service manager starts the node again, or says what is not expected.
    pub(in crate::node) async fn ready(self) -> Result<Began> {
        let (tell, ends) = mpsc::unbounded_channel();
        let left = There { runs: HashMap::new(), ends: Some(tell) };
        let mut began = Began { talk: None, left, outcomes: HashMap::new(), ends };
        let talk = Talk::new(self.0).context("the predecessor cannot be heard")?;
        if talk.say(&Message::Ready, &[]).await.is_err() {
            return Self::is_gone().map(|()| began);
        }
        loop {
            match talk.hear().await.context("what the predecessor said could not be understood")?.map(|one| one.message)
            {
                Some(Message::Stays { runs }) => {
                    runs.into_iter().for_each(|stay| began.takes_over(stay.run, |outcome| Left { stay, outcome }))
                }
                Some(Message::Go) => {
                    began.talk = Some(talk);
                    return Ok(began);
                }
                Some(other) => bail!("the predecessor said `{}` instead of `go`", other.name()),
                None => return Self::is_gone().map(|()| began),
            }
        }
    }
}

impl Began {
    /// For a process that is the node without a predecessor that lives.
    fn takes_over(&mut self, run: RunId, left: impl FnOnce(oneshot::Receiver<Outcome>) -> Left) {
        let (tell, outcome) = oneshot::channel();
        self.outcomes.insert(run, tell);
        self.left.runs.insert(run, left(outcome));
    }

    /// Has the ends of what stayed in the predecessor told to this runner.
    pub(in crate::node) fn inherit(&mut self, staying: &Staying) {
        staying.inherit(std::mem::take(&mut self.left));
    }

    /// Everything is done by this process. Returns once the predecessor has told the service manager so; goes on listening
    /// to it behind the caller's back for as long as something of this node stays there.
    ///
    /// # Errors
    /// When the predecessor is gone without having told, so that the service manager starts the node again.
    pub(in crate::node) async fn up(self) -> Result<()> {
        let Self { talk: Some(talk), outcomes, ends, .. } = self else { return Ok(()) };
        if talk.say(&Message::Up, &[]).await.is_err() {
            return Predecessor::is_gone();
        }
        let (tell, farewell) = oneshot::channel();
        actix_rt::spawn(listen(talk, outcomes, ends, tell));
        match tokio::time::timeout(PATIENCE, farewell).await {
            Ok(Err(_)) => Predecessor::is_gone(),
            // One that is only slow tells it later.
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }
}

/// Hears how runs end that stayed in the predecessor, and has them end, until that is gone. Whoever still waits then learns
/// that nobody will tell.
async fn listen(
    talk: Talk,
    mut outcomes: HashMap<RunId, oneshot::Sender<Outcome>>,
    mut ends: mpsc::UnboundedReceiver<(RunId, Why)>,
    farewell: oneshot::Sender<()>,
) {
    let mut farewell = Some(farewell);
    loop {
        let heard = tokio::select! {
            Some((run, why)) = ends.recv() => {
                let _ = talk.say(&Message::End { run, why }, &[]).await;
                continue;
            }
            heard = talk.hear() => heard,
        };
        match heard.map(|heard| heard.map(|heard| heard.message)) {
            Ok(Some(Message::Ended { run, outcome })) => {
                if let Some(tell) = outcomes.remove(&run) {
                    // Whoever waited may be gone.
                    let _ = tell.send(*outcome);
                }
            }
            Ok(Some(Message::Farewell)) => drop(farewell.take().map(|tell| tell.send(()))),
            Ok(Some(other)) => tracing::warn!("the predecessor said `{}`, which is not understood now", other.name()),
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "the predecessor cannot be understood any more");
                return;
            }
        }
    }
}
