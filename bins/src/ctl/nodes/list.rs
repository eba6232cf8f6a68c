//! `cronbus nodes list`: who lives, and what is lacking.

use anyhow::Result;
use clap::Args;
use comfy_table::{Cell, Color};
use cronbus_core::port::membership::{Availability, Role};
use cronbus_core::port::operations::{Health, NodeStatus};
use cronbus_core::route;

use crate::ctl::client::Client;
use crate::ctl::connection::Connection;
use crate::ctl::table;
use crate::ctl::terminal::Terminal;
use crate::ctl::{now, relative};
use crate::web::view::NodesView;

/// The columns of the table.
const COLUMNS: [&str; 8] = ["NAME", "STATE", "ADDRESS", "ROLES", "GROUPS", "RUNNING", "STARTED", "VERSION"];

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
        let nodes: NodesView = client.get("/api/v1/nodes", &[]).await?;
        if self.json {
            terminal.json(&nodes.items)?;
            return Ok(());
        }
        table::write(terminal, &COLUMNS, nodes.items.iter().map(row))?;
        nodes.lacking.iter().try_for_each(|role| terminal.line(route::lack(*role)))?;
        let health: Health = client.health().await?;
        ailing(&health).try_for_each(|line| terminal.line(line))?;
        Ok(())
    }
}

/// A line for each part of the node that was asked which is not well.
fn ailing(health: &Health) -> impl Iterator<Item = String> + '_ {
    let ill = health.parts.iter().filter(|(name, part)| !part.ok && *name != Health::CLUSTER);
    ill.map(|(name, part)| {
        let since = part.since.map_or_else(String::new, |since| format!(" since {since}"));
        format!("{}: {name} is away{since}: {}", health.node, part.detail)
    })
}

fn row(node: &NodeStatus) -> Vec<Cell> {
    let member = &node.member;
    let roles = if Role::ALL.iter().all(|role| member.has(*role)) {
        "all".to_owned()
    } else {
        member.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(",")
    };
    let address = match (&member.address, &member.health_address) {
        (web, health) if web.is_empty() && !health.is_empty() => format!("{health} (health)"),
        (web, _) => web.clone(),
    };
    let executes = member.has(Role::Executor);
    let state = match member.state {
        Availability::Active => Cell::new("active").fg(Color::Green),
        Availability::Draining => Cell::new("draining").fg(Color::Yellow),
    };
    vec![
        table::text(member.name.as_str()),
        state,
        table::text(&address),
        Cell::new(roles),
        table::text(&member.groups.join(",")),
        Cell::new(if executes { format!("{}/{}", node.running, member.capacity) } else { "-".to_owned() }),
        Cell::new(relative::to(member.started_at, now())),
        Cell::new(member.leased_at.map_or_else(|| "-".to_owned(), |since| relative::to(since, now()))),
        table::text(&member.version),
    ]
}
