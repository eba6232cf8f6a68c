//! What is known of the provider: where its doors are, and its keys. Read when it is needed, kept for a while, and read
//! again for a key that is not among them, though not as often as somebody likes to make up keys.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::port::Clock;
use openidconnect::core::CoreProviderMetadata;
use openidconnect::{DiscoveryError, IssuerUrl};
use tokio::sync::Mutex;

use super::wire::{Silence, Wire};

/// How long it is believed.
const FRESH: Duration = Duration::from_secs(3600);

/// How long a provider is left alone that did not answer.
const PAUSE: Duration = Duration::from_secs(3);

/// How often unknown keys make it read again...
const REREADS: u32 = 5;

/// ...in a span of this length.
const SPAN: Duration = Duration::from_secs(60);

/// What is known of the provider.
#[derive(Debug)]
pub(super) struct Known {
    issuer: IssuerUrl,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// And since when.
    found: Option<(Arc<CoreProviderMetadata>, Duration)>,
    /// When it did not answer last, and what was wrong.
    failed: Option<(Duration, String)>,
    /// When the span began, and how often unknown keys made it read since.
    rereads: (Duration, u32),
}

impl Known {
    /// Nothing yet.
    pub(super) fn of(issuer: IssuerUrl) -> Self {
        Self { issuer, state: Mutex::default() }
    }

    /// What it calls itself.
    pub(super) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// What is known, read where that is too long ago.
    ///
    /// # Errors
    /// What is wrong, when nothing is known and the provider does not answer.
    pub(super) async fn get(&self, wire: &Wire, clock: &dyn Clock) -> Result<Arc<CoreProviderMetadata>, String> {
        let mut state = self.state.lock().await;
        let now = clock.monotonic();
        match &state.found {
            Some((found, since)) if now < *since + FRESH => Ok(Arc::clone(found)),
            _ => self.read(&mut state, wire, clock).await,
        }
    }

    /// The same, read again because `old` lacks a key; `old` itself where that was done too often of late.
    ///
    /// # Errors
    /// What is wrong, when the provider does not answer.
    pub(super) async fn get_newer(
        &self,
        old: &Arc<CoreProviderMetadata>,
        wire: &Wire,
        clock: &dyn Clock,
    ) -> Result<Arc<CoreProviderMetadata>, String> {
        let mut state = self.state.lock().await;
        if let Some((found, _)) = state.found.as_ref().filter(|(found, _)| !Arc::ptr_eq(found, old)) {
            return Ok(Arc::clone(found));
        }
        let now = clock.monotonic();
        if now >= state.rereads.0 + SPAN {
            state.rereads = (now, 0);
        }
        if state.rereads.1 >= REREADS {
            return Ok(Arc::clone(old));
        }
        state.rereads.1 += 1;
        self.read(&mut state, wire, clock).await
    }

    /// Others wait meanwhile, and take what comes of it.
    async fn read(
        &self,
        state: &mut State,
        wire: &Wire,
        clock: &dyn Clock,
    ) -> Result<Arc<CoreProviderMetadata>, String> {
        let old = state.found.as_ref().map(|(found, _)| Arc::clone(found));
        let pausing = state.failed.as_ref().filter(|(at, _)| clock.monotonic() < *at + PAUSE);
        if let Some((_, reason)) = pausing {
            return old.ok_or_else(|| reason.clone());
        }
        match CoreProviderMetadata::discover_async(self.issuer.clone(), wire).await {
            Ok(found) => {
                let found = Arc::new(found);
                state.found = Some((Arc::clone(&found), clock.monotonic()));
                state.failed = None;
                Ok(found)
            }
            Err(error) => {
                let reason = said(&error);
                tracing::warn!(issuer = self.issuer.as_str(), reason, "the OpenID provider could not be read");
                state.failed = Some((clock.monotonic(), reason.clone()));
                old.ok_or(reason)
            }
        }
    }
}

fn said(error: &DiscoveryError<Silence>) -> String {
    match error {
        DiscoveryError::Request(silence) => silence.to_string(),
        DiscoveryError::Response(status, _, _) => format!("it answered {status} where its description should be"),
        DiscoveryError::Parse(error) => format!("its description cannot be read: {error}"),
        other => other.to_string(),
    }
}
