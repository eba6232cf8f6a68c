//! The URLs of services: which implementations there are, and what form each has.

use crate::config::endpoints::Endpoints;
use crate::config::root::Config;
use crate::config::url::ServiceUrl;

use super::Fault;

/// An implementation that a scheme stands for.
struct Implementation {
    scheme: &'static str,
    form: Form,
}

/// What follows after the scheme.
enum Form {
    /// `:` and nothing else.
    Bare,
    /// `://` and a path, or nothing.
    Path,
    /// `://` and what [`Endpoints`] takes apart.
    Hosts,
    /// `://`, one host, a database, and perhaps parameters after `?`.
    Database,
}

impl Form {
    /// The shortest URL of a scheme, as people should write it.
    fn shortest(&self, scheme: &str) -> String {
        match self {
            Self::Bare => format!("{scheme}:"),
            Self::Path => format!("{scheme}://"),
            Self::Hosts => format!("{scheme}://HOST"),
            Self::Database => format!("{scheme}://HOST/DATABASE"),
        }
    }

    fn fault(&self, url: &ServiceUrl) -> Option<String> {
        let shortest = self.shortest(url.scheme());
        match self {
            Self::Bare => (url.as_str() != shortest).then(|| format!("nothing may follow after {shortest}")),
            Self::Path => (!url.as_str().starts_with(&shortest)).then(|| format!("write {shortest}PATH")),
            Self::Hosts => Endpoints::parse(url).err().map(|malformed| malformed.to_string()),
            Self::Database => database_fault(url, &shortest),
        }
    }
}

fn database_fault(url: &ServiceUrl, shortest: &str) -> Option<String> {
    let before_parameters = url.as_str().split('?').next().unwrap_or_default();
    match Endpoints::parse(&ServiceUrl::new(before_parameters)) {
        Err(malformed) => Some(malformed.to_string()),
        Ok(Endpoints { hosts, .. }) if hosts.len() > 1 => {
            Some("it names several hosts: name the one that leads, or an address that follows it".to_owned())
        }
        Ok(Endpoints { path, .. }) => {
            path.is_empty().then(|| format!("the name of a database must follow the host: {shortest}"))
        }
    }
}

const fn built(scheme: &'static str, form: Form) -> Implementation {
    Implementation { scheme, form }
}

const DATABASES: &[Implementation] =
    &[built("sqlite", Form::Path), built("mysql", Form::Database), built("postgres", Form::Database)];
const BUSES: &[Implementation] = &[built("local", Form::Bare), built("nats", Form::Hosts)];
const REGISTERS: &[Implementation] =
    &[built("local", Form::Bare), built("etcd", Form::Hosts), built("etcds", Form::Hosts)];
const GUARDS: &[Implementation] = &[
    built("local", Form::Bare),
    built("redis", Form::Hosts),
    built("rediss", Form::Hosts),
    built("redis-sentinel", Form::Hosts),
    built("rediss-sentinel", Form::Hosts),
    built("redis-cluster", Form::Hosts),
    built("rediss-cluster", Form::Hosts),
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
    found.form.fault(url)
}

fn schemes(known: &[Implementation]) -> String {
    let quoted: Vec<_> = known.iter().map(|implementation| format!("`{}:`", implementation.scheme)).collect();
    quoted.join(", ")
}
