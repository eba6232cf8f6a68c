//! `membership.url`: which nodes live.

use std::sync::Arc;

use anyhow::{Context, Result};
use cronbus_adapters::membership::{EtcdMembership, Options};
use cronbus_adapters::tls::Certificates;
use cronbus_core::local::membership::LocalMembership;
use cronbus_core::port::Membership;

use super::premises::Premises;
use crate::node::identity;

/// The register of the configuration. A server that does not answer yet is waited for in the background.
///
/// # Errors
/// When the server is there and refuses this node, or the certificates cannot be read.
pub(super) async fn connect(premises: &Premises<'_>) -> Result<Arc<dyn Membership>> {
    let membership = &premises.config.membership;
    if membership.url.scheme() == "local" {
        return Ok(Arc::new(LocalMembership::default()));
    }
    let certificates = Certificates::read(&membership.ca_file, &membership.certificate_file, &membership.key_file)
        .context("membership")?;
    let options = Options {
        url: membership.url.clone(),
        lease: membership.lease.duration(),
        certificates,
        identity: identity::ensure(premises.directory)?,
    };
    Ok(Arc::new(EtcdMembership::connect(&options, Arc::clone(premises.clock)).await?))
}
