//! Feishu's and Lark's custom bots: <https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>.

use serde_json::{Value, json};

use super::request::fitting;
use super::sign;
use super::verdict::{Verdict, by_code};
use crate::alert::message::Message;
use crate::alert::text::{self, clip_chars};
use crate::time::Timestamp;

/// The longest body, in bytes.
const LONGEST: usize = 20_000;
/// Time and signature are added to it.
const SIGNATURE: usize = 200;
/// How much longer than other values a log may be.
const LOG: usize = 4;

/// More than a hundred messages came within a minute, or five within a second; the platform is overloaded.
const BUSY: &[i64] = &[9499, 11_232, 99_991_400];

pub(super) fn body(secret: Option<&str>, message: &Message, now: Timestamp) -> Value {
    let mut body = fitting(LONGEST - SIGNATURE, |budget| post(message, budget));
    if let Some((secret, body)) = secret.zip(body.as_object_mut()) {
        body.insert("timestamp".to_owned(), now.seconds().to_string().into());
        body.insert("sign".to_owned(), signature(secret, now).into());
    }
    body
}

fn post(message: &Message, budget: usize) -> Value {
    let line = |text: String| json!([{ "tag": "text", "text": text }]);
    let fact = |(label, value): (String, String)| {
        line(format!("{}: {}", clip_chars(&label, budget), clip_chars(&value, budget)))
    };
    let mut lines: Vec<Value> = text::facts(message).into_iter().map(fact).collect();
    if let Some(url) = text::link(message) {
        lines.push(json!([{ "tag": "a", "text": url, "href": url }]));
    }
    if let Some(log) = text::log(message, budget * LOG) {
        lines.push(line(log));
    }
    lines.push(line(text::SIGNED.to_owned()));
    let title = format!("{} {}", text::mark(message), text::title(message));
    json!({ "msg_type": "post", "content": { "post": { "en_us": { "title": title, "content": lines } } } })
}

/// Base64 of the HMAC of nothing, under a key made of time and secret.
pub(super) fn signature(secret: &str, now: Timestamp) -> String {
    sign::base64(&sign::hmac(format!("{}\n{secret}", now.seconds()).as_bytes(), ""))
}

pub(super) fn judge(body: &str, said: String) -> Verdict {
    by_code(body, &["code", "StatusCode"], BUSY, said)
}
