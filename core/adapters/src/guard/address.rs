//! `guard.url`: where the servers are, and how to get to the one that takes writes.

use std::time::Duration;

use cronbus_core::config::{Endpoints, Host, ServiceUrl};
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ClientTlsConfig, ConnectionAddr, ErrorKind, IntoConnectionInfo, RedisConnectionInfo,
    RedisError, RedisResult, TlsCertificates, TlsMode,
};

use super::connection::Connection;
use crate::tls::Certificates;

/// The usual port of a server and of a sentinel.
const SERVER_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26_379;

/// A connection may take longer to make than an answer to come: nobody waits for it.
const SHORTEST_CONNECTING: Duration = Duration::from_secs(1);

/// How the guard reaches its servers.
#[derive(Clone, Debug)]
pub struct Options {
    /// `redis://`, `redis-sentinel://`, `redis-cluster://`, or one of them with `rediss` for TLS.
    pub url: ServiceUrl,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// How long entries of durable runs stay.
    pub keep: Duration,
    /// For TLS.
    pub certificates: Certificates,
}

/// How the servers are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topology {
    One,
    Sentinel,
    Cluster,
}

/// A checked `guard.url`.
#[derive(Clone, Debug)]
pub(super) struct Address {
    topology: Topology,
    is_tls: bool,
    endpoints: Endpoints,
    /// The name that the sentinels know the master by.
    master: String,
    database: i64,
    certificates: Certificates,
    timeout: Duration,
}

impl Address {
    /// Checks the URL.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(super) fn of(options: &Options) -> Result<Self, String> {
        let scheme = options.url.scheme();
        let (plain, is_tls) = match scheme.strip_prefix("rediss") {
            Some(rest) => (format!("redis{rest}"), true),
            None => (scheme.to_owned(), false),
        };
        let topology = match plain.as_str() {
            "redis" => Topology::One,
            "redis-sentinel" => Topology::Sentinel,
            "redis-cluster" => Topology::Cluster,
            _ => return Err(format!("`{scheme}:` is no scheme of Redis")),
        };
        let endpoints = Endpoints::parse(&options.url).map_err(|malformed| malformed.to_string())?;
        if topology == Topology::One && endpoints.hosts.len() > 1 {
            return Err("several hosts need redis-sentinel:// or redis-cluster://".to_owned());
        }
        if !is_tls && !options.certificates.is_empty() {
            return Err(format!("certificates need TLS: write {}://", scheme.replacen("redis", "rediss", 1)));
        }
        let (master, database) = master_and_database(topology, &endpoints.path)?;
        let certificates = options.certificates.clone();
        Ok(Self { topology, is_tls, endpoints, master, database, certificates, timeout: options.timeout })
    }

    /// Makes a connection to whoever takes writes now.
    pub(super) async fn connect(&self) -> RedisResult<Connection> {
        match self.topology {
            Topology::One => self.connect_to_one().await,
            Topology::Sentinel => {
                let connection = self.sentinels()?.get_async_connection_with_config(&self.settings()).await?;
                Ok(Connection::One(connection))
            }
            Topology::Cluster => self.connect_to_cluster().await,
        }
    }

    async fn connect_to_one(&self) -> RedisResult<Connection> {
        let info = self.addresses(SERVER_PORT).into_iter().next().ok_or_else(nowhere)?.into_connection_info()?;
        let info = info.set_redis_settings(self.credentials());
        let client =
            if self.is_tls { Client::build_with_tls(info, self.tls_certificates())? } else { Client::open(info)? };
        let connection = client.get_multiplexed_async_connection_with_config(&self.settings()).await?;
        Ok(Connection::One(connection))
    }

    fn sentinels(&self) -> RedisResult<SentinelClient> {
        let sentinels = self.addresses(SENTINEL_PORT);
        let mut builder = SentinelClientBuilder::new(sentinels, &self.master, SentinelServerType::Master)?
            .set_client_to_redis_db(self.database);
        if let Some(user) = &self.endpoints.user {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = &self.endpoints.password {
            builder = builder.set_client_to_redis_password(password);
        }
        if self.is_tls {
            builder = builder
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_redis_certificates(self.tls_certificates())
                .set_client_to_sentinel_certificates(self.tls_certificates());
        }
        builder.build()
    }

    async fn connect_to_cluster(&self) -> RedisResult<Connection> {
        let mut builder = redis::cluster::ClusterClient::builder(self.addresses(SERVER_PORT))
            .connection_timeout(self.timeout.max(SHORTEST_CONNECTING))
            .response_timeout(self.timeout)
            .overall_response_timeout(Some(self.timeout));
        if let Some(user) = &self.endpoints.user {
            builder = builder.username(user);
        }
        if let Some(password) = &self.endpoints.password {
            builder = builder.password(password);
        }
        if self.is_tls {
            builder = builder.tls(TlsMode::Secure).certs(self.tls_certificates());
        }
        Ok(Connection::Cluster(builder.build()?.get_async_connection().await?))
    }

    fn settings(&self) -> AsyncConnectionConfig {
        AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout.max(SHORTEST_CONNECTING)))
            .set_response_timeout(Some(self.timeout))
    }

    fn credentials(&self) -> RedisConnectionInfo {
        let mut settings = RedisConnectionInfo::default().set_db(self.database);
        if let Some(user) = &self.endpoints.user {
            settings = settings.set_username(user);
        }
        if let Some(password) = &self.endpoints.password {
            settings = settings.set_password(password);
        }
        settings
    }

    fn addresses(&self, usual: u16) -> Vec<ConnectionAddr> {
        self.endpoints.hosts.iter().map(|host| self.address(host, usual)).collect()
    }

    fn address(&self, host: &Host, usual: u16) -> ConnectionAddr {
        let (name, port) = (host.name.clone(), host.port.unwrap_or(usual));
        if self.is_tls {
            return ConnectionAddr::TcpTls { host: name, port, insecure: false, tls_params: None };
        }
        ConnectionAddr::Tcp(name, port)
    }

    fn tls_certificates(&self) -> TlsCertificates {
        let own = self.certificates.own.clone();
        TlsCertificates {
            client_tls: own.map(|own| ClientTlsConfig { client_cert: own.certificate, client_key: own.key }),
            root_cert: self.certificates.authorities.clone(),
        }
    }
}

fn nowhere() -> RedisError {
    (ErrorKind::InvalidClientConfig, "no host").into()
}

/// What follows after the hosts: the number of a database, after the name of the master where sentinels are asked.
fn master_and_database(topology: Topology, path: &str) -> Result<(String, i64), String> {
    let (master, number) = match topology {
        Topology::One => ("", path),
        Topology::Sentinel => path.split_once('/').unwrap_or((path, "")),
        Topology::Cluster if path.is_empty() => ("", ""),
        Topology::Cluster => return Err("a cluster has one database only: nothing may follow its hosts".to_owned()),
    };
    if topology == Topology::Sentinel && master.is_empty() {
        return Err(
            "after the sentinels must stand the name of the master: redis-sentinel://HOST,HOST/MASTER".to_owned()
        );
    }
    let database = match number {
        "" => 0,
        digits => digits.parse::<u16>().map_err(|_| "after the host may stand the number of a database".to_owned())?,
    };
    Ok((master.to_owned(), i64::from(database)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Result<Address, String> {
        Address::of(&Options {
            url: ServiceUrl::new(url),
            timeout: Duration::from_secs(1),
            keep: Duration::from_secs(1),
            certificates: Certificates::default(),
        })
    }

    #[test]
    fn each_form_is_understood() {
        for (url, topology, is_tls, master, database) in [
            ("redis://h", Topology::One, false, "", 0),
            ("rediss://u:p@h:1/7", Topology::One, true, "", 7),
            ("redis-sentinel://a,b/mymaster", Topology::Sentinel, false, "mymaster", 0),
            ("rediss-sentinel://a/m/2", Topology::Sentinel, true, "m", 2),
            ("redis-cluster://a,b,c", Topology::Cluster, false, "", 0),
        ] {
            let found = address(url).unwrap();
            assert_eq!((found.topology, found.is_tls), (topology, is_tls), "{url}");
            assert_eq!((found.master.as_str(), found.database), (master, database), "{url}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_the_reason() {
        for (url, reason) in [
            ("redis://a,b", "redis-sentinel"),
            ("redis://h/x", "number of a database"),
            ("redis-sentinel://a,b", "name of the master"),
            ("redis-cluster://a/1", "one database"),
            ("redisx://a", "no scheme"),
            ("redis://", "host"),
        ] {
            let message = address(url).unwrap_err();
            assert!(message.contains(reason), "{url}: {message}");
        }
    }
}
