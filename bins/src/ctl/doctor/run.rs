//! The command: what is looked at, in order, and how it ends.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use cronbus_core::config::{Config, Loaded};
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Clock;

use super::finding::{Finding, Level};
use super::{clock, companion, directory, limits, neighbour, secrets, servers, zones};
use crate::configuration;
use crate::ctl::exit::AnswerIsNo;
use crate::ctl::terminal::Terminal;

/// Which node.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A file with the configuration, in TOML, or gocron's conf.ini
    #[arg(long, value_name = "FILE", env = "CRONBUS_CONFIG")]
    config: Option<PathBuf>,
    /// The data directory of the node [default: ./data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// As a JSON array
    #[arg(long)]
    json: bool,
}

impl Options {
    /// Looks, and tells what it found. Servers that do not answer cost some seconds, all of them together.
    ///
    /// # Errors
    /// [`AnswerIsNo`] when something is as no node can work with; the terminal says what.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let flags = self.data_dir.iter().map(|path| ("node.data_dir".to_owned(), path.display().to_string()));
        let findings = match configuration::load(self.config.as_deref(), flags.collect()) {
            Ok(loaded) => examine(&loaded).await?,
            Err(error) => vec![Finding::fail(
                "configuration",
                format!("{error:#}"),
                "mend it; what depends on it was not looked at. `cronbus config check` tells the same",
            )],
        };
        if self.json {
            terminal.json(&findings)?;
        } else {
            findings.iter().try_for_each(|finding| finding.write(terminal))?;
        }
        let fails = findings.iter().any(|finding| finding.level == Level::Fail);
        if fails { Err(AnswerIsNo.into()) } else { Ok(()) }
    }
}

async fn examine(loaded: &Loaded) -> Result<Vec<Finding>> {
    let config = &loaded.config;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start().context("the clock could not be started")?);
    let mut findings = vec![configured(loaded)];
    findings.extend(directory::look(config));
    findings.extend(secrets::look(config));
    findings.extend(limits::look(config));
    findings.extend(companion::look(config));
    findings.extend(zones::look());
    findings.extend(clock::look(&*clock).await);
    findings.extend(servers::look(config, &clock).await);
    findings.extend(neighbour::look(config).await);
    Ok(findings)
}

fn configured(loaded: &Loaded) -> Finding {
    let Config { node, .. } = &loaded.config;
    let roles: Vec<&str> = node.roles.iter().map(|role| role.as_str()).collect();
    let detail = format!("can be used; plays {}", roles.join(", "));
    let remarks = configuration::remarks(loaded);
    if remarks.is_empty() {
        return Finding::ok("configuration", detail);
    }
    Finding::warn("configuration", detail, remarks.join("; "))
}
