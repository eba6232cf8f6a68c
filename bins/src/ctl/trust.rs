//! Whom the command line trusts over TLS: the system's authorities, those of a file, or exactly the certificate that a node
//! on this machine says it shows, whatever names are in it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use reqwest::{Certificate, ClientBuilder};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// Whom to trust.
#[derive(Debug)]
pub(crate) enum Trust {
    /// The connection is plain.
    Nobody,
    /// The system's authorities.
    System,
    /// These authorities alone.
    Authorities(Vec<Certificate>),
    /// This certificate alone.
    Exactly(CertificateDer<'static>),
}

impl Trust {
    /// The authorities in a PEM file.
    ///
    /// # Errors
    /// When it cannot be read or holds none.
    pub(crate) fn authorities(path: &Path) -> anyhow::Result<Self> {
        let found = Certificate::from_pem_bundle(&std::fs::read(path)?).context("it is no PEM")?;
        if found.is_empty() { Err(anyhow!("it holds no certificate as PEM")) } else { Ok(Self::Authorities(found)) }
    }

    /// The first certificate in a PEM file.
    ///
    /// # Errors
    /// When it cannot be read or holds none.
    pub(crate) fn exactly(path: &Path) -> anyhow::Result<Self> {
        let found = CertificateDer::from_pem_slice(&std::fs::read(path)?);
        found.map(Self::Exactly).map_err(|reason| anyhow!("it holds no certificate as PEM: {reason}"))
    }

    /// A client that trusts them.
    pub(crate) fn apply(self, builder: ClientBuilder) -> ClientBuilder {
        match self {
            Self::Nobody => builder.tls_certs_only([]),
            Self::System => builder,
            Self::Authorities(authorities) => builder.tls_certs_only(authorities),
            Self::Exactly(certificate) => {
                let verifier = Arc::new(Exactly { certificate, provider: ring::default_provider() });
                let config = ClientConfig::builder().dangerous().with_custom_certificate_verifier(verifier);
                builder.tls_backend_preconfigured(config.with_no_client_auth())
            }
        }
    }
}

/// Takes one certificate and no other. Its names and its time do not matter: it was found on this machine, beside the
/// token that is shown over the connection.
#[derive(Debug)]
struct Exactly {
    certificate: CertificateDer<'static>,
    provider: CryptoProvider,
}

impl ServerCertVerifier for Exactly {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *end_entity == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::General("it shows another certificate than the one that node.json names".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
