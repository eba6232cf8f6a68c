//! Alibaba Cloud's text messages: `SendSms` of 2017-05-25, signed by version 3 of its signatures
//! (`ACS3-HMAC-SHA256`), the one it documents for new code: <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::request::{Request, host_of};
use super::sign;
use super::verdict::Verdict;
use crate::alert::channel::{Aliyun, Sms};
use crate::alert::message::{ChannelName, Message};
use crate::alert::template::{Fields, Format};
use crate::alert::text;
use crate::template::percent_encode;
use crate::time::Timestamp;

/// Codes of what passes by itself.
const BUSY: &[&str] =
    &["isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "Throttling.User", "ServiceUnavailable", "InternalError"];

pub(super) fn request(
    aliyun: &Aliyun,
    name: &ChannelName,
    message: &Message,
    sms: &Sms,
    now: Timestamp,
) -> Result<Request, String> {
    let fields = Fields { message, channel: name.as_str(), to: "", secret: "", summary_length: sms.max_length };
    let mut variables = serde_json::Map::new();
    for (name, template) in &aliyun.template_params {
        let value = Format::Plain.render(template, &fields).map_err(|error| format!("template_params: {error}"))?;
        variables.insert(name.clone(), text::clip_chars(&text::one_line(&value), sms.max_length).into());
    }
    let numbers = sms.to.join(",");
    let query = BTreeMap::from([
        ("PhoneNumbers", numbers),
        ("SignName", aliyun.sign_name.clone()),
        ("TemplateCode", aliyun.template_code.clone()),
        ("TemplateParam", Value::from(variables).to_string()),
        ("OutId", message.id.to_string()),
    ]);
    // Different for each request, and the same for nobody else: that is all a nonce has to be.
    let nonce = sign::sha256(&format!("{}{}{}", message.id, name, now.millis()));
    let nonce = nonce.get(..32).unwrap_or_default();
    let call =
        Action { host: host_of(&aliyun.url), action: "SendSms", version: "2017-05-25", query: &query, nonce, now };
    let secret = aliyun.access_key_secret.reveal().unwrap_or_default();
    let mut headers = call.headers();
    headers.push(("Authorization".to_owned(), call.authorization(&aliyun.access_key_id, secret)));
    headers.retain(|(name, _)| name != "host");
    let url = format!("{}/?{}", aliyun.url.trim_end_matches('/'), call.query());
    Ok(Request { method: "POST".to_owned(), url, headers, body: String::new(), to: String::new() })
}

/// A call of an API whose parameters are in the query.
pub(super) struct Action<'a> {
    pub(super) host: &'a str,
    pub(super) action: &'a str,
    pub(super) version: &'a str,
    pub(super) query: &'a BTreeMap<&'a str, String>,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

impl Action<'_> {
    fn query(&self) -> String {
        let pairs =
            self.query.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// Those that are signed, by name.
    fn headers(&self) -> Vec<(String, String)> {
        let date = self.now.to_jiff().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        [
            ("host", self.host),
            ("x-acs-action", self.action),
            ("x-acs-content-sha256", &sign::sha256("")),
            ("x-acs-date", &date),
            ("x-acs-signature-nonce", self.nonce),
            ("x-acs-version", self.version),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    pub(super) fn authorization(&self, id: &str, secret: &str) -> String {
        let headers = self.headers();
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
        let canonical = format!("POST\n/\n{}\n{lines}\n{names}\n{}", self.query(), sign::sha256(""));
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", sign::sha256(&canonical));
        let signature = sign::hex(&sign::hmac(secret.as_bytes(), &to_sign));
        format!("ACS3-HMAC-SHA256 Credential={id},SignedHeaders={names},Signature={signature}")
    }
}

pub(super) fn judge(body: &str, said: String) -> Verdict {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    match answer.get("Code").and_then(Value::as_str) {
        Some("OK") => Verdict::Delivered(said),
        Some(code) if BUSY.contains(&code) => Verdict::Unavailable(said),
        Some(_) => Verdict::Refused(said),
        None => Verdict::Unavailable(format!("{said}: this is no answer of the service")),
    }
}
