//! All channels of a node behind one port.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::alert::channel::{Channel, Settings};
use cronbus_core::alert::preset::{Verdict, mail, requests};
use cronbus_core::alert::{ChannelName, Message};
use cronbus_core::port::notifier::{self, Receipt};
use cronbus_core::port::{Clock, Notifier};
use cronbus_core::redact::Redactor;
use tokio::runtime::{Builder, Runtime};

use super::http::Caller;
use super::smtp::Smtp;
use super::tally::{Outcome, Tally};
use super::told::Told;

/// A file that is longer holds no secret.
const LONGEST_SECRET: u64 = 64 << 10;

/// The channels cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file of a secret cannot be read.
    #[error("alerts.channel.{channel}: the file {} cannot be read: {reason}", path.display())]
    Unreadable {
        /// Whose.
        channel: ChannelName,
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Something in the settings cannot be used.
    #[error("alerts.channel.{channel}: {reason}")]
    Unusable {
        /// Whose.
        channel: ChannelName,
        /// What, and why.
        reason: String,
    },
    /// No thread or no HTTP client.
    #[error("messages cannot be sent: {0}")]
    System(String),
}

/// Sends messages over the channels of a configuration.
///
/// It has a thread of its own, to which its connections belong: whoever asks may end before an answer comes.
pub struct Notifiers {
    inner: Arc<Inner>,
    thread: Thread,
}

/// A thread that lives as long as this does; `None` once it ends.
struct Thread(Option<Runtime>);

impl Thread {
    fn start() -> std::io::Result<Self> {
        Builder::new_multi_thread().worker_threads(1).thread_name("notifier").enable_all().build().map(Some).map(Self)
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // Whoever drops it may itself be within a runtime, which must not wait for another.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

struct Inner {
    channels: BTreeMap<ChannelName, Open>,
    redactor: Redactor,
    clock: Arc<dyn Clock>,
    told: Told,
}

/// A channel that is ready.
enum Open {
    Mail { settings: Box<Channel>, smtp: Smtp },
    Http { settings: Box<Channel>, caller: Caller },
}

impl Notifiers {
    /// Opens the channels: reads the files of their secrets; no connection is made. `secrets` are what messages must not
    /// tell besides the channels' own. An attempt to deliver takes at most `timeout` for each recipient.
    ///
    /// # Errors
    /// When a file cannot be read, or a setting cannot be used.
    pub fn open<'secret>(
        channels: &BTreeMap<ChannelName, Channel>,
        secrets: impl IntoIterator<Item = &'secret str>,
        timeout: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let thread = Thread::start().map_err(|error| Error::System(error.to_string()))?;
        // The connections of mail servers are looked after by a task of their own.
        let entered = thread.0.as_ref().map(Runtime::enter);
        let inner = Inner::open(channels, secrets, timeout, clock);
        drop(entered);
        Ok(Self { inner: Arc::new(inner?), thread })
    }
}

fn with_secrets(name: &ChannelName, channel: Channel) -> Result<Channel, Error> {
    channel.with_secrets(|path| {
        read(path).map_err(|reason| Error::Unreadable { channel: name.clone(), path: path.to_owned(), reason })
    })
}

fn read(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > LONGEST_SECRET {
        return Err(std::io::Error::other("it is too long for a secret"));
    }
    let text = std::fs::read_to_string(path)?;
    if text.trim().is_empty() { Err(std::io::Error::other("it is empty")) } else { Ok(text) }
}

impl Open {
    fn new(name: &ChannelName, settings: Channel, caller: Caller, timeout: Duration) -> Result<Self, Error> {
        let unusable = |reason| Error::Unusable { channel: name.clone(), reason };
        let settings = Box::new(settings);
        match &settings.settings {
            Settings::Email(email) => {
                let smtp = Smtp::new(email, timeout).map_err(unusable)?;
                Ok(Self::Mail { settings, smtp })
            }
            _ => Ok(Self::Http { settings, caller }),
        }
    }
}

impl Inner {
    fn open<'secret>(
        channels: &BTreeMap<ChannelName, Channel>,
        secrets: impl IntoIterator<Item = &'secret str>,
        timeout: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let caller =
            |allow_private| Caller::new(allow_private, timeout).map_err(|error| Error::System(error.to_string()));
        let (strict, free) = (caller(false)?, caller(true)?);
        let mut known: Vec<String> = secrets.into_iter().map(str::to_owned).collect();
        let mut open = BTreeMap::new();
        for (name, channel) in channels {
            let settings = with_secrets(name, channel.clone())?;
            known.extend(settings.secrets());
            let caller = if settings.allow_private { free.clone() } else { strict.clone() };
            open.insert(name.clone(), Open::new(name, settings, caller, timeout)?);
        }
        let redactor = Redactor::new(known.iter().map(String::as_str));
        Ok(Self { channels: open, redactor, clock, told: Told::default() })
    }

    async fn deliver(&self, name: &ChannelName, message: &Message) -> Result<Receipt, notifier::Error> {
        let Some(open) = self.channels.get(name) else {
            let there_are = self.channels.keys().cloned().collect();
            return Err(notifier::Error::NoSuchChannel { channel: name.clone(), there_are });
        };
        let message = message.redacted(&self.redactor);
        let tally = match open {
            Open::Mail { settings, smtp } => self.write(name, settings, smtp, &message).await,
            Open::Http { settings, caller } => self.call(name, settings, caller, &message).await,
        };
        // What services answer may repeat what they were sent.
        self.clean(tally.finish(name))
    }

    async fn write(&self, name: &ChannelName, channel: &Channel, smtp: &Smtp, message: &Message) -> Tally {
        let mut tally = Tally::default();
        let Settings::Email(email) = &channel.settings else { return tally };
        let written = mail(name, email, message).and_then(|mail| smtp.write(mail, self.clock.now()));
        let written = match written {
            Ok(written) => written,
            Err(reason) => {
                tally.add("", Outcome::of(Verdict::Refused(reason)));
                return tally;
            }
        };
        for to in smtp.recipients() {
            if self.told.has(message.id, name, &to) {
                tally.add(&to, Outcome::of(Verdict::Delivered("told before".to_owned())));
                continue;
            }
            let outcome = smtp.send(&written, &to).await;
            if self.settle(&mut tally, name, message, &to, outcome).is_break() {
                break;
            }
        }
        tally
    }

    async fn call(&self, name: &ChannelName, channel: &Channel, caller: &Caller, message: &Message) -> Tally {
        let mut tally = Tally::default();
        let now = self.clock.now();
        let requests = match requests(name, channel, message, now) {
            Ok(requests) => requests,
            Err(reason) => {
                tally.add("", Outcome::of(Verdict::Refused(reason)));
                return tally;
            }
        };
        for request in requests {
            let to = request.to.clone();
            // One recipient alone is told again by whoever asks for it.
            if !to.is_empty() && self.told.has(message.id, name, &to) {
                tally.add(&to, Outcome::of(Verdict::Delivered("told before".to_owned())));
                continue;
            }
            let outcome = caller.call(channel, request, now).await;
            if self.settle(&mut tally, name, message, &to, outcome).is_break() {
                break;
            }
        }
        tally
    }

    /// Says whether to go on with other recipients: of a server that does not answer, none would be told, each after a
    /// wait of its own.
    fn settle(
        &self,
        tally: &mut Tally,
        name: &ChannelName,
        message: &Message,
        to: &str,
        outcome: Outcome,
    ) -> ControlFlow<()> {
        let next = if outcome.is_answer { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        if matches!(outcome.verdict, Verdict::Delivered(_)) && !to.is_empty() {
            self.told.note(message.id, name, to);
        }
        tally.add(to, outcome);
        next
    }

    fn clean(&self, answer: Result<Receipt, notifier::Error>) -> Result<Receipt, notifier::Error> {
        use notifier::Error::{NoSuchChannel, Refused, Unavailable};
        let clean = |detail: String| self.redactor.redact(&detail).into_owned();
        match answer {
            Ok(Receipt { detail }) => Ok(Receipt { detail: clean(detail) }),
            Err(Refused { channel, detail }) => Err(Refused { channel, detail: clean(detail) }),
            Err(Unavailable { channel, detail, retry_after }) => {
                Err(Unavailable { channel, detail: clean(detail), retry_after })
            }
            Err(other @ NoSuchChannel { .. }) => Err(other),
        }
    }
}

#[async_trait]
impl Notifier for Notifiers {
    fn channels(&self) -> Vec<ChannelName> {
        self.inner.channels.keys().cloned().collect()
    }

    async fn deliver(&self, channel: &ChannelName, message: &Message) -> Result<Receipt, notifier::Error> {
        let ended =
            |detail: String| notifier::Error::Unavailable { channel: channel.clone(), detail, retry_after: None };
        let Some(runtime) = &self.thread.0 else { return Err(ended("this node is ending".to_owned())) };
        let (inner, name, message) = (Arc::clone(&self.inner), channel.clone(), message.clone());
        let delivering = runtime.spawn(async move { inner.deliver(&name, &message).await });
        delivering.await.unwrap_or_else(|error| Err(ended(format!("the attempt broke off: {error}"))))
    }
}

impl fmt::Debug for Notifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Notifiers").field(&self.channels()).finish()
    }
}
