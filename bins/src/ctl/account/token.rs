//! `cronbus account token …`.

use anyhow::Result;
use clap::{Args, Subcommand};
use comfy_table::Cell;
use cronbus_core::account::Grant;
use cronbus_core::duration::Period;
use cronbus_core::time::Timestamp;

use super::user::grants;
use crate::ctl::client::{Client, encode};
use crate::ctl::connection::Connection;
use crate::ctl::list::{List, Wanted};
use crate::ctl::terminal::Terminal;
use crate::ctl::{now, relative, table};
use crate::web::accounts::view::TokenView;
use crate::web::api::tokens::{MadeToken, NewToken};

const PATH: &str = "/api/v1/tokens";

const LIST: List<'static, TokenView> =
    List { path: PATH, columns: &["NAME", "ROLES", "BY", "EXPIRES", "USED"], row, none: "there are no API tokens" };

/// The commands for API tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a token, and show it this once
    Create(Create),
    /// List the tokens, without what is secret of them
    List(Wanted),
    /// Make a token nothing
    Revoke(Revoke),
}

impl Command {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        match self {
            Self::Create(options) => options.run(terminal).await,
            Self::List(wanted) => wanted.show(&LIST, Vec::new(), terminal).await,
            Self::Revoke(options) => options.run(terminal).await,
        }
    }
}

/// What for, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What it is called
    name: String,
    /// A role, like viewer, or operator:php,web for some groups; may be given several times
    #[arg(long = "grant", value_name = "ROLE[:GROUP,…]", required = true)]
    grants: Vec<Grant>,
    /// How long it is valid, like 90d [default: for ever]
    #[arg(long, value_name = "PERIOD")]
    expires: Option<Period>,
    #[command(flatten)]
    connection: Connection,
}

impl Create {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let expires_at = self.expires.map(|period| now() + period.duration());
        let token = NewToken { name: self.name, grants: self.grants, expires_at };
        let made: MadeToken = client.post(PATH, &token).await?;
        terminal.note(format!("{} may {}; this is shown once:", made.facts.name, grants(&made.facts.grants)));
        Ok(terminal.line(made.token)?)
    }
}

fn row(token: &TokenView, now: Timestamp) -> Vec<Cell> {
    let when = |at: Option<_>| at.map_or_else(|| "never".to_owned(), |at| relative::to(at, now));
    vec![
        table::text(&token.name),
        table::text(&grants(&token.grants)),
        table::text(&token.created_by),
        Cell::new(when(token.expires_at)),
        Cell::new(when(token.used_at)),
    ]
}

/// Which.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The token's name
    name: String,
    #[command(flatten)]
    connection: Connection,
}

impl Revoke {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        Client::new(&self.connection)?.delete(&format!("{PATH}/{}", encode(&self.name))).await?;
        Ok(terminal.line(format!("{} is revoked", self.name))?)
    }
}
