//! What a node writes to its standard error, for eyes or for programs.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use cronbus_core::config::{Log, LogFormat};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

/// Changes the level while the node runs.
#[derive(Clone, Debug)]
pub(crate) struct Level(reload::Handle<EnvFilter, Registry>);

impl Level {
    /// Sets the level to what `log` says.
    ///
    /// # Errors
    /// When that is no level.
    pub(crate) fn set(&self, log: &Log) -> Result<()> {
        self.0.reload(filter(log)?).context("the level of the log could not be changed")
    }
}

/// Starts writing as `log` says.
///
/// # Errors
/// When the level is none, or writing was started already.
pub(crate) fn start(log: &Log) -> Result<Level> {
    let (filter, handle) = reload::Layer::new(filter(log)?);
    let wants_colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(wants_colours);
    let lines = match log.format {
        LogFormat::Human => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(filter).with(lines).try_init().context("the log could not be started")?;
    Ok(Level(handle))
}

/// What libraries say is for those who ask for it where it is about themselves, or told by this node in its own words: the
/// web framework of its workers, the client of NATS of each try to connect.
const QUIET: &str = "actix_server=warn,async_nats::connector=off";

fn filter(log: &Log) -> Result<EnvFilter> {
    EnvFilter::try_new(format!("{QUIET},{}", log.level)).with_context(|| {
        format!("log.level: `{}` is no level; write one like info or info,cronbus_core=debug", log.level)
    })
}
