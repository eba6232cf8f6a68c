//! `cronbus account setup-link`.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::ctl::client::Client;
use crate::ctl::connection::Connection;
use crate::ctl::terminal::Terminal;
use crate::web::api::users::SetUpLink;

/// Of which node.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let link: SetUpLink = client.post("/api/v1/setup-link", &json!({})).await?;
        terminal.line(format!("{}{}", self.connection.server(), link.path))?;
        terminal.note(format!("it works once, until {}", link.expires_at));
        Ok(())
    }
}
