//! `cronbus nodes drain` and `undrain`: whether a node takes work, and waiting until it has none.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use cronbus_core::duration::Period;
use cronbus_core::port::operations::NodeStatus;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::ctl::client::{Client, node_path};
use crate::ctl::connection::Connection;
use crate::ctl::exit::AnswerIsNo;
use crate::ctl::terminal::Terminal;
use crate::web::acts::NodeState;
use crate::web::view::NodesView;

/// Between two looks at what a node still runs.
const LOOK: Duration = Duration::from_millis(500);

/// Which node.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Its name
    node: String,
    #[command(flatten)]
    connection: Connection,
}

/// Which node, and for how long to wait.
#[derive(Debug, Args)]
pub(crate) struct DrainOptions {
    #[command(flatten)]
    named: Named,
    /// Wait until it runs nothing, for so long at most; ends with 1 when runs are left then
    #[arg(long, value_name = "PERIOD")]
    timeout: Option<Period>,
}

impl Named {
    /// Makes the node take work again.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(super) async fn undrain(self, terminal: &mut Terminal) -> Result<()> {
        self.tell(&Client::new(&self.connection)?, "undrain", terminal).await
    }

    async fn tell(&self, client: &Client, verb: &str, terminal: &mut Terminal) -> Result<()> {
        let path = format!("{}/{verb}", node_path(&self.node));
        let answer: NodeState = client.post(&path, &json!({})).await?;
        terminal.line(format!("{} is {}", answer.name, answer.state))?;
        if !answer.lacking.is_empty() {
            let roles = answer.lacking.join(", ");
            terminal.line(format!("no active node is left that plays {roles}: nothing runs until one is"))?;
        }
        terminal.flush()?;
        Ok(())
    }
}

impl DrainOptions {
    /// Makes the node take no new work, and waits until it has none if that is wanted. How many runs are left is said beside
    /// the answer, whenever it changes.
    ///
    /// # Errors
    /// When no node answers, or it refuses; [`AnswerIsNo`] when runs are left when the time is over.
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.named.connection)?;
        self.named.tell(&client, "drain", terminal).await?;
        let Some(Period(timeout)) = self.timeout else { return Ok(()) };
        let name = &self.named.node;
        let left = until_idle(&client, name, timeout, terminal).await?;
        if left == 0 {
            terminal.line(format!("{name} runs nothing"))?;
            return Ok(());
        }
        terminal.note(format_args!(
            "{name} still runs {left}: it goes on with them and takes nothing new; `cronbus run list --node {name}` shows them"
        ));
        Err(AnswerIsNo.into())
    }
}

/// How many runs a node has when it has none any more, or `timeout` is over.
async fn until_idle(client: &Client, name: &str, timeout: Duration, terminal: &Terminal) -> Result<u32> {
    let (began, mut told) = (Instant::now(), None);
    loop {
        let nodes: NodesView = client.get("/api/v1/nodes", &[]).await?;
        let left = running(&nodes.items, name);
        if left == 0 || began.elapsed() >= timeout {
            return Ok(left);
        }
        if told != Some(left) {
            terminal.note(format_args!("{name} still runs {left}"));
            told = Some(left);
        }
        sleep(LOOK.min(timeout.saturating_sub(began.elapsed()))).await;
    }
}

/// One that is gone runs nothing.
fn running(nodes: &[NodeStatus], name: &str) -> u32 {
    nodes.iter().find(|node| node.member.name.as_str() == name).map_or(0, |node| node.running)
}
