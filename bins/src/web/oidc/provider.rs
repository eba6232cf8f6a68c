//! The provider as it is configured: sends browsers there, and takes what they bring back.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cronbus_core::account::Identity;
use cronbus_core::config::Config;
use cronbus_core::port::Clock;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreJwsSigningAlgorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse,
};
use serde_json::{Map, Value};
use url::Url;

use super::claims::{Claims, Rules};
use super::errand::Errand;
use super::known::Known;
use super::refusal::Refusal;
use super::wire::Wire;

/// The path that the provider sends browsers back to.
const CALLBACK: &str = "/login/oidc/callback";

/// Signatures with the provider's private key. Those with the client's secret, and none at all, are not among them.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The provider.
#[derive(Debug)]
pub(crate) struct Provider {
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    back: RedirectUrl,
    scopes: Vec<Scope>,
    label: String,
    rules: Rules,
    known: Known,
    wire: Wire,
}

impl Provider {
    /// That of a configuration, if it has one. It is not asked anything yet.
    ///
    /// # Errors
    /// When a file of it cannot be read, or an address is none.
    pub(crate) fn new(config: &Config) -> anyhow::Result<Option<Self>> {
        let oidc = &config.oidc;
        if !oidc.is_on() {
            return Ok(None);
        }
        let public_url = if oidc.public_url.is_empty() { &config.alerts.url } else { &oidc.public_url };
        let back = format!("{}{CALLBACK}", public_url.trim_end_matches('/'));
        let has_authorities = !oidc.ca_file.as_os_str().is_empty();
        let wire = Wire::new(has_authorities.then_some(oidc.ca_file.as_path()), oidc.timeout.duration())
            .with_context(|| format!("oidc.ca_file: {} cannot be used", oidc.ca_file.display()))?;
        Ok(Some(Self {
            client_id: ClientId::new(oidc.client_id.clone()),
            client_secret: secret(config)?.map(ClientSecret::new),
            back: RedirectUrl::new(back).context("oidc.public_url is no address")?,
            scopes: oidc.scopes.iter().cloned().map(Scope::new).collect(),
            label: oidc.label.clone(),
            rules: Rules::new(oidc),
            known: Known::of(IssuerUrl::new(oidc.issuer.clone()).context("oidc.issuer is no address")?),
            wire,
        }))
    }

    /// What the button says, if that was said.
    pub(crate) fn label(&self) -> Option<&str> {
        (!self.label.is_empty()).then_some(self.label.as_str())
    }

    /// What it calls itself.
    pub(crate) fn issuer(&self) -> &str {
        self.known.issuer()
    }

    /// What follows from claims.
    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Where a browser on this errand is to go.
    ///
    /// # Errors
    /// `Away`.
    pub(crate) async fn door(&self, errand: &Errand, clock: &dyn Clock) -> Result<Url, Refusal> {
        let metadata = self.known.get(&self.wire, clock).await.map_err(Refusal::Away)?;
        let client = self.client(&metadata);
        let (state, nonce) = (errand.state(), errand.nonce());
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client.authorize_url(flow, move || state, move || nonce);
        let request = request.add_scopes(self.scopes.iter().cloned()).set_pkce_challenge(errand.challenge());
        Ok(request.url().0)
    }

    /// Who a code stands for.
    ///
    /// # Errors
    /// `Away`, `Denied`, `Untrusted`.
    pub(crate) async fn exchange(&self, errand: &Errand, code: &str, clock: &dyn Clock) -> Result<Claims, Refusal> {
        let metadata = self.known.get(&self.wire, clock).await.map_err(Refusal::Away)?;
        let client = self.client(&metadata);
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let request = request.map_err(|error| Refusal::Away(error.to_string()))?.set_pkce_verifier(errand.verifier());
        let answer = request.request_async(&self.wire).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(said) => Refusal::Denied(said.to_string()),
            RequestTokenError::Request(silence) => Refusal::Away(silence.to_string()),
            RequestTokenError::Parse(error, _) => Refusal::Untrusted(format!("its answer cannot be read: {error}")),
            RequestTokenError::Other(reason) => Refusal::Untrusted(reason),
        })?;
        let token = answer.id_token().ok_or_else(|| Refusal::Untrusted("it gave no ID token".to_owned()))?;
        match self.check(&metadata, token, errand) {
            Err(error) if lacks_key(&error) => {
                let newer = self.known.get_newer(&metadata, &self.wire, clock).await.map_err(Refusal::Away)?;
                self.check(&newer, token, errand)
            }
            checked => checked,
        }
        .map_err(|error| Refusal::Untrusted(said(&error)))
    }

    /// Believes a token or not: signature, issuer, audience, time, nonce.
    fn check(
        &self,
        metadata: &CoreProviderMetadata,
        token: &CoreIdToken,
        errand: &Errand,
    ) -> Result<Claims, ClaimsVerificationError> {
        let client = self.client(metadata);
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let claims = token.claims(&verifier, &errand.nonce())?;
        let identity = Identity { issuer: claims.issuer().to_string(), subject: claims.subject().to_string() };
        let all = payload(&token.to_string())
            .ok_or_else(|| ClaimsVerificationError::Other("what is in the ID token cannot be read again".to_owned()))?;
        Ok(Claims::new(identity, all))
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Client {
        let how = metadata.token_endpoint_auth_methods_supported();
        let takes = |method| how.is_none_or(|how| how.contains(&method));
        let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost);
        let shown = if in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
        CoreClient::from_provider_metadata(metadata.clone(), self.client_id.clone(), self.client_secret.clone())
            .set_redirect_uri(self.back.clone())
            .set_auth_type(shown)
    }
}

/// The client's secret, as text or from its file.
fn secret(config: &Config) -> anyhow::Result<Option<String>> {
    let path = &config.oidc.client_secret_file;
    if path.as_os_str().is_empty() {
        return Ok(config.oidc.client_secret.reveal().map(str::to_owned));
    }
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("oidc.client_secret_file: {} cannot be read", path.display()))?;
    anyhow::ensure!(!text.trim().is_empty(), "oidc.client_secret_file: {} is empty", path.display());
    Ok(Some(text.trim().to_owned()))
}

/// All claims of a token whose signature was checked, also those that no standard knows.
fn payload(token: &str) -> Option<Map<String, Value>> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

fn lacks_key(error: &ClaimsVerificationError) -> bool {
    let ClaimsVerificationError::SignatureVerification(error) = error else { return false };
    matches!(error, SignatureVerificationError::NoMatchingKey)
}

fn said(error: &ClaimsVerificationError) -> String {
    match error {
        ClaimsVerificationError::SignatureVerification(reason) => format!("{error}: {reason}"),
        _ => error.to_string(),
    }
}
