//! The streams that keep messages: made when they are missing, compared with what they should be when they are not,
//! never changed.

use std::fmt;
use std::time::Duration;

use async_nats::jetstream::context::{CreateStreamError, CreateStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{Context, ErrorCode};
use cronbus_core::wire::subject;

use super::connect::ConnectError;
use super::options::{Limits, Options};

/// The stream of submissions that wait for a dispatcher.
pub(super) const SUBMIT: &str = "CRONBUS_SUBMIT";

/// How long rejected messages are kept, and how many.
const REJECTED: (Duration, i64) = (Duration::from_secs(7 * 24 * 60 * 60), 10_000);

/// How long submissions that nobody takes are kept.
const SUBMISSIONS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Within this time a message that is sent again is recognised by the server.
const DUPLICATES: Duration = Duration::from_secs(2 * 60);

/// The name of the stream that keeps the messages of a subject.
pub(super) fn keeping(subject: &str) -> String {
    let word = subject.split('.').nth(2).unwrap_or_default();
    format!("CRONBUS_{}", word.to_ascii_uppercase())
}

/// What each stream should be.
pub(super) fn plan(options: &Options) -> Vec<Config> {
    let (limits, ttl) = (&options.limits, options.trust.message_ttl);
    let mut streams: Vec<Config> = subject::ROOTS.iter().map(|root| between_nodes(root, limits, ttl)).collect();
    streams.push(submissions(limits));
    streams.push(rejections(limits));
    streams.push(output(limits));
    streams
}

/// What runs print. It is read, not taken: the oldest goes when there is too much, or it is too old.
fn output(limits: &Limits) -> Config {
    Config {
        name: keeping(subject::LOG),
        subjects: vec![format!("{}.*", subject::LOG)],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        max_bytes: i64::try_from(limits.log_max_bytes).unwrap_or(i64::MAX),
        max_age: limits.log_max_age,
        // Read from any server that has it, not only from the one that leads.
        allow_direct: true,
        ..kept(limits)
    }
}

/// The messages to nodes of one kind. When too many wait for one of them, no more are taken for that one.
fn between_nodes(root: &str, limits: &Limits, ttl: Duration) -> Config {
    Config {
        name: keeping(root),
        subjects: vec![format!("{root}.*")],
        max_messages_per_subject: i64::from(limits.max_waiting),
        discard: DiscardPolicy::New,
        discard_new_per_subject: true,
        max_age: ttl,
        ..kept(limits)
    }
}

fn submissions(limits: &Limits) -> Config {
    Config {
        name: SUBMIT.to_owned(),
        subjects: vec![subject::SUBMIT_QUEUED.to_owned()],
        discard: DiscardPolicy::New,
        max_age: SUBMISSIONS,
        ..kept(limits)
    }
}

fn rejections(limits: &Limits) -> Config {
    Config {
        name: keeping(subject::REJECTED),
        subjects: vec![subject::REJECTED.to_owned()],
        retention: RetentionPolicy::Limits,
        max_messages: REJECTED.1,
        max_age: REJECTED.0,
        ..kept(limits)
    }
}

/// What all have in common: kept in files until they are taken.
fn kept(limits: &Limits) -> Config {
    Config {
        storage: StorageType::File,
        retention: RetentionPolicy::WorkQueue,
        max_bytes: i64::try_from(limits.max_bytes).unwrap_or(i64::MAX),
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        max_message_size: -1,
        num_replicas: usize::try_from(limits.replicas).unwrap_or(1),
        duplicate_window: DUPLICATES,
        ..Config::default()
    }
}

/// Makes the stream if it is missing.
///
/// # Errors
/// When it is there and is not as it should be, or the server refuses.
pub(super) async fn ensure(context: &Context, expected: &Config) -> Result<(), ConnectError> {
    let refused = |reason: String| ConnectError::Stream { stream: expected.name.clone(), reason };
    let found = match context.create_stream(expected.clone()).await {
        Ok(created) => created.cached_info().config.clone(),
        Err(error) if may_be_there(&error) => match context.get_stream(&expected.name).await {
            Ok(there) => there.cached_info().config.clone(),
            // Another stream has its subjects.
            Err(_) => return Err(refused(error.to_string())),
        },
        Err(error) => return Err(refused(error.to_string())),
    };
    let differences = compare(expected, &found);
    if differences.is_empty() {
        return Ok(());
    }
    Err(ConnectError::Mismatch(Mismatch { stream: expected.name.clone(), differences }))
}

/// Whether the stream may be there. A server that is asked by several nodes at a time for the same new stream tells some of
/// them that its subjects are taken: by itself.
fn may_be_there(error: &CreateStreamError) -> bool {
    let CreateStreamErrorKind::JetStream(known) = error.kind() else { return false };
    [ErrorCode::STREAM_NAME_EXIST, ErrorCode::STREAM_SUBJECT_OVERLAP].contains(&known.error_code())
}

/// A stream that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Its name.
    pub stream: String,
    /// What is not.
    pub differences: Vec<Difference>,
}

/// One property that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// As NATS calls it.
    pub field: &'static str,
    /// What is there.
    pub found: String,
    /// What should be.
    pub expected: String,
    /// The key of the configuration that says so, if one does.
    pub key: Option<&'static str>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stream {} is there and is not as this node expects it:", self.stream)?;
        for Difference { field, found, expected, key } in &self.differences {
            write!(f, " {field} is {found}, expected is {expected}")?;
            match key {
                Some(key) => write!(f, " (by {key});")?,
                None => write!(f, ";")?,
            }
        }
        write!(
            f,
            " nothing was changed. Make the configuration of all nodes agree with it, or change it with `nats stream edit \
             {0}`, or remove it with `nats stream rm {0}` while no node runs: the next one to start makes it anew",
            self.stream
        )
    }
}

/// Every property that matters and is not as it should be.
fn compare(expected: &Config, found: &Config) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut note = |field, found: String, expected: String, key| {
        if found != expected {
            differences.push(Difference { field, found, expected, key });
        }
    };
    let seconds = |duration: Duration| format!("{}s", duration.as_secs());
    note("subjects", found.subjects.join(","), expected.subjects.join(","), None);
    note("storage", format!("{:?}", found.storage), format!("{:?}", expected.storage), None);
    note("retention", format!("{:?}", found.retention), format!("{:?}", expected.retention), None);
    note("discard", format!("{:?}", found.discard), format!("{:?}", expected.discard), None);
    let per_subject = |config: &Config| config.discard_new_per_subject.to_string();
    note("discard_new_per_subject", per_subject(found), per_subject(expected), None);
    let waiting = (expected.max_messages_per_subject > 0).then_some("bus.max_waiting");
    let limit = |config: &Config| config.max_messages_per_subject.to_string();
    note("max_msgs_per_subject", limit(found), limit(expected), waiting);
    note("max_msgs", found.max_messages.to_string(), expected.max_messages.to_string(), None);
    let is_log = expected.name == keeping(subject::LOG);
    let most = if is_log { "bus.log_max_bytes" } else { "bus.max_bytes" };
    note("max_bytes", found.max_bytes.to_string(), expected.max_bytes.to_string(), Some(most));
    let ttl = if is_log { Some("bus.log_max_age") } else { waiting.map(|_| "cluster.message_ttl") };
    note("max_age", seconds(found.max_age), seconds(expected.max_age), ttl);
    note("num_replicas", found.num_replicas.to_string(), expected.num_replicas.to_string(), Some("bus.replicas"));
    if expected.allow_direct {
        note("allow_direct", found.allow_direct.to_string(), expected.allow_direct.to_string(), None);
    }
    note("no_ack", found.no_ack.to_string(), expected.no_ack.to_string(), None);
    note("sealed", found.sealed.to_string(), expected.sealed.to_string(), None);
    differences
}
