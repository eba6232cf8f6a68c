//! `DingTalk`'s custom robots: <https://open.dingtalk.com/document/robots/custom-robot-access>; signing:
//! <https://open.dingtalk.com/document/robots/customize-robot-security-settings>.

use serde_json::json;

use super::request::{Request, fitting};
use super::sign;
use super::verdict::{Verdict, by_code};
use crate::alert::message::Message;
use crate::alert::text;
use crate::template::percent_encode;
use crate::time::Timestamp;

/// The longest body, in bytes.
const LONGEST: usize = 20_000;
/// How much longer than values elsewhere the one text may be.
const TEXT: usize = 15;

/// System busy, and two ways to say that more than twenty messages came within a minute.
const BUSY: &[i64] = &[-1, 130_101, 410_100];

pub(super) fn request(url: &str, secret: Option<&str>, message: &Message, now: Timestamp) -> Request {
    let whole = text::whole(message);
    let body = fitting(LONGEST, |budget| {
        let content = text::clip(&whole, budget * TEXT, char::len_utf8);
        json!({ "msgtype": "text", "text": { "content": content }, "at": { "isAtAll": false } })
    });
    match secret {
        None => Request::json(url, &body),
        Some(secret) => {
            let separator = if url.contains('?') { '&' } else { '?' };
            let sign = percent_encode(&signature(secret, now));
            Request::json(&format!("{url}{separator}timestamp={}&sign={sign}", now.millis()), &body)
        }
    }
}

/// Base64 of the HMAC, under the secret, of time and secret.
pub(super) fn signature(secret: &str, now: Timestamp) -> String {
    sign::base64(&sign::hmac(secret.as_bytes(), &format!("{}\n{secret}", now.millis())))
}

pub(super) fn judge(body: &str, said: String) -> Verdict {
    by_code(body, &["errcode"], BUSY, said)
}
