//! The URLs of services: which implementations there are, which are built into this version, and which go together.

use crate::config::root::Config;
use crate::config::url::ServiceUrl;

use super::Fault;

/// An implementation that a scheme stands for.
struct Implementation {
    scheme: &'static str,
    name: &'static str,
    /// Its shortest URL, if it is built into this version.
    built: Option<&'static str>,
}

const fn built(scheme: &'static str, name: &'static str, url: &'static str) -> Implementation {
    Implementation { scheme, name, built: Some(url) }
}

const fn planned(scheme: &'static str, name: &'static str) -> Implementation {
    Implementation { scheme, name, built: None }
}

const DATABASES: &[Implementation] =
    &[built("sqlite", "SQLite", "sqlite://"), planned("mysql", "MySQL"), planned("postgres", "PostgreSQL")];
const BUSES: &[Implementation] = &[built("local", "the local bus", "local:"), planned("nats", "NATS")];
const REGISTERS: &[Implementation] = &[built("local", "the local register", "local:"), planned("etcd", "etcd")];
const GUARDS: &[Implementation] = &[built("local", "the local guard", "local:"), planned("redis", "Redis")];

pub(in crate::config) fn check(config: &Config) -> Vec<Fault> {
    let services = [
        ("database.url", &config.database.url, DATABASES),
        ("bus.url", &config.bus.url, BUSES),
        ("membership.url", &config.membership.url, REGISTERS),
        ("guard.url", &config.guard.url, GUARDS),
    ];
    let single = services.into_iter().filter_map(|(key, url, known)| {
        let reason = unusable(url, known)?;
        Some(Fault { key, reason })
    });
    single.chain(impossible_mixes(config)).collect()
}

fn unusable(url: &ServiceUrl, known: &[Implementation]) -> Option<String> {
    let Some(found) = known.iter().find(|implementation| implementation.scheme == url.scheme()) else {
        return Some(format!("its scheme must be one of {}", schemes(known)));
    };
    let Some(shortest) = found.built else {
        let usable = known.iter().find_map(|other| other.built).unwrap_or_default();
        return Some(format!("{} is not built in this version; use {usable}", found.name));
    };
    if shortest == "local:" {
        return (url.as_str() != shortest).then(|| format!("nothing may follow after {shortest}"));
    }
    (!url.as_str().starts_with(shortest)).then(|| format!("write {shortest}PATH"))
}

fn schemes(known: &[Implementation]) -> String {
    let quoted: Vec<_> = known.iter().map(|implementation| format!("`{}:`", implementation.scheme)).collect();
    quoted.join(", ")
}

/// Several nodes need a bus that reaches them and a database that all of them see.
fn impossible_mixes(config: &Config) -> impl Iterator<Item = Fault> {
    let is_cluster = config.membership.url.scheme() == "etcd";
    let bus = (is_cluster && config.bus.url.scheme() == "local").then(|| Fault {
        key: "bus.url",
        reason: "the local bus ends at this process and cannot reach the members found through etcd: set bus.url to \
                 nats://HOST or membership.url to local:"
            .to_owned(),
    });
    let database = (is_cluster && config.database.url.scheme() == "sqlite").then(|| Fault {
        key: "database.url",
        reason:
            "a SQLite file belongs to one host and the members found through etcd cannot share it: set database.url \
                 to mysql://… or postgres://… or membership.url to local:"
                .to_owned(),
    });
    bus.into_iter().chain(database)
}
