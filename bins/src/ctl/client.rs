//! The one who asks a node: REST requests, and what went wrong with them in words.

use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use cronbus_core::port::operations::Health;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::advice;
use super::connection::{Connection, is_this_machine};
use super::trust::Trust;
use crate::token::Token;
use crate::web::problem::{MEDIA_TYPE, Problem};

/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(5);

/// How long an answer may take.
const ANSWERING: Duration = Duration::from_secs(120);

/// Asks one node.
#[derive(Debug)]
pub(crate) struct Client {
    base: String,
    token: Option<Token>,
    http: reqwest::Client,
}

impl Client {
    /// A client for the node that `connection` names. Nothing is sent yet.
    ///
    /// # Errors
    /// When the token file cannot be read, or the system has no certificates to check an `https` server with.
    pub(crate) fn new(connection: &Connection) -> anyhow::Result<Self> {
        let base = connection.server();
        let token = connection.token_for(&base)?;
        let agent = format!("{}{}", crate::web::session::CLI, env!("CARGO_PKG_VERSION"));
        let mut builder = reqwest::Client::builder().user_agent(agent).connect_timeout(CONNECTING);
        if is_this_machine(&base) {
            builder = builder.no_proxy();
        }
        // A plain connection never looks at certificates, and reading all those of the system takes its time.
        let trust = if base.starts_with("http://") { Trust::Nobody } else { connection.trust()? };
        let http = trust.apply(builder).build().context("the HTTP client could not be set up")?;
        Ok(Self { base, token, http })
    }

    /// Reads what is at `path`.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<T> {
        self.read(self.request(Method::GET, path, query)).await
    }

    /// Sends `body` to `path`.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn post<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> anyhow::Result<T> {
        self.read(self.request(Method::POST, path, &[]).json(body)).await
    }

    /// Replaces what is at `path` by `body`.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn put<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> anyhow::Result<T> {
        self.read(self.request(Method::PUT, path, &[]).json(body)).await
    }

    /// Deletes what is at `path`.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.answer(self.request(Method::DELETE, path, &[])).await.map(drop)
    }

    /// Sends a document of the media type `kind`.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn post_document<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
        kind: &'static str,
        text: String,
    ) -> anyhow::Result<T> {
        self.read(self.request(Method::POST, path, query).header("Content-Type", kind).body(text)).await
    }

    /// How the node is, whether that is well or not.
    ///
    /// # Errors
    /// When no node answers, or it does not tell.
    pub(crate) async fn health(&self) -> anyhow::Result<Health> {
        let answer = self.request(Method::GET, "/readyz", &[]).send().await?;
        Ok(answer.json().await?)
    }

    /// Reads what is at `path` as text.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn text(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<String> {
        Ok(self.answer(self.request(Method::GET, path, query)).await?.text().await?)
    }

    /// Opens a stream: an answer of the media type `accept` that may take for ever. `last_event` is the id behind which
    /// a stream of events goes on.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn open(
        &self,
        path: &str,
        query: &[(&str, String)],
        accept: &'static str,
        last_event: Option<&str>,
    ) -> anyhow::Result<Response> {
        let mut request = self.plain_request(Method::GET, path, query).header("Accept", accept);
        if let Some(id) = last_event {
            request = request.header("Last-Event-ID", id);
        }
        self.answer(request).await
    }

    fn request(&self, method: Method, path: &str, query: &[(&str, String)]) -> RequestBuilder {
        self.plain_request(method, path, query).timeout(ANSWERING)
    }

    fn plain_request(&self, method: Method, path: &str, query: &[(&str, String)]) -> RequestBuilder {
        let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        let request = self.http.request(method, format!("{}{path}{mark}{}", self.base, pairs.join("&")));
        match &self.token {
            Some(token) => request.bearer_auth(token.reveal()),
            None => request,
        }
    }

    async fn read<T: DeserializeOwned>(&self, request: RequestBuilder) -> anyhow::Result<T> {
        let bytes = self.answer(request).await?.bytes().await.map_err(|error| self.unreachable(&error))?;
        serde_json::from_slice(&bytes)
            .with_context(|| format!("{} answered something that is no answer of cronbus", self.base))
    }

    async fn answer(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            bail!(self.unauthorized());
        }
        bail!(refusal(response).await)
    }

    fn unreachable(&self, error: &reqwest::Error) -> anyhow::Error {
        let base = &self.base;
        if error.is_builder() {
            return anyhow!("`{base}` is not an address: write one like http://127.0.0.1:7373");
        }
        if error.is_connect() {
            let why = innermost(error);
            if why.contains("certificate") {
                return anyhow!(
                    "the node at {base} is not trusted ({why}); name the file of its authority with --ca-file"
                );
            }
            return anyhow!(
                "no node answers at {base} ({why}); start one with `cronbus node`, or name another with --server"
            );
        }
        if error.is_timeout() {
            return anyhow!("the node at {base} did not answer in time; `curl {base}/readyz` tells how it is");
        }
        anyhow!("the connection to the node at {base} broke: {}", innermost(error))
    }

    fn unauthorized(&self) -> String {
        let what = if self.token.is_some() { "refused the token it was shown" } else { "asks for a token" };
        format!(
            "the node at {} {what}: give the text of its admin.token with --token or CRONBUS_TOKEN, or its data \
             directory with --data-dir",
            self.base
        )
    }
}

/// What a problem document says; the status where there is none.
async fn refusal(response: Response) -> String {
    let status = response.status();
    let is_problem = response.headers().get("content-type").is_some_and(|kind| kind == MEDIA_TYPE);
    let body = response.bytes().await.unwrap_or_default();
    let Some(problem) = is_problem.then(|| serde_json::from_slice::<Problem>(&body).ok()).flatten() else {
        return format!("the node answered {status}");
    };
    if problem.errors.len() > 1 {
        let lines: Vec<_> = problem.errors.iter().map(|error| format!("\n  {}", error.detail)).collect();
        return format!("{}:{}", problem.title, lines.concat());
    }
    advice::told(&problem)
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// A text as a part of a path or a query (RFC 3986): everything but unreserved characters is percent-encoded.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The path of a job.
pub(crate) fn job_path(job: &str) -> String {
    format!("/api/v1/jobs/{}", encode(job))
}

/// The path of a node.
pub(crate) fn node_path(node: &str) -> String {
    format!("/api/v1/nodes/{}", encode(node))
}

/// The path of a run.
pub(crate) fn run_path(run: &str) -> String {
    format!("/api/v1/runs/{}", encode(run))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_part_of_a_path() {
        assert_eq!(job_path("nightly/report 报"), "/api/v1/jobs/nightly%2Freport%20%E6%8A%A5");
        assert_eq!(encode("a&b=c?#"), "a%26b%3Dc%3F%23");
    }
}
