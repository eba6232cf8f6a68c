//! `WeCom`'s group robots: <https://developer.work.weixin.qq.com/document/path/91770>.

use serde_json::{Value, json};

use super::verdict::{Verdict, by_code};
use crate::alert::message::Message;
use crate::alert::text;

/// The longest text, in bytes.
const LONGEST: usize = 2048;

/// System busy; more than twenty messages came within a minute.
const BUSY: &[i64] = &[-1, 45_009];

pub(super) fn body(message: &Message) -> Value {
    // `<@name>` calls somebody.
    let text = text::whole(message).replace("<@", "< @");
    json!({ "msgtype": "text", "text": { "content": text::clip(&text, LONGEST, char::len_utf8) } })
}

pub(super) fn judge(body: &str, said: String) -> Verdict {
    by_code(body, &["errcode"], BUSY, said)
}
