//! How the provider is called: bounded in time and size, without following it elsewhere.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};

/// The longest answer that is read: descriptions, keys and tokens are a few kilobytes.
const LONGEST: usize = 1 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Silence {
    /// The call failed.
    #[error("{0}")]
    Call(String),
    /// The answer does not end.
    #[error("its answer is longer than {LONGEST} bytes")]
    TooLong,
    /// The call or the answer breaks the rules of HTTP.
    #[error("{0}")]
    Http(#[from] http::Error),
}

impl From<reqwest::Error> for Silence {
    /// With the causes, and without the address: that may hold a code.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_timeout() {
            return Self::Call("it did not answer in time".to_owned());
        }
        let mut said = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            said = format!("{said}: {error}");
            cause = error.source();
        }
        Self::Call(said)
    }
}

/// The connections to the provider.
#[derive(Clone, Debug)]
pub(super) struct Wire(Client);

impl Wire {
    /// One that trusts the authorities of a PEM file, or those of the system. An answer may take `timeout` as a whole.
    ///
    /// # Errors
    /// When the file cannot be read or holds no certificate.
    pub(super) fn new(ca_file: Option<&Path>, timeout: Duration) -> anyhow::Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("cronbus/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .timeout(timeout);
        if let Some(path) = ca_file {
            let found = Certificate::from_pem_bundle(&std::fs::read(path)?)?;
            anyhow::ensure!(!found.is_empty(), "it holds no certificate as PEM");
            builder = builder.tls_certs_only(found);
        }
        Ok(Self(builder.build()?))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Silence> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LONGEST {
                return Err(Silence::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::builder().status(response.status());
        if let Some(kind) = response.headers().get(http::header::CONTENT_TYPE) {
            answer = answer.header(http::header::CONTENT_TYPE, kind);
        }
        Ok(answer.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = Silence;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Silence>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
