//! A command's request with its placeholders filled in.

use cronbus_core::job::command::Http;
use cronbus_core::secret;
use cronbus_core::template::{Values, render_json, render_plain, render_url};
use cronbus_core::wire::Assignment;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Client, Method, Request, Url};

/// Tells the receiver that two requests are the same run (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The request of a run.
///
/// # Errors
/// Which part of it cannot be sent, for people.
pub(super) fn build(
    client: &Client,
    http: &Http,
    assignment: &Assignment,
    secrets: &secret::Values,
) -> Result<Request, String> {
    let values = Values::of(assignment).with(secrets);
    let render = |text: &str| render_plain(text, &values).map_err(|error| error.to_string());
    let address = render_url(&http.url, &values).map_err(|error| format!("url: {error}"))?;
    let method = Method::from_bytes(http.method.as_bytes())
        .map_err(|_| format!("method: `{}` is not an HTTP method; write GET, POST, …", http.method))?;
    let mut headers = HeaderMap::new();
    for (name, text) in &http.headers {
        let (name, value) = header(name, &render(text)?)?;
        headers.append(name, value);
    }
    if !headers.contains_key(&IDEMPOTENCY_KEY) {
        let (name, value) = header(IDEMPOTENCY_KEY.as_str(), &assignment.run.to_string())?;
        headers.insert(name, value);
    }
    let mut request = client.request(method, url(&address)?).headers(headers);
    if !http.body.is_empty() {
        let render_body = if http.has_json_body() { render_json } else { render_plain };
        let body = render_body(&http.body, &values).map_err(|error| format!("body: {error}"))?;
        request = request.body(Body::from(body));
    }
    request.build().map_err(|error| error.without_url().to_string())
}

/// The text is not shown whole: it may hold a password.
fn url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("url: it cannot be read: {error}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(format!("url: `{other}:` cannot be called; write http://… or https://…")),
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let valid_name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("headers: `{name}` is not a header's name: use letters, digits and `-`"))?;
    let value = HeaderValue::from_str(value).map_err(|_| {
        format!("headers: the value of `{name}` has characters that a header cannot hold, like a newline")
    })?;
    Ok((valid_name, value))
}
