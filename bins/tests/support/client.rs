//! Asking a node over REST.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

use super::Node;

/// A client, in a runtime of its own.
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Client {
    pub(crate) fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A connection is not kept: between two questions nobody would notice that the node has closed it.
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).pool_max_idle_per_host(0).build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { http, runtime }
    }

    /// The answer: its status, its media type and its text.
    pub(crate) fn send(&self, request: RequestBuilder) -> (StatusCode, String, String) {
        self.runtime.block_on(async {
            let response = request.send().await.unwrap();
            let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
            (response.status(), kind.unwrap_or_default(), response.text().await.unwrap())
        })
    }

    /// The cookies that an answer gives.
    pub(crate) fn cookies(&self, request: RequestBuilder) -> Vec<String> {
        let response = self.runtime.block_on(request.send()).unwrap();
        let given = response.headers().get_all("set-cookie").iter();
        given.map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
    }

    /// What comes of a future.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// The answer's text; nothing when there is no good one, or not soon.
    pub(crate) fn try_text(&self, request: RequestBuilder) -> Option<String> {
        let soon = std::time::Duration::from_secs(5);
        self.runtime.block_on(async {
            let response = request.timeout(soon).send().await.ok()?;
            if response.status().is_success() { response.text().await.ok() } else { None }
        })
    }

    pub(crate) fn get(&self, node: &Node, path: &str) -> RequestBuilder {
        self.http.get(node.url(path)).bearer_auth(node.token())
    }

    /// All items of a list of a node, page by page. `path` has a query.
    pub(crate) fn all(&self, node: &Node, path: &str) -> Vec<Value> {
        self.pages(path, |path| self.get(node, path))
    }

    /// All items of a list, page by page, each asked for as `get` says. `path` has a query.
    pub(crate) fn pages(&self, path: &str, get: impl Fn(&str) -> RequestBuilder) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let (status, _, text) = self.send(get(&format!("{path}{cursor}")));
            assert_eq!(status, StatusCode::OK, "{path}: {text}");
            let mut page: Value = serde_json::from_str(&text).unwrap();
            items.append(page["items"].as_array_mut().unwrap());
            let Some(next) = page["next"].as_str() else { return items };
            cursor = format!("&cursor={next}");
        }
    }
}

/// Fields as a form sends them.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&")
}
