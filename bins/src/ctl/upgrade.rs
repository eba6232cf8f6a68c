//! `cronbus upgrade`: the node of this machine goes on in a process of the executable that is there now.
//!
//! The node does it; here it is asked for by a signal, and watched.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::sleep;

use crate::configuration;
use crate::ctl::terminal::Terminal;
use crate::node::{DataDirectory, Report, Stage};

/// How often it is looked how far it is.
const LOOK: Duration = Duration::from_millis(50);

/// How often it is looked in vain for a node that neither answers nor is there.
const LOOKS: u32 = 100;

/// Which node.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A file with the configuration, in TOML, or gocron's conf.ini
    #[arg(long, value_name = "FILE", env = "CRONBUS_CONFIG")]
    config: Option<PathBuf>,
    /// The data directory of the node [default: ./data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Options {
    /// Asks for it, and returns once it is done.
    ///
    /// # Errors
    /// When no node runs there, it may not be asked, or no new process took over: then the old one goes on, but for an error
    /// that says otherwise.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let flags = self.data_dir.iter().map(|path| ("node.data_dir".to_owned(), path.display().to_string()));
        let directory = configuration::load(self.config.as_deref(), flags.collect())?.config.node.data_dir;
        let Some(process) = DataDirectory::user(&directory)? else {
            bail!("no node runs in {}; name its directory with --data-dir or --config", directory.display());
        };
        Report::clear(&directory).context("the data directory cannot be written to")?;
        let pid = Pid::from_raw(i32::try_from(process)?);
        kill(pid, Signal::SIGUSR2).with_context(|| format!("process {process} could not be asked"))?;
        let mut silent = 0;
        loop {
            sleep(LOOK).await;
            let report = Report::read(&directory).filter(|report| report.process == process);
            let version = report.as_ref().map_or_else(String::new, |report| report.version.clone());
            match report.map(|report| report.stage) {
                Some(Stage::Done { new_process, new_version, stayed }) => {
                    terminal.line(told((process, &version), (new_process, &new_version), stayed))?;
                    return Ok(());
                }
                Some(Stage::Failed { reason }) => bail!("no new process took over: {reason}"),
                Some(Stage::UnderWay) | None if kill(pid, None).is_err() => {
                    bail!("process {process} ended before another took over; its log says why")
                }
                Some(Stage::UnderWay) => {}
                None => {
                    silent += 1;
                    if silent == LOOKS {
                        bail!(
                            "process {process} does not answer: it may still be starting, or its disk be full; its log \
                             says more"
                        );
                    }
                }
            }
        }
    }
}

fn told((old, version): (u32, &str), (new, new_version): (u32, &str), stayed: usize) -> String {
    let stayed = match stayed {
        0 => String::new(),
        1 => "; 1 run goes on in the old process".to_owned(),
        more => format!("; {more} runs go on in the old process"),
    };
    format!("process {new} ({new_version}) took over from process {old} ({version}){stayed}")
}
