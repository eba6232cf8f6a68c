//! Which services go together: several nodes need a bus that reaches them and a database that all of them see.

use crate::config::root::Config;
use crate::port::membership::Role;

use super::Fault;

/// A mix that cannot work.
struct Impossible {
    key: &'static str,
    is_so: fn(&Config) -> bool,
    reason: &'static str,
}

const IMPOSSIBLE: &[Impossible] = &[
    Impossible {
        key: "bus.url",
        is_so: |config| is_cluster(config) && is_local(config.bus.url.scheme()),
        reason: "the local bus ends at this process and cannot reach the members found through etcd: set bus.url to \
                 nats://HOST or membership.url to local:",
    },
    Impossible {
        key: "database.url",
        is_so: |config| is_cluster(config) && config.database.url.scheme() == "sqlite" && config.reads_database(),
        reason: "a SQLite file belongs to one host and the members found through etcd cannot share it: set \
                 database.url to mysql://… or postgres://… or membership.url to local:",
    },
    Impossible {
        key: "membership.url",
        is_so: |config| !is_cluster(config) && config.node.roles.len() < Role::ALL.len() && lacks_a_partner(config),
        reason: "a node that is alone has to play every part it needs, and this one leaves out some of scheduler, \
                 dispatcher and executor: set membership.url to etcd://HOST and bus.url to nats://HOST, or give it \
                 these roles",
    },
];

pub(in crate::config) fn check(config: &Config) -> Vec<Fault> {
    let found = IMPOSSIBLE.iter().filter(|mix| (mix.is_so)(config));
    found.map(|mix| Fault { key: mix.key, reason: mix.reason.to_owned() }).collect()
}

fn is_local(scheme: &str) -> bool {
    scheme == "local"
}

/// Whether there may be other nodes.
fn is_cluster(config: &Config) -> bool {
    !is_local(config.membership.url.scheme())
}

fn lacks_a_partner(config: &Config) -> bool {
    [Role::Scheduler, Role::Dispatcher, Role::Executor].iter().any(|role| !config.node.roles.contains(role))
}
