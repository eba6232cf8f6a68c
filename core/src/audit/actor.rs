//! Who did it, and how he came in.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::account::{self, Principal};

/// The longest name that is kept of somebody who could not say who he is, in characters.
const LONGEST_NAME: usize = 100;

/// What somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Whoever can read the node's token.
    AdminToken,
    /// A person who signed in.
    User,
    /// A program with an API token.
    ApiToken,
    /// A client of the bus: it does not say which.
    Client,
    /// A node by itself.
    Node,
    /// Somebody who did not show who he is.
    Nobody,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AdminToken => "admin_token",
            Self::User => "user",
            Self::ApiToken => "api_token",
            Self::Client => "client",
            Self::Node => "node",
            Self::Nobody => "nobody",
        }
    }
}

impl From<account::Kind> for Kind {
    fn from(kind: account::Kind) -> Self {
        match kind {
            account::Kind::AdminToken => Self::AdminToken,
            account::Kind::User => Self::User,
            account::Kind::ApiToken => Self::ApiToken,
        }
    }
}

/// How somebody came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// By a request to REST.
    #[default]
    Rest,
    /// By a page.
    Page,
    /// By the command line. It says so itself, so this is a hint and no proof.
    Cli,
    /// By a message of the bus.
    Nats,
    /// From within the node.
    Node,
}

impl Door {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Page => "page",
            Self::Cli => "cli",
            Self::Nats => "nats",
            Self::Node => "node",
        }
    }
}

/// Who did something, from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// As [`Principal::name`]; what was given as a name where nobody has shown that it is his.
    pub name: String,
    /// What he is.
    pub kind: Kind,
    /// How he came in.
    pub door: Door,
    /// The address of the other end of the connection; absent within the node and over the bus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
}

impl Actor {
    /// A principal who came through a door.
    #[must_use]
    pub fn new(principal: &Principal, door: Door, address: Option<IpAddr>) -> Self {
        Self { name: principal.name.clone(), kind: principal.kind.into(), door, address }
    }

    /// A part of the node itself.
    #[must_use]
    pub fn node(part: &str) -> Self {
        Self { name: part.to_owned(), kind: Kind::Node, door: Door::Node, address: None }
    }

    /// A client of the bus.
    #[must_use]
    pub fn client(name: &str) -> Self {
        Self { name: name.to_owned(), kind: Kind::Client, door: Door::Nats, address: None }
    }

    /// Somebody who said a name and did not show that it is his. What is too long for a name is cut off.
    #[must_use]
    pub fn nobody(name: &str, door: Door, address: Option<IpAddr>) -> Self {
        let name = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        Self { name, kind: Kind::Nobody, door, address }
    }
}
