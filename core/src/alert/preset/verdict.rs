//! What an answer means.

use serde_json::Value;

use super::{aliyun, dingtalk, feishu, tencent, wecom};
use crate::alert::channel::{Gateway, Settings, Webhook};
use crate::alert::text;

/// How much of an answer people are shown, in characters.
const EXCERPT: usize = 200;

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The message was taken; what was answered.
    Delivered(String),
    /// It never will be; why.
    Refused(String),
    /// It may be later; why not now.
    Unavailable(String),
}

/// What the answer of a channel's service means: its status, and the beginning of its body.
#[must_use]
pub fn judge(settings: &Settings, status: u16, body: &str) -> Verdict {
    let said = said(status, body);
    match status {
        200..=299 => accepted(settings, body, said),
        300..=399 => {
            Verdict::Refused(format!("{said}: it sends callers elsewhere, which is not followed; mend the URL"))
        }
        408 | 425 | 429 | 500..=599 => Verdict::Unavailable(said),
        _ => Verdict::Refused(said),
    }
}

/// `status 400: the beginning of the body`.
fn said(status: u16, body: &str) -> String {
    let excerpt = text::clip_chars(&text::one_line(body), EXCERPT);
    if excerpt.is_empty() { format!("status {status}") } else { format!("status {status}: {excerpt}") }
}

/// Many services answer with a status of success whatever happened.
fn accepted(settings: &Settings, body: &str, said: String) -> Verdict {
    match settings {
        Settings::Dingtalk(_) => dingtalk::judge(body, said),
        Settings::Feishu(_) => feishu::judge(body, said),
        Settings::Wecom(_) => wecom::judge(body, said),
        Settings::Sms(sms) => match &sms.gateway {
            Gateway::Aliyun(_) => aliyun::judge(body, said),
            Gateway::Tencent(_) => tencent::judge(body, said),
            Gateway::Http(call) => has(&call.answer_has, body, said),
            Gateway::Twilio(_) => Verdict::Delivered(said),
        },
        Settings::Webhook(Webhook { call }) => has(&call.answer_has, body, said),
        // The webhooks of Teams' predecessor said in the text that they were called too often.
        Settings::Teams(_) if body.contains("HTTP error 429") => Verdict::Unavailable(said),
        _ => Verdict::Delivered(said),
    }
}

fn has(expected: &str, body: &str, said: String) -> Verdict {
    if body.contains(expected) {
        return Verdict::Delivered(said);
    }
    Verdict::Refused(format!("{said}: the answer has no `{expected}` in it (`answer_has`)"))
}

/// The verdict on an answer whose `code` is a number: 0 is success, those of `busy` pass by themselves.
pub(super) fn by_code(body: &str, names: &[&str], busy: &[i64], said: String) -> Verdict {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    match names.iter().find_map(|name| answer.get(name)?.as_i64()) {
        Some(0) => Verdict::Delivered(said),
        Some(code) if busy.contains(&code) => Verdict::Unavailable(said),
        Some(_) => Verdict::Refused(said),
        // A proxy, or a page for people.
        None => Verdict::Unavailable(format!("{said}: this is no answer of the service")),
    }
}
