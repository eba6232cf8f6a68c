//! One connection for many callers, whatever the topology behind it.

use futures::future::try_join_all;
use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, Pipeline, RedisError, RedisResult, Value};

/// How many keys a script is given at once: it holds up everybody else on the server for as long as it runs.
const KEYS_PER_SCRIPT: usize = 128;

/// A connection; clones share it.
#[derive(Clone)]
pub(super) enum Connection {
    /// To one server.
    One(MultiplexedConnection),
    /// To a cluster, where each command goes to the server of its key.
    Cluster(ClusterConnection),
}

impl Connection {
    /// Sends the commands in one go; the answers are in their order.
    pub(super) async fn run(self, commands: Vec<Cmd>) -> RedisResult<Vec<Value>> {
        match self {
            Self::One(mut connection) => {
                let mut pipeline = Pipeline::with_capacity(commands.len());
                for command in commands {
                    pipeline.add_command(command);
                }
                pipeline.query_async(&mut connection).await.map_err(first_of)
            }
            Self::Cluster(connection) => {
                let run = |command: Cmd| {
                    let mut connection = connection.clone();
                    async move { command.query_async(&mut connection).await }
                };
                try_join_all(commands.into_iter().map(run)).await
            }
        }
    }

    /// How many keys may go into one script: in a cluster, keys of several slots may not meet.
    pub(super) const fn keys_per_script(&self) -> usize {
        match self {
            Self::One(_) => KEYS_PER_SCRIPT,
            Self::Cluster(_) => 1,
        }
    }
}

/// The first of the errors of a pipeline: it says by itself what is wrong.
fn first_of(error: RedisError) -> RedisError {
    let first = error.clone().into_server_errors().and_then(|errors| errors.first().map(|(_, error)| error.clone()));
    first.map_or(error, RedisError::from)
}
