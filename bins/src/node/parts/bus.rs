//! `bus.url`: how messages reach other nodes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use cronbus_adapters::bus::{Limits, Login, NatsBus, Options, Trust};
use cronbus_adapters::tls;
use cronbus_adapters::vault::{KEY_BYTES, Vault};
use cronbus_core::config::{self, Config};
use cronbus_core::local::bus::LocalBus;
use cronbus_core::port::Bus;

use super::premises::Premises;
use crate::cluster_key;

/// How a node reaches others.
#[derive(Debug)]
pub(in crate::node) enum Reach {
    /// It has no others.
    Alone,
    /// Through NATS.
    Nats(Arc<NatsBus>),
}

impl Reach {
    /// The key that secrets are sealed with on their way: that of the cluster, or one that nobody else has.
    ///
    /// # Errors
    /// When the cluster key cannot be used, or the system has no random bytes.
    pub(super) fn way(&self, cluster: &config::Cluster) -> Result<Vault> {
        if let Self::Nats(_) = self {
            return Ok(Vault::new(&cluster_key::of(cluster)?.derived("cronbus secrets on their way")));
        }
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).context("the system gave no random bytes")?;
        Ok(Vault::new(&[key]))
    }

    /// NATS, where there is one.
    pub(in crate::node) fn nats(&self) -> Option<Arc<NatsBus>> {
        match self {
            Self::Alone => None,
            Self::Nats(bus) => Some(Arc::clone(bus)),
        }
    }

    /// The bus for the actors.
    pub(super) fn bus(&self) -> Arc<dyn Bus> {
        match self {
            Self::Alone => Arc::new(LocalBus::default()),
            Self::Nats(bus) => Arc::clone(bus) as Arc<dyn Bus>,
        }
    }
}

/// The bus of the configuration. A server that does not answer yet is waited for in the background.
///
/// # Errors
/// When there is no cluster key, the server is there and refuses this node, or a stream is not as it should be.
pub(super) async fn connect(premises: &Premises<'_>) -> Result<Reach> {
    let Config { bus, cluster, .. } = premises.config;
    if bus.url.scheme() == "local" {
        return Ok(Reach::Alone);
    }
    let trust = Trust {
        keys: cluster_key::of(cluster)?,
        message_ttl: cluster.message_ttl.duration(),
        clock_skew: cluster.clock_skew.duration(),
    };
    let connected = NatsBus::connect(Options {
        url: bus.url.clone(),
        node: premises.member.name.clone(),
        life: premises.member.started_at,
        login: login(bus)?,
        trust,
        limits: limits(bus),
        clock: Arc::clone(premises.clock),
    });
    Ok(Reach::Nats(connected.await?))
}

/// How the servers and this program know each other.
///
/// # Errors
/// When there is a certificate without its key, or the other way round.
pub(crate) fn login(bus: &config::Bus) -> Result<Login, tls::Error> {
    let certificate = tls::pair(&bus.certificate_file, &bus.key_file)?;
    Ok(Login {
        credentials_file: given(&bus.credentials_file),
        nkey_file: given(&bus.nkey_file),
        ca_file: given(&bus.ca_file),
        certificate: certificate.map(|(certificate, key)| (certificate.to_owned(), key.to_owned())),
    })
}

fn given(path: &Path) -> Option<PathBuf> {
    (!path.as_os_str().is_empty()).then(|| path.to_owned())
}

fn limits(bus: &config::Bus) -> Limits {
    Limits {
        replicas: bus.replicas,
        max_bytes: bus.max_bytes.0,
        log_max_bytes: bus.log_max_bytes.0,
        log_max_age: bus.log_max_age.duration(),
        max_waiting: bus.max_waiting,
        in_flight: bus.in_flight,
    }
}
