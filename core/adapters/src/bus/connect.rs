//! The bus, and how one gets it.

use std::path::PathBuf;
use std::sync::Arc;

use async_nats::Client;
use async_nats::connection::State;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::stream::Config;
use cronbus_core::config::Endpoints;
use cronbus_core::port::health::Service;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;

use super::connection::{self, Calling, PATIENCE};
use super::counters::Counters;
use super::line::Lines;
use super::options::{Options, Trust};
use super::rejected::Rejected;
use super::streams::{self, Mismatch};
use crate::watched::Watched;

/// The bus on NATS. It closes when it is dropped.
#[derive(Debug)]
pub struct NatsBus {
    pub(super) shared: Arc<Shared>,
    /// The thread of the connection; taken when the bus is dropped.
    pub(super) runtime: Option<Runtime>,
}

/// What those who send and those who receive share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) client: Client,
    pub(super) context: Context,
    pub(super) streams: Vec<Config>,
    pub(super) counters: Arc<Counters>,
    pub(super) watched: Arc<Watched>,
    pub(super) lines: Lines,
    pub(super) in_flight: Semaphore,
    pub(super) rejected: Rejected,
    /// Of the thread of the connection.
    pub(super) handle: Handle,
}

impl Shared {
    pub(super) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    pub(super) fn trust(&self) -> &Trust {
        &self.options.trust
    }

    /// What the stream of a subject should be.
    pub(super) fn stream_of(&self, subject: &str) -> Option<&Config> {
        let name = streams::keeping(subject);
        self.streams.iter().find(|stream| stream.name == name)
    }
}

/// Why a node cannot use the bus it is given.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL cannot be read. It is not shown, since it may have a password.
    #[error("bus.url cannot be read: write nats://[user:password@]host[:port],…")]
    Address,
    /// A file cannot be used.
    #[error("{key}: the file {} cannot be used: {source}", path.display())]
    File {
        /// The key of the configuration that names it.
        key: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A server answered and does not want this client, or is not who it should be.
    #[error(
        "NATS refuses this node: {reason}. Look at bus.url, bus.credentials_file, bus.nkey_file and the certificates"
    )]
    Refused {
        /// What was said.
        reason: String,
    },
    /// A server and this client do not trust each other.
    #[error(
        "bus.url: {hosts} cannot be talked to over TLS: {advice}. Look at bus.ca_file, bus.certificate_file and bus.key_file"
    )]
    Distrust {
        /// Where.
        hosts: String,
        /// What to do.
        advice: String,
    },
    /// A stream cannot be made or looked at.
    #[error(
        "the stream {stream} cannot be had: {reason}. The server needs JetStream (nats-server -js), room for six \
         streams of bus.max_bytes each and one of bus.log_max_bytes, and to let this node use it"
    )]
    Stream {
        /// Which one.
        stream: String,
        /// What was said.
        reason: String,
    },
    /// A stream is not as it should be.
    #[error("{0}")]
    Mismatch(Mismatch),
    /// No thread could be started for it.
    #[error("the thread of the bus could not be started: {0}")]
    Thread(std::io::Error),
}

impl NatsBus {
    /// Connects, and makes the streams that are missing. When no server answers within some seconds the bus is there all
    /// the same, and connects and does that later: a node can start while NATS is away.
    ///
    /// # Errors
    /// When a server refuses, a stream is not as it should be, or the address or a file cannot be used.
    pub async fn connect(options: Options) -> Result<Arc<Self>, ConnectError> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("bus").enable_all().build();
        let runtime = runtime.map_err(ConnectError::Thread)?;
        let connecting = runtime.spawn(Shared::connect(options));
        // Made before it is known whether the connection succeeds: dropping a runtime here would block.
        let mut bus = Unconnected(Some(runtime));
        let shared = connecting.await.map_err(|error| ConnectError::Thread(std::io::Error::other(error)))??;
        Ok(Arc::new(Self { shared, runtime: bus.0.take() }))
    }

    /// What it did, to be looked at one by one; [`cronbus_core::port::Bus::counters`] has all of it by name.
    #[must_use]
    pub fn figures(&self) -> &Counters {
        &self.shared.counters
    }

    /// Whether the server wants to know who its clients are. `None` while no server has answered.
    #[must_use]
    pub fn is_guarded(&self) -> Option<bool> {
        self.shared.client.try_server_info().map(|info| info.auth_required)
    }
}

impl Drop for NatsBus {
    fn drop(&mut self) {
        end(self.runtime.take());
    }
}

/// A runtime that ends without blocking whoever drops it.
struct Unconnected(Option<Runtime>);

impl Drop for Unconnected {
    fn drop(&mut self) {
        end(self.0.take());
    }
}

fn end(runtime: Option<Runtime>) {
    if let Some(runtime) = runtime {
        runtime.shutdown_background();
    }
}

impl Shared {
    async fn connect(options: Options) -> Result<Arc<Self>, ConnectError> {
        let counters = Arc::<Counters>::default();
        let watched = Arc::new(Watched::new(Service::Bus, options.url.to_string(), Arc::clone(&options.clock)));
        let calling = Calling {
            name: options.node.as_str(),
            endpoints: Endpoints::parse(&options.url).map_err(|_| ConnectError::Address)?,
            login: &options.login,
            watched: Arc::clone(&watched),
            counters: Arc::clone(&counters),
        };
        let client = connection::connect(&calling).await?;
        let in_flight = usize::try_from(options.limits.in_flight).unwrap_or(1);
        let context = ContextBuilder::new().timeout(PATIENCE).max_ack_inflight(in_flight.saturating_mul(2).max(64));
        let shared = Self {
            context: context.build(client.clone()),
            streams: streams::plan(&options),
            rejected: Rejected::new(options.node.clone(), Arc::clone(&options.clock)),
            lines: Lines::new(options.life),
            in_flight: Semaphore::new(in_flight),
            handle: Handle::current(),
            client,
            counters,
            watched,
            options,
        };
        if shared.is_connected() {
            for stream in &shared.streams {
                streams::ensure(&shared.context, stream).await?;
            }
        }
        Ok(Arc::new(shared))
    }
}
