//! `cronbus submit`: runs something now, asked for over the bus. It needs no token: what it sends is signed where it has
//! the cluster's key, and where it has not, the NATS servers decide who may ask.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use cronbus_adapters::bus::Caller;
use cronbus_core::config::{Bus, Cluster, ServiceUrl};
use cronbus_core::id::{NodeName, RunId};
use cronbus_core::local::clock::SystemClock;
use cronbus_core::wire::signing::Stamp;
use cronbus_core::wire::subject;
use cronbus_core::wire::submission::{Answer, Fault};
use serde_json::{Map, Value, json};

use super::exit::WrongUsage;
use super::pair::{self, Pair};
use super::run::wait::{until_over, verdict};
use super::terminal::Terminal;
use super::wall_clock;
use crate::node::{Question, RunAnswer, login};
use crate::web::view::RunView;
use crate::{cluster_key, configuration};

/// How long a submission counts: it is answered at once, or sent again.
const SIGNED_FOR: Duration = Duration::from_secs(60);

/// What to run, and how to ask.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The name of a job, or its id
    #[arg(required_unless_present_any = ["command", "document"], conflicts_with_all = ["command", "document"])]
    job: Option<String>,
    /// A line for the shell, instead of a job
    #[arg(long, value_name = "LINE", conflicts_with = "document")]
    command: Option<String>,
    /// A whole submission as JSON, instead of a job: `{"command": {…}, "target": {…}, …}`
    #[arg(long, value_name = "JSON")]
    document: Option<String>,
    /// Where the command runs: a node
    #[arg(long, value_name = "NODE", requires = "command", conflicts_with = "group")]
    node: Option<String>,
    /// Where the command runs: one of a group of nodes
    #[arg(long, value_name = "GROUP", requires = "command")]
    group: Option<String>,
    /// A value that stands before the job's own; may be given several times
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<Pair>,
    /// The same key gives the same run
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Wait until the run is over, and end with 0 only if it succeeded
    #[arg(long)]
    wait: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// The NATS servers [default: bus.url of the configuration]
    #[arg(long, value_name = "URL", env = "CRONBUS_NATS", hide_env_values = true)]
    nats: Option<String>,
    /// The configuration with `[bus]`, and with the key of `[cluster]` to sign with
    #[arg(long, value_name = "FILE", env = "CRONBUS_CONFIG")]
    config: Option<PathBuf>,
}

impl Options {
    /// Submits, and says the run's id.
    ///
    /// # Errors
    /// When nobody answers, or it is refused; with `--wait`, also when the run did not succeed.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let loaded = configuration::load(self.config.as_deref(), Vec::new())?;
        let caller = self.caller(&loaded.config.bus).await?;
        let (wait, as_json) = (self.wait, self.json);
        let payload = signed(serde_json::to_vec(&self.submission()?)?, &loaded.config.cluster)?;
        let answer = caller.ask(subject::SUBMIT, payload).await?;
        let answer: Answer = serde_json::from_slice(&answer).context("the answer could not be read")?;
        let (run_id, created) = match answer {
            Answer::Accepted { run_id, created } => (run_id, created),
            Answer::Refused { error } => return Err(refused(&error)),
        };
        if as_json && !wait {
            terminal.json(&json!({ "run_id": run_id, "created": created }))?;
        } else if !as_json {
            terminal.line(run_id)?;
            terminal.flush()?;
        }
        if !wait {
            return Ok(());
        }
        let run = until_over(async || look(&caller, run_id).await, terminal).await?;
        if as_json {
            terminal.json(&json!({ "run_id": run_id, "created": created, "run": run }))?;
        }
        verdict(&run, terminal)
    }

    async fn caller(&self, bus: &Bus) -> Result<Caller> {
        let url = self.nats.as_ref().map_or_else(|| bus.url.clone(), ServiceUrl::new);
        if url.scheme() != "nats" {
            let advice = "say where NATS is: --nats nats://HOST, or bus.url in the configuration (--config)";
            return Err(WrongUsage(advice.to_owned()).into());
        }
        let clock = Arc::new(SystemClock::start().context("the clock could not be started")?);
        Ok(Caller::connect(&url, &login(bus)?, clock).await?)
    }

    fn submission(self) -> Result<Map<String, Value>> {
        let mut fields = match &self.document {
            Some(text) => serde_json::from_str(text)
                .map_err(|error| WrongUsage(format!("--document: write a JSON object: {error}")))?,
            None => Map::new(),
        };
        let target = match (self.node, self.group) {
            (Some(node), _) => Some(json!({ "node": node })),
            (None, Some(group)) => Some(json!({ "group": group })),
            (None, None) => None,
        };
        let given = [
            ("job", self.job.map(Value::from)),
            ("command", self.command.map(|line| json!({ "shell": line }))),
            ("target", target),
            ("idempotency_key", self.idempotency_key.map(Value::from)),
        ];
        fields.extend(given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        let params: BTreeMap<_, _> = pair::map(self.params);
        if !params.is_empty() {
            fields.insert("params".to_owned(), json!(params));
        }
        Ok(fields)
    }
}

/// A submission under the seal of the cluster, where its key is known here. Its number is drawn by lot: a copy of it has
/// the same, and gives the same run.
fn signed(submission: Vec<u8>, cluster: &Cluster) -> Result<Vec<u8>> {
    let keys = match cluster_key::of(cluster) {
        Ok(keys) => keys,
        Err(cluster_key::Error::Missing) => return Ok(submission),
        Err(error) => return Err(error.into()),
    };
    let mut lot = [0; 8];
    getrandom::fill(&mut lot).context("no random number could be had for the submission")?;
    let now = wall_clock::now();
    let stamp = Stamp {
        sender: NodeName::new("cronbus-submit")?,
        life: now,
        sequence: u64::from_be_bytes(lot),
        expires_at: now + SIGNED_FOR,
        part: 0,
        parts: 1,
    };
    Ok(keys.seal(subject::SUBMIT, &stamp, &submission))
}

fn refused(error: &Fault) -> anyhow::Error {
    anyhow::anyhow!("{}", error.message)
}

async fn look(caller: &Caller, run_id: RunId) -> Result<RunView> {
    let answer = caller.ask(subject::RUN, serde_json::to_vec(&Question { run_id })?).await?;
    match serde_json::from_slice(&answer).context("the answer could not be read")? {
        RunAnswer::Run(view) => Ok(*view),
        RunAnswer::Refused { error } => Err(refused(&error)),
    }
}
