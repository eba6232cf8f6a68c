//! `cronbus account user …`.

use anyhow::Result;
use clap::{Args, Subcommand};
use comfy_table::Cell;
use cronbus_core::account::Grant;
use cronbus_core::time::Timestamp;

use crate::ctl::client::{Client, encode};
use crate::ctl::connection::Connection;
use crate::ctl::hidden;
use crate::ctl::list::{List, Wanted};
use crate::ctl::terminal::Terminal;
use crate::ctl::{relative, table};
use crate::web::accounts::view::UserView;
use crate::web::api::users::{NewPassword, NewUser, UserChange};

const PATH: &str = "/api/v1/users";

const LIST: List<'static, UserView> =
    List { path: PATH, columns: &["NAME", "ROLES", "STATE", "SIGNED IN"], row, none: "there are no users" };

/// The commands for users.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a user; the password is asked for, or read from the standard input
    Add(Add),
    /// List the users
    List(Wanted),
    /// Give a user other roles
    Set(Set),
    /// Sign a user out and in no more
    Disable(Named),
    /// Let a user sign in again
    Enable(Named),
    /// Delete a user
    Delete(Named),
    /// Give a user another password; it is asked for, or read from the standard input
    Password(Named),
}

impl Command {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        match self {
            Self::Add(options) => options.run(terminal).await,
            Self::List(wanted) => wanted.show(&LIST, Vec::new(), terminal).await,
            Self::Set(options) => options.run(terminal).await,
            Self::Disable(options) => options.set_disabled(true, terminal).await,
            Self::Enable(options) => options.set_disabled(false, terminal).await,
            Self::Delete(options) => options.delete(terminal).await,
            Self::Password(options) => options.set_password(terminal).await,
        }
    }
}

/// Who, and with which roles.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// What the user signs in with
    name: String,
    /// A role, like viewer, or operator:php,web for some groups; may be given several times
    #[arg(long = "grant", value_name = "ROLE[:GROUP,…]")]
    grants: Vec<Grant>,
    /// Without a password: nobody signs in by this name until it is given one
    #[arg(long)]
    no_password: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Add {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let password = if self.no_password { None } else { Some(hidden::password(&self.name)?) };
        let user = NewUser { name: self.name, password, grants: self.grants };
        let user: UserView = client.post(PATH, &user).await?;
        Ok(terminal.line(format!("{} may {}", user.name, grants(&user.grants)))?)
    }
}

fn row(user: &UserView, now: Timestamp) -> Vec<Cell> {
    let state = match (user.disabled, user.is_federated, user.has_password) {
        (true, true, _) => "disabled (OpenID)",
        (true, false, _) => "disabled",
        (false, true, _) => "active (OpenID)",
        (false, false, true) => "active",
        (false, false, false) => "no password",
    };
    let signed_in = user.signed_in_at.map_or_else(|| "never".to_owned(), |at| relative::to(at, now));
    vec![table::text(&user.name), table::text(&grants(&user.grants)), Cell::new(state), Cell::new(signed_in)]
}

/// Grants as they are written.
pub(super) fn grants(grants: &[Grant]) -> String {
    let grants: Vec<String> = grants.iter().map(ToString::to_string).collect();
    if grants.is_empty() { "nothing".to_owned() } else { grants.join(" ") }
}

/// Who, and which roles instead.
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The user
    name: String,
    /// A role, like viewer, or operator:php,web for some groups; may be given several times
    #[arg(long = "grant", value_name = "ROLE[:GROUP,…]", required = true)]
    grants: Vec<Grant>,
    #[command(flatten)]
    connection: Connection,
}

impl Set {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let change = UserChange { grants: Some(self.grants), disabled: None };
        let user: UserView = client.put(&path(&self.name), &change).await?;
        Ok(terminal.line(format!("{} may {}", user.name, grants(&user.grants)))?)
    }
}

/// Who.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The user
    name: String,
    #[command(flatten)]
    connection: Connection,
}

impl Named {
    async fn set_disabled(self, disabled: bool, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let change = UserChange { grants: None, disabled: Some(disabled) };
        let user: UserView = client.put(&path(&self.name), &change).await?;
        let what = if user.disabled { "is disabled and signed out" } else { "may sign in" };
        Ok(terminal.line(format!("{} {what}", user.name))?)
    }

    async fn delete(self, terminal: &mut Terminal) -> Result<()> {
        Client::new(&self.connection)?.delete(&path(&self.name)).await?;
        Ok(terminal.line(format!("{} is deleted", self.name))?)
    }

    async fn set_password(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let password = NewPassword { password: hidden::password(&self.name)? };
        let user: UserView = client.post(&format!("{}/password", path(&self.name)), &password).await?;
        Ok(terminal.line(format!("{} has another password and is signed out", user.name))?)
    }
}

fn path(name: &str) -> String {
    format!("{PATH}/{}", encode(name))
}
