//! Slack's incoming webhooks: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
//!
//! Only plain texts and structured elements are used, in which nothing is read as a mention or a link. How long they may
//! be: <https://docs.slack.dev/reference/block-kit/blocks>.

use serde_json::{Value, json};

use crate::alert::message::Message;
use crate::alert::text::{self, clip_chars};

/// The longest header.
const HEADER: usize = 150;
/// The most fields of a section, and their longest text.
const FIELDS: usize = 10;
const FIELD: usize = 2000;
/// The longest text of an element, by the rule for sections.
const ELEMENT: usize = 3000;

pub(super) fn body(message: &Message) -> Value {
    let title = format!("{} {}", text::mark(message), text::title(message));
    let mut blocks = vec![json!({ "type": "header", "text": plain(&clip_chars(&title, HEADER)) })];
    let facts = text::facts(message);
    for facts in facts.chunks(FIELDS) {
        let fields: Vec<_> =
            facts.iter().map(|(label, value)| plain(&clip_chars(&format!("{label}: {value}"), FIELD))).collect();
        blocks.push(json!({ "type": "section", "fields": fields }));
    }
    let mut elements = Vec::new();
    if let Some(log) = text::log(message, ELEMENT - 100) {
        elements.push(json!({ "type": "rich_text_preformatted", "elements": [{ "type": "text", "text": log }] }));
    }
    if let Some(url) = text::link(message) {
        elements.push(json!({ "type": "rich_text_section", "elements": [{ "type": "link", "url": url }] }));
    }
    if !elements.is_empty() {
        blocks.push(json!({ "type": "rich_text", "elements": elements }));
    }
    // What is read out and shown in notifications; unlike the blocks it has markup.
    json!({ "text": escaped(&clip_chars(&title, ELEMENT)), "blocks": blocks, "unfurl_links": false })
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text, "emoji": false })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
