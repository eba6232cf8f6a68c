//! The task that keeps this node registered and the roster current: one session after another, for as long as somebody
//! may still ask.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::port::membership::{Error, Member};
use etcd_client::{WatchResponse, WatchStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

use super::address::Address;
use super::entry::{Entered, Entry, set_state};
use super::lease::now;
use super::record::Record;
use super::roster::Roster;
use super::session::{Session, Trouble};
use super::shared::{Command, Manner, Shared, unreachable};

/// Between two sessions.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What this node has said of itself.
#[derive(Debug)]
struct Joined {
    record: Record,
    /// `None`: it was lost, and is to be had again.
    under: Option<Entered>,
}

/// Tells how the first try went.
pub(super) type FirstTry = oneshot::Sender<Result<(), Trouble>>;

/// The keeper.
pub(super) struct Keeper {
    address: Address,
    manner: Manner,
    shared: Arc<Shared>,
    commands: mpsc::Receiver<Command>,
    roster: Roster,
    joined: Option<Joined>,
    first_try: Option<FirstTry>,
}

impl Keeper {
    pub(super) fn new(
        address: Address,
        manner: Manner,
        shared: Arc<Shared>,
        commands: mpsc::Receiver<Command>,
        first_try: FirstTry,
    ) -> Self {
        let roster = Roster::default();
        Self { address, manner, shared, commands, roster, joined: None, first_try: Some(first_try) }
    }

    /// Works until nobody can ask any more, or the first try was refused.
    pub(super) async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        for attempt in 0_usize.. {
            let Err(trouble) = Box::pin(self.session(attempt)).await else { return };
            if self.roster.revision() > 0 && self.shared.watched.health().is_up() {
                pause = FIRST_PAUSE;
            }
            self.shared.watched.is_away(&trouble.to_string());
            let reason = trouble.to_string();
            self.tell_of_first_try(Err(trouble));
            if !self.refuse_for(pause, &reason).await {
                return;
            }
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    fn tell_of_first_try(&mut self, outcome: Result<(), Trouble>) {
        if let Some(first_try) = self.first_try.take() {
            // Who does not wait for it does not want to know.
            let _ = first_try.send(outcome);
        }
    }

    /// One session, to its end. `Ok` when nobody can ask any more.
    async fn session(&mut self, attempt: usize) -> Result<(), Trouble> {
        let mut session = Session::open(&self.address, attempt, self.manner.beat()).await?;
        let mut watch = self.look(&mut session).await?;
        self.beat(&mut session).await?;
        self.shared.watched.is_up();
        self.tell_of_first_try(Ok(()));
        let mut beats = tokio::time::interval(self.manner.beat());
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = beats.tick() => self.beat(&mut session).await?,
                message = watch.message() => self.hear(&mut session, &mut watch, message).await?,
                command = self.commands.recv() => match command {
                    Some(command) => self.obey(&mut session, &mut watch, command).await?,
                    None => return Ok(()),
                },
            }
        }
    }

    /// Reads everything, and begins to listen from there.
    async fn look(&mut self, session: &mut Session) -> Result<WatchStream, Trouble> {
        let (revision, records) = session.list().await?;
        let watch = session.watch(revision + 1).await?;
        self.roster.replace(revision, records);
        self.publish();
        Ok(watch)
    }

    async fn hear(
        &mut self,
        session: &mut Session,
        watch: &mut WatchStream,
        message: Result<Option<WatchResponse>, etcd_client::Error>,
    ) -> Result<(), Trouble> {
        let message = message?.ok_or_else(|| Trouble::Unwatched("the server closed it".to_owned()))?;
        match session.changes(&message)? {
            Some(changes) => {
                self.roster.apply(changes);
                self.publish();
            }
            None => {
                tracing::info!("membership: the register has forgotten what was to be heard; everything is read anew");
                *watch = self.look(session).await?;
            }
        }
        Ok(())
    }

    /// Shows the members, and notices when this node's own record is not its own any more.
    fn publish(&mut self) {
        let snapshot = self.roster.snapshot();
        self.shared.snapshot.send_if_modified(|shown| {
            let is_newer = snapshot.revision > shown.revision;
            if is_newer {
                shown.clone_from(snapshot);
            }
            is_newer
        });
        let Some(joined) = &mut self.joined else { return };
        let Some(under) = joined.under else { return };
        if self.roster.revision() < under.revision {
            return;
        }
        let standing = self.roster.record(joined.record.member.name.as_str());
        if let Some(standing) = standing.filter(|standing| standing.is_same_life(&joined.record)) {
            // Somebody may have said on this node's behalf that it takes no work.
            joined.record.member.state = standing.member.state;
        } else {
            tracing::error!(
                "membership: this node's record was taken out or replaced; it starts nothing until it is back"
            );
            joined.under = None;
            self.shared.lease.end();
        }
    }

    /// Renews the lease, or gets the name again; a node that has not joined sees whether the register answers.
    async fn beat(&mut self, session: &mut Session) -> Result<(), Trouble> {
        let Some(joined) = &mut self.joined else {
            return session.get(self.address.keys.folder()).await.map(drop);
        };
        if let Some(under) = joined.under {
            let sent = now();
            if session.keep_alive(under.lease).await? {
                self.shared.lease.confirm(under.lease, sent, under.time_to_live);
                return Ok(());
            }
            tracing::warn!("membership: this node's lease has ended; it registers anew");
            self.shared.lease.end();
            joined.under = None;
        }
        let mut entry = entry(&self.address, &self.manner, &self.shared, session, &joined.record);
        match entry.again().await? {
            Ok(entered) => joined.under = Some(entered),
            Err(error) => tracing::error!("membership: {error}"),
        }
        Ok(())
    }

    async fn obey(&mut self, session: &mut Session, watch: &mut WatchStream, command: Command) -> Result<(), Trouble> {
        match command {
            Command::Join(member, reply) => {
                let outcome = Box::pin(self.join(session, *member)).await;
                let (answer, outcome) = match outcome {
                    Ok(Ok(revision)) => match self.hear_until(session, watch, revision).await {
                        Ok(()) => (Ok(()), Ok(())),
                        Err(trouble) => (Err(unreachable(&trouble)), Err(trouble)),
                    },
                    Ok(Err(refused)) => (Err(refused), Ok(())),
                    Err(trouble) => (Err(unreachable(&trouble)), Err(trouble)),
                };
                let _ = reply.send(answer);
                outcome
            }
            Command::SetState(name, state, reply) => {
                let outcome = set_state(session, &self.address.keys, &name, state).await;
                let answer = match &outcome {
                    Ok(is_there) => Ok(*is_there),
                    Err(trouble) => Err(unreachable(trouble)),
                };
                let _ = reply.send(answer);
                outcome.map(drop)
            }
            Command::Leave(reply) => {
                let outcome = self.leave(session).await;
                let answer = match &outcome {
                    Ok(()) => Ok(()),
                    Err(trouble) => Err(unreachable(trouble)),
                };
                let _ = reply.send(answer);
                outcome
            }
            Command::Retire(reply) => {
                self.retire();
                let _ = reply.send(());
                Ok(())
            }
        }
    }

    fn retire(&mut self) {
        self.joined = None;
        self.shared.lease.end();
    }

    /// Listens until everything up to `revision` was heard: who joins finds himself among the members.
    async fn hear_until(
        &mut self,
        session: &mut Session,
        watch: &mut WatchStream,
        revision: i64,
    ) -> Result<(), Trouble> {
        let patience = self.manner.beat();
        while self.roster.revision() < revision {
            let message = tokio::time::timeout(patience, watch.message()).await;
            self.hear(session, watch, message.map_err(|_| Trouble::Silence(patience))?).await?;
        }
        Ok(())
    }

    /// Returns the revision that has the record.
    async fn join(&mut self, session: &mut Session, member: Member) -> Result<Result<i64, Error>, Trouble> {
        let record = Record { member, identity: self.manner.identity.clone() };
        let standing = self.joined.as_ref().and_then(|joined| Some((joined.record.member.name.clone(), joined.under?)));
        let mut entry = entry(&self.address, &self.manner, &self.shared, session, &record);
        let outcome = match standing {
            Some((name, under)) if name == record.member.name => match entry.change(under).await? {
                Some(revision) => Ok(Entered { revision, ..under }),
                None => entry.again().await?,
            },
            Some((name, under)) => match entry.rename(under).await? {
                Ok(revision) => {
                    session.delete(&self.address.keys.of(&name)).await?;
                    Ok(Entered { revision, ..under })
                }
                Err(refused) => Err(refused),
            },
            None => entry.at_start().await?,
        };
        Ok(outcome.map(|entered| {
            self.joined = Some(Joined { record, under: Some(entered) });
            entered.revision
        }))
    }

    async fn leave(&mut self, session: &mut Session) -> Result<(), Trouble> {
        self.shared.lease.end();
        match self.joined.take().and_then(|joined| joined.under) {
            Some(under) => session.revoke(under.lease).await,
            None => Ok(()),
        }
    }

    /// Lets `pause` pass; whoever asks meanwhile is told why he cannot be helped. False when nobody can ask any more.
    async fn refuse_for(&mut self, pause: Duration, reason: &str) -> bool {
        let over = tokio::time::sleep(pause);
        tokio::pin!(over);
        loop {
            let command = tokio::select! {
                () = &mut over => return true,
                command = self.commands.recv() => command,
            };
            let reply = match command {
                Some(Command::Join(_, reply)) => reply,
                Some(Command::SetState(_, _, reply)) => {
                    let _ = reply.send(Err(unreachable(reason)));
                    continue;
                }
                Some(Command::Leave(reply)) => {
                    self.retire();
                    reply
                }
                Some(Command::Retire(reply)) => {
                    self.retire();
                    let _ = reply.send(());
                    continue;
                }
                None => return false,
            };
            let _ = reply.send(Err(unreachable(reason)));
        }
    }
}

fn entry<'a>(
    address: &'a Address,
    manner: &Manner,
    shared: &'a Shared,
    session: &'a mut Session,
    record: &'a Record,
) -> Entry<'a> {
    Entry { session, keys: &address.keys, lease: &shared.lease, record, time_to_live: manner.time_to_live }
}
