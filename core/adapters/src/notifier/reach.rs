//! Where calls may go. Names are resolved here and nowhere else: what was judged is what is connected to, so that a name
//! cannot mean one address while it is judged and another one after.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use cronbus_core::alert::reach::is_public;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// An address that a channel may not call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} is not an address of the public internet; where that is meant, write allow_private = true into the channel"
)]
pub(super) struct Forbidden(pub(super) IpAddr);

/// Resolves names to public addresses only.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            // One that is forbidden among others is no accident.
            if let Some(address) = addresses.iter().find(|address| !is_public(address.ip())) {
                return Err(Forbidden(address.ip()).into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The resolver of a channel; `None`: the system's.
pub(super) fn resolver(allow_private: bool) -> Option<Arc<PublicOnly>> {
    (!allow_private).then(|| Arc::new(PublicOnly))
}

/// Whether a URL may be called as far as it can be told without resolving its host: addresses are not resolved.
pub(super) fn check(url: &Url, allow_private: bool) -> Result<(), Forbidden> {
    let literal = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
    match literal {
        Some(address) if !allow_private && !is_public(address) => Err(Forbidden(address)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_seen_through_however_they_are_written() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest",
            "http://[fd00:ec2::254]/",
            "http://0/",
            "http://１２７.0.0.1/",
        ] {
            assert!(check(&Url::parse(url).unwrap(), false).is_err(), "{url}");
            assert!(check(&Url::parse(url).unwrap(), true).is_ok(), "{url}");
        }
        assert!(check(&Url::parse("https://1.1.1.1/").unwrap(), false).is_ok());
    }
}
