//! `cronbus nodes …`.

use anyhow::Result;
use clap::{Args, Subcommand};
use comfy_table::{Cell, Color};
use cronbus_core::port::membership::{Availability, Role};
use cronbus_core::port::operations::NodeStatus;

use super::client::Client;
use super::connection::Connection;
use super::table::{self, Rows};
use super::terminal::Terminal;
use super::{now, relative};
use crate::web::view::Listing;

/// The commands for nodes.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the living nodes
    List(Options),
}

/// How to list them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// As a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Lists the living nodes by name.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let nodes: Listing<NodeStatus> = client.get("/api/v1/nodes", &[]).await?;
        if self.json {
            terminal.json(&nodes.items)?;
            return Ok(());
        }
        let mut rows =
            Rows::new(terminal, &["NAME", "STATE", "ADDRESS", "ROLES", "GROUPS", "RUNNING", "STARTED", "VERSION"]);
        nodes.items.iter().for_each(|node| rows.push(row(node)));
        rows.write(terminal)?;
        Ok(())
    }
}

fn row(node: &NodeStatus) -> Vec<Cell> {
    let member = &node.member;
    let roles = if Role::ALL.iter().all(|role| member.has(*role)) {
        "all".to_owned()
    } else {
        member.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(",")
    };
    let state = match member.state {
        Availability::Active => Cell::new("active").fg(Color::Green),
        Availability::Draining => Cell::new("draining").fg(Color::Yellow),
    };
    vec![
        table::text(member.name.as_str()),
        state,
        table::text(&member.address),
        Cell::new(roles),
        table::text(&member.groups.join(",")),
        Cell::new(format!("{}/{}", node.running, member.capacity)),
        Cell::new(relative::to(member.started_at, now())),
        table::text(&member.version),
    ]
}
