//! `guard.url`: what keeps the losers of a race away from the store.

use std::sync::Arc;

use anyhow::{Context, Result};
use cronbus_adapters::guard::{Options, RedisGuard};
use cronbus_adapters::tls::Certificates;
use cronbus_core::local::guard::LocalGuard;
use cronbus_core::port::Guard;

use super::premises::Premises;

/// The guard of the configuration. A server that does not answer yet is waited for in the background.
///
/// # Errors
/// When the server is there and refuses this node, or the certificates cannot be read.
pub(super) async fn connect(premises: &Premises<'_>) -> Result<Arc<dyn Guard>> {
    let Premises { config, clock, .. } = *premises;
    let guard = &config.guard;
    if guard.url.scheme() == "local" {
        return Ok(Arc::new(LocalGuard::new(Arc::clone(clock))));
    }
    let certificates = Certificates::read(&guard.ca_file, &guard.certificate_file, &guard.key_file).context("guard")?;
    let options = Options {
        url: guard.url.clone(),
        timeout: guard.timeout.duration(),
        keep: guard.keep.duration(),
        certificates,
    };
    Ok(Arc::new(RedisGuard::connect(&options, Arc::clone(clock)).await?))
}
