//! Channels as people write them, opened.

use std::sync::Arc;
use std::time::Duration;

use cronbus_adapters::notifier::{Error, Notifiers};
use cronbus_core::alert::template::sample;
use cronbus_core::alert::{ChannelName, Message, MessageId};
use cronbus_core::config::{Config, SourceFile, Sources};
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::notifier::{self, Receipt};
use cronbus_core::port::{Clock, Notifier};
use uuid::Uuid;

/// How long an attempt may take where nothing is said: long enough for a machine under load.
pub const PATIENT: Duration = Duration::from_secs(60);

/// What is known besides the channels' own secrets.
pub const SECRET: &str = "opensesame";

pub fn try_open(text: &str, timeout: Duration) -> Result<Notifiers, Error> {
    let file = SourceFile { name: "test.toml".to_owned(), text: text.to_owned() };
    let loaded = Config::load(&Sources { file: Some(file), ..Sources::default() });
    let config = loaded.unwrap_or_else(|errors| panic!("{text}: {errors:?}")).config;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start().unwrap());
    Notifiers::open(&config.alerts.channel, [SECRET], timeout, clock)
}

pub fn open(text: &str) -> Notifiers {
    try_open(text, PATIENT).unwrap()
}

pub fn message() -> Message {
    let id = MessageId(Uuid::from_u128(u128::from(std::process::id()) << 64 | u128::from(next())));
    sample("ops", id, cronbus_core::time::Timestamp::from_seconds(1_795_300_000))
}

fn next() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub async fn deliver(notifiers: &Notifiers, message: &Message) -> Result<Receipt, notifier::Error> {
    notifiers.deliver(&ChannelName::new("ops").unwrap(), message).await
}
