//! The URLs of services: which implementations there are, which are built into this version, and what form each has.

use crate::config::endpoints::Endpoints;
use crate::config::root::Config;
use crate::config::url::ServiceUrl;

use super::Fault;

/// An implementation that a scheme stands for.
struct Implementation {
    scheme: &'static str,
    name: &'static str,
    form: Form,
    /// Whether it is built into this version.
    is_built: bool,
}

/// What follows after the scheme.
enum Form {
    /// `:` and nothing else.
    Bare,
    /// `://` and a path, or nothing.
    Path,
    /// `://` and what [`Endpoints`] takes apart.
    Hosts,
}

impl Form {
    /// The shortest URL of a scheme, as people should write it.
    fn shortest(&self, scheme: &str) -> String {
        match self {
            Self::Bare => format!("{scheme}:"),
            Self::Path => format!("{scheme}://"),
            Self::Hosts => format!("{scheme}://HOST"),
        }
    }

    fn fault(&self, url: &ServiceUrl) -> Option<String> {
        let shortest = self.shortest(url.scheme());
        match self {
            Self::Bare => (url.as_str() != shortest).then(|| format!("nothing may follow after {shortest}")),
            Self::Path => (!url.as_str().starts_with(&shortest)).then(|| format!("write {shortest}PATH")),
            Self::Hosts => Endpoints::parse(url).err().map(|malformed| malformed.to_string()),
        }
    }
}

const fn built(scheme: &'static str, name: &'static str, form: Form) -> Implementation {
    Implementation { scheme, name, form, is_built: true }
}

const fn planned(scheme: &'static str, name: &'static str) -> Implementation {
    Implementation { scheme, name, form: Form::Hosts, is_built: false }
}

const DATABASES: &[Implementation] =
    &[built("sqlite", "SQLite", Form::Path), planned("mysql", "MySQL"), planned("postgres", "PostgreSQL")];
const BUSES: &[Implementation] = &[built("local", "the local bus", Form::Bare), built("nats", "NATS", Form::Hosts)];
const REGISTERS: &[Implementation] = &[
    built("local", "the local register", Form::Bare),
    built("etcd", "etcd", Form::Hosts),
    built("etcds", "etcd by TLS", Form::Hosts),
];
const GUARDS: &[Implementation] = &[
    built("local", "the local guard", Form::Bare),
    built("redis", "Redis", Form::Hosts),
    built("rediss", "Redis by TLS", Form::Hosts),
    built("redis-sentinel", "Redis by Sentinel", Form::Hosts),
    built("rediss-sentinel", "Redis by Sentinel and TLS", Form::Hosts),
    built("redis-cluster", "Redis Cluster", Form::Hosts),
    built("rediss-cluster", "Redis Cluster by TLS", Form::Hosts),
];

pub(in crate::config) fn check(config: &Config) -> Vec<Fault> {
    let services = [
        ("database.url", &config.database.url, DATABASES),
        ("bus.url", &config.bus.url, BUSES),
        ("membership.url", &config.membership.url, REGISTERS),
        ("guard.url", &config.guard.url, GUARDS),
    ];
    let faults = services.into_iter().filter_map(|(key, url, known)| {
        let reason = unusable(url, known)?;
        Some(Fault { key, reason })
    });
    faults.collect()
}

fn unusable(url: &ServiceUrl, known: &[Implementation]) -> Option<String> {
    let Some(found) = known.iter().find(|implementation| implementation.scheme == url.scheme()) else {
        return Some(format!("its scheme must be one of {}", schemes(known)));
    };
    if !found.is_built {
        let usable = known.iter().find(|other| other.is_built);
        let usable = usable.map(|other| other.form.shortest(other.scheme)).unwrap_or_default();
        return Some(format!("{} is not built in this version; use {usable}", found.name));
    }
    found.form.fault(url)
}

fn schemes(known: &[Implementation]) -> String {
    let quoted: Vec<_> = known.iter().map(|implementation| format!("`{}:`", implementation.scheme)).collect();
    quoted.join(", ")
}
