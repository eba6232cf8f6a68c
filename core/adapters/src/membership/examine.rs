//! Looking at an etcd without registering there.

use std::time::Duration;

use super::address::{Address, Options};
use super::session::Session;
use crate::examined::{Examined, Unusable};

/// Asks each member that the URL names for its version and whether it has a leader, for no longer than `patience` each.
///
/// # Errors
/// When the URL cannot be used, or no member answers and lets this node in.
pub async fn examine(options: &Options, patience: Duration) -> Result<Examined, Unusable> {
    let unusable = |reason| Unusable { place: options.url.to_string(), reason };
    let address = Address::of(options).map_err(unusable)?;
    let (mut version, mut complaints, mut reason) = (None, Vec::new(), String::new());
    for attempt in 0..address.count() {
        match ask(&address, attempt, patience).await {
            Ok(said) => version = version.or(Some(said)),
            Err(error) => {
                reason = error.to_string();
                complaints.push(format!("{} does not answer as it should: {error}", address.endpoint(attempt)));
            }
        }
    }
    let version = version.ok_or_else(|| unusable(reason))?;
    Ok(Examined { product: "etcd", version, clock: None, complaints })
}

async fn ask(address: &Address, attempt: usize, patience: Duration) -> Result<String, super::session::Trouble> {
    let mut session = Session::open(address, attempt, patience).await?;
    // Whether it may read below its prefix.
    session.list().await?;
    session.version().await
}
