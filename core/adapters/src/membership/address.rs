//! `membership.url`: where etcd is, who asks, and below which key.

use std::time::Duration;

use cronbus_core::config::{Endpoints, ServiceUrl};
use etcd_client::{Certificate, ConnectOptions, Identity, TlsOptions};

use super::record::Keys;
use crate::tls::Certificates;

const USUAL_PORT: u16 = 2379;
const USUAL_PREFIX: &str = "cronbus";

/// A connection that hangs is given up after this long and another endpoint tried.
const CONNECTING: Duration = Duration::from_secs(2);

/// How the register is reached, and how this node is known there.
#[derive(Clone, Debug)]
pub struct Options {
    /// `etcd://[user:password@]host[:port],…[/prefix]`, or `etcds://` for TLS.
    pub url: ServiceUrl,
    /// The time to live of this node's lease.
    pub lease: Duration,
    /// For TLS.
    pub certificates: Certificates,
    /// Tells this node's own leftovers from another node of its name: the same before and after a restart, another one
    /// for every data directory.
    pub identity: String,
}

/// A checked `membership.url`.
#[derive(Clone)]
pub(super) struct Address {
    /// `http://host:port` each.
    endpoints: Vec<String>,
    user: Option<(String, String)>,
    tls: Option<TlsOptions>,
    pub(super) keys: Keys,
}

impl Address {
    /// Checks the URL.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(super) fn of(options: &Options) -> Result<Self, String> {
        let is_tls = match options.url.scheme() {
            "etcd" => false,
            "etcds" => true,
            other => return Err(format!("`{other}:` is no scheme of etcd")),
        };
        let Endpoints { user, password, hosts, path } =
            Endpoints::parse(&options.url).map_err(|malformed| malformed.to_string())?;
        if !is_tls && !options.certificates.is_empty() {
            return Err("certificates need TLS: write etcds://".to_owned());
        }
        let scheme = if is_tls { "https" } else { "http" };
        let prefix = path.trim_matches('/');
        Ok(Self {
            endpoints: hosts.iter().map(|host| format!("{scheme}://{}", host.address(USUAL_PORT))).collect(),
            user: user.map(|user| (user, password.unwrap_or_default())),
            tls: is_tls.then(|| tls(&options.certificates)),
            keys: Keys::new(if prefix.is_empty() { USUAL_PREFIX } else { prefix }),
        })
    }

    /// The endpoint of a try: each in turn.
    pub(super) fn endpoint(&self, attempt: usize) -> &str {
        let index = attempt.checked_rem(self.endpoints.len()).unwrap_or(0);
        self.endpoints.get(index).map_or("", String::as_str)
    }

    /// How many endpoints there are.
    pub(super) const fn count(&self) -> usize {
        self.endpoints.len()
    }

    /// How to connect to one. A member of a cluster that has lost its leader says so instead of keeping quiet.
    pub(super) fn connecting(&self) -> ConnectOptions {
        let mut options = ConnectOptions::new()
            .with_connect_timeout(CONNECTING)
            .with_require_leader(true)
            .with_auto_token_refresh(true);
        if let Some((user, password)) = &self.user {
            options = options.with_user(user, password);
        }
        if let Some(tls) = &self.tls {
            options = options.with_tls(tls.clone());
        }
        options
    }
}

fn tls(certificates: &Certificates) -> TlsOptions {
    let mut tls = match &certificates.authorities {
        Some(authorities) => TlsOptions::new().ca_certificate(Certificate::from_pem(authorities)),
        None => TlsOptions::new().with_native_roots(),
    };
    if let Some(own) = &certificates.own {
        tls = tls.identity(Identity::from_pem(&own.certificate, &own.key));
    }
    tls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Result<Address, String> {
        let lease = Duration::from_secs(10);
        let url = ServiceUrl::new(url);
        Address::of(&Options { url, lease, certificates: Certificates::default(), identity: String::new() })
    }

    #[test]
    fn endpoints_are_tried_in_turn_below_the_prefix() {
        let found = address("etcd://root:p%40ss@a,b:7/prod/eu/").unwrap();
        assert_eq!([0, 1, 2].map(|attempt| found.endpoint(attempt)), ["http://a:2379", "http://b:7", "http://a:2379"]);
        assert_eq!(
            (found.keys.folder(), found.user),
            ("/prod/eu/nodes/", Some(("root".to_owned(), "p@ss".to_owned())))
        );
        let found = address("etcds://a").unwrap();
        assert_eq!((found.endpoint(0), found.keys.folder()), ("https://a:2379", "/cronbus/nodes/"));
        assert!(address("http://a").is_err() && address("etcd://").is_err());
    }
}
