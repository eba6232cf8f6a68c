//! Calls over HTTP: to where they may go, never further than that, and not for long.

use std::error::Error as _;
use std::time::Duration;

use cronbus_core::alert::channel::Channel;
use cronbus_core::alert::preset::{Request, Verdict, judge};
use cronbus_core::time::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Url};

use super::answer;
use super::reach::{self, Forbidden};
use super::tally::Outcome;
use crate::tls::provide_cryptography;

/// How deep an error may be wrapped.
const DEEPEST: usize = 16;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(60);

/// Makes the calls of all channels with the same freedom.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    client: Client,
    allow_private: bool,
}

impl Caller {
    /// A caller without connections, each of whose calls takes at most `timeout`.
    pub(super) fn new(allow_private: bool, timeout: Duration) -> Result<Self, reqwest::Error> {
        provide_cryptography();
        let mut builder = Client::builder()
            .user_agent(concat!("cronbus/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            // A proxy would go wherever it is told.
            .no_proxy()
            .timeout(timeout)
            .pool_idle_timeout(IDLE);
        if let Some(resolver) = reach::resolver(allow_private) {
            builder = builder.dns_resolver(resolver);
        }
        Ok(Self { client: builder.build()?, allow_private })
    }

    /// Makes one call, and says what the answer means.
    pub(super) async fn call(&self, channel: &Channel, request: Request, now: Timestamp) -> Outcome {
        let prepared = match self.prepare(request) {
            Ok(prepared) => prepared,
            Err(reason) => return Outcome::of(Verdict::Refused(reason)),
        };
        match self.client.execute(prepared).await {
            Err(error) => Outcome::silence(failed(&error.without_url())),
            Ok(response) => {
                let status = response.status().as_u16();
                let retry_after = answer::retry_after(response.headers(), now);
                let verdict = judge(&channel.settings, status, &answer::beginning(response).await);
                Outcome { retry_after, ..Outcome::of(verdict) }
            }
        }
    }

    fn prepare(&self, request: Request) -> Result<reqwest::Request, String> {
        let url = Url::parse(&request.url).map_err(|error| format!("its URL cannot be read: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("its URL must begin with https:// or http://".to_owned());
        }
        reach::check(&url, self.allow_private).map_err(|forbidden| forbidden.to_string())?;
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| error.to_string())?;
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let name =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is not a header's name"))?;
            let value = HeaderValue::from_str(value)
                .map_err(|_| format!("the value of `{name}` has characters that a header cannot hold"))?;
            headers.append(name, value);
        }
        let prepared = self.client.request(method, url).headers(headers).body(request.body).build();
        prepared.map_err(|error| error.without_url().to_string())
    }
}

/// What a call means that was not answered.
fn failed(error: &reqwest::Error) -> Verdict {
    let mut cause = error.source();
    let mut said = error.to_string();
    for _ in 0..DEEPEST {
        let Some(found) = cause else { break };
        if let Some(forbidden) = found.downcast_ref::<Forbidden>() {
            return Verdict::Refused(forbidden.to_string());
        }
        let detail = found.to_string();
        if !said.contains(&detail) {
            said = format!("{said}: {detail}");
        }
        cause = found.source();
    }
    if error.is_timeout() {
        return Verdict::Unavailable(format!("no answer came in time (alerts.timeout): {said}"));
    }
    Verdict::Unavailable(said)
}
