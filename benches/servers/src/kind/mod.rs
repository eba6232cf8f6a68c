//! What differs between the programs: how their data is prepared, how they are started, how they say that they are
//! ready.

mod etcd;
mod mariadb;
mod nats;
mod place;
mod postgresql;
mod redis;

use std::process::Command;

pub use place::Encryption;
pub(crate) use place::Place;

use crate::error::Error;

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// nats-server with JetStream on files.
    Nats,
    /// etcd, one member.
    Etcd,
    /// redis-server, in memory only.
    Redis,
    /// mariadbd with an empty database `cronbus`; `root` has no password.
    MariaDb,
    /// postgres with an empty database `cronbus` of the user `cronbus`, trusted from loopback.
    PostgreSql,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Nats, Self::Etcd, Self::Redis, Self::MariaDb, Self::PostgreSql];

    /// Its name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nats => "nats-server",
            Self::Etcd => "etcd",
            Self::Redis => "redis-server",
            Self::MariaDb => "mariadbd",
            Self::PostgreSql => "postgres",
        }
    }

    /// The URL by which cronbus reaches such a server on `port`.
    #[must_use]
    pub fn url(self, port: u16) -> String {
        match self {
            Self::Nats => format!("nats://127.0.0.1:{port}"),
            Self::Etcd => format!("etcd://127.0.0.1:{port}"),
            Self::Redis => format!("redis://127.0.0.1:{port}"),
            Self::MariaDb => format!("mysql://root@127.0.0.1:{port}/cronbus"),
            Self::PostgreSql => format!("postgres://cronbus@127.0.0.1:{port}/cronbus"),
        }
    }

    /// Makes its data, once.
    pub(crate) fn prepare(self, place: &Place) -> Result<(), Error> {
        match self {
            Self::Nats => nats::prepare(place),
            Self::Etcd | Self::Redis => Ok(()),
            Self::MariaDb => mariadb::prepare(place),
            Self::PostgreSql => postgresql::prepare(place),
        }
    }

    /// What starts it.
    pub(crate) fn command(self, place: &Place) -> Result<Command, Error> {
        match self {
            Self::Nats => nats::command(place),
            Self::Etcd => etcd::command(place),
            Self::Redis => redis::command(place),
            Self::MariaDb => mariadb::command(place),
            Self::PostgreSql => postgresql::command(place),
        }
    }

    /// Whether it answers.
    pub(crate) fn is_ready(self, place: &Place) -> bool {
        match self {
            Self::Nats => nats::is_ready(place),
            Self::Etcd => etcd::is_ready(place),
            Self::Redis => redis::is_ready(place),
            Self::MariaDb => mariadb::is_ready(place),
            Self::PostgreSql => postgresql::is_ready(place),
        }
    }
}
