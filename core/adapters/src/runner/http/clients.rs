//! HTTP clients, one for each way of connecting, kept so that calls share connections.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cronbus_core::job::command::Http;
use reqwest::Client;
use reqwest::redirect::Policy;

/// How many clients are kept: jobs differ in few ways, and each client holds certificates and idle connections.
const KEPT: usize = 16;

/// What is decided when a client is made, not with each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    max_redirects: u8,
    verify_tls: bool,
    connect_timeout: Duration,
}

/// The clients that are kept, the one used last at the end.
#[derive(Debug, Default)]
pub(super) struct Clients(Mutex<Vec<(Way, Client)>>);

impl Clients {
    /// The client for a request. Making one reads the system's certificates.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn get(&self, request: &Http) -> Result<Client, reqwest::Error> {
        let way = Way {
            max_redirects: request.max_redirects,
            verify_tls: request.verify_tls,
            connect_timeout: request.connect_timeout.duration(),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let client = match kept.iter().position(|(known, _)| *known == way) {
            Some(index) => kept.remove(index).1,
            None => make(way)?,
        };
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((way, client.clone()));
        Ok(client)
    }
}

fn make(way: Way) -> Result<Client, reqwest::Error> {
    crate::tls::provide_cryptography();
    let redirects = match way.max_redirects {
        0 => Policy::none(),
        count => Policy::limited(usize::from(count)),
    };
    Client::builder()
        .user_agent(concat!("cronbus/", env!("CARGO_PKG_VERSION")))
        .redirect(redirects)
        .tls_danger_accept_invalid_certs(!way.verify_tls)
        .connect_timeout(way.connect_timeout)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_shared_and_bounded() {
        let clients = Clients::default();
        for max_redirects in (0..40).chain(0..40) {
            let text = format!(r#"{{"url":"http://x","max_redirects":{max_redirects}}}"#);
            clients.get(&serde_json::from_str(&text).unwrap()).unwrap();
        }
        assert_eq!(clients.0.lock().unwrap().len(), KEPT);
    }
}
