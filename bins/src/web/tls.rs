//! What the web shows to those who speak TLS: a certificate and its key, read from files and read again when they change,
//! so that a certificate that is renewed needs no restart.
//!
//! It asks clients for no certificate: who they are is told by tokens and sessions.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use cronbus_adapters::tls::{Identity, pair};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// A certificate that cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The files cannot be read.
    #[error("web.{0}")]
    Unreadable(#[from] cronbus_adapters::tls::Error),
    /// They hold no PEM of the kind that is wanted.
    #[error("web.{key}: {} holds {what} as PEM: {reason}", path.display())]
    NotPem {
        /// The key that names it.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is missing.
        what: &'static str,
        /// What the reader said.
        reason: pem::Error,
    },
    /// The key is of a kind that cannot sign, or is another certificate's.
    #[error("web.certificate_file {} and web.key_file {} cannot be used together: {reason}", certificate.display(), key.display())]
    Unusable {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// What TLS said.
        reason: rustls::Error,
    },
}

/// What is shown, now.
#[derive(Debug)]
pub(crate) struct Shown {
    certificate: PathBuf,
    key: PathBuf,
    /// What the files held when they were read last, whether it could be used or not; or why they could not be read.
    seen: Mutex<Result<Identity, String>>,
    now: RwLock<Arc<CertifiedKey>>,
}

impl Shown {
    /// What is in these files; nothing when both paths are empty.
    ///
    /// # Errors
    /// When there is only one of them, or they cannot be used.
    pub(crate) fn of(certificate: &Path, key: &Path) -> Result<Option<Arc<Self>>, Error> {
        let Some((certificate, key)) = pair(certificate, key)? else { return Ok(None) };
        let read = Identity::read(certificate, key)?;
        let now = RwLock::new(Arc::new(usable(&read, certificate, key)?));
        let (certificate, key) = (absolute(certificate), absolute(key));
        Ok(Some(Arc::new(Self { certificate, key, seen: Mutex::new(Ok(read)), now })))
    }

    /// The file of the certificate.
    pub(crate) fn certificate_file(&self) -> &Path {
        &self.certificate
    }

    /// For a server that shows it.
    pub(crate) fn config(self: &Arc<Self>) -> ServerConfig {
        ServerConfig::builder()
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>)
    }

    /// For a server that shows it for long: from now on the files are looked at.
    pub(crate) fn kept_current(self: &Arc<Self>) -> ServerConfig {
        actix_rt::spawn(keep_current(Arc::downgrade(self)));
        self.config()
    }

    /// Takes what the files hold now, if it is new and can be used. What is wrong with them is told once.
    fn look(&self) {
        match self.changed() {
            None => {}
            Some(Ok(changed)) => {
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(changed);
                tracing::info!("web.certificate_file {} was renewed, and is shown now", self.certificate.display());
            }
            Some(Err(error)) => tracing::error!("the web goes on showing the certificate that it had: {error}"),
        }
    }

    fn changed(&self) -> Option<Result<CertifiedKey, Error>> {
        let found = Identity::read(&self.certificate, &self.key).map_err(Error::from);
        let known = found.as_ref().map_err(ToString::to_string).cloned();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == known {
            return None;
        }
        *seen = known;
        drop(seen);
        Some(found.and_then(|found| usable(&found, &self.certificate, &self.key)))
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Looks at the files until nobody shows them any more.
async fn keep_current(shown: Weak<Shown>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(shown) = shown.upgrade() else { return };
        // The files may be far away.
        let _ = actix_web::rt::task::spawn_blocking(move || shown.look()).await;
    }
}

fn usable(read: &Identity, certificate: &Path, key: &Path) -> Result<CertifiedKey, Error> {
    let not_pem = |name, path: &Path, what| {
        let path = path.to_owned();
        move |reason| Error::NotPem { key: name, path, what, reason }
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read.certificate)
        .collect::<Result<_, _>>()
        .and_then(|chain: Vec<_>| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(not_pem("certificate_file", certificate, "no certificate"))?;
    let secret = PrivateKeyDer::from_pem_slice(&read.key).map_err(not_pem("key_file", key, "no private key"))?;
    let provider: CryptoProvider = ring::default_provider();
    CertifiedKey::from_der(chain, secret, &provider).map_err(|reason| Error::Unusable {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        reason,
    })
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
