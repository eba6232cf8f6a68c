//! What messages leave through.

use std::sync::Arc;

use anyhow::Result;
use cronbus_adapters::notifier::Notifiers;
use cronbus_core::config::{Config, Endpoints, ServiceUrl};
use cronbus_core::port::Notifier;
use cronbus_core::port::membership::Role;
use cronbus_core::port::notifier::Silent;

use super::premises::Premises;

/// Opens the channels of the configuration, on a node that tells people of alerts or has a web where channels are tested;
/// others need not have the files of their secrets. No connection is made.
///
/// # Errors
/// When the file of a secret cannot be read, or a setting cannot be used.
pub(super) fn open(premises: &Premises<'_>) -> Result<Arc<dyn Notifier>> {
    let (config, alerts) = (premises.config, &premises.config.alerts);
    let tells = [Role::Monitor, Role::Web].iter().any(|role| premises.member.has(*role));
    if !tells || alerts.channel.is_empty() {
        return Ok(Arc::new(Silent));
    }
    let secrets = secrets(config);
    let known = secrets.iter().map(String::as_str);
    let timeout = alerts.timeout.duration();
    Ok(Arc::new(Notifiers::open(&alerts.channel, known, timeout, Arc::clone(premises.clock))?))
}

/// What no message may tell: the passwords of services, the cluster's key.
fn secrets(config: &Config) -> Vec<String> {
    let urls = [&config.database.url, &config.bus.url, &config.membership.url, &config.guard.url];
    let passwords = urls.into_iter().filter_map(|url| credentials(url)?.1);
    // Alone it is a token of NATS; elsewhere it is a name, which others may have, too.
    let token = credentials(&config.bus.url).filter(|(_, password)| password.is_none()).and_then(|(user, _)| user);
    passwords.chain(token).chain(config.cluster.key.reveal().map(str::to_owned)).collect()
}

/// User and password of a URL.
fn credentials(url: &ServiceUrl) -> Option<(Option<String>, Option<String>)> {
    let before_parameters = url.as_str().split('?').next().unwrap_or_default();
    let Endpoints { user, password, .. } = Endpoints::parse(&ServiceUrl::new(before_parameters)).ok()?;
    Some((user, password))
}
