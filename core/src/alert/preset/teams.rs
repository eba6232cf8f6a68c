//! Microsoft Teams: a workflow "when a Teams webhook request is received" that posts an adaptive card.
//! <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>; the cards:
//! <https://adaptivecards.io/explorer/RichTextBlock.html>. Rich text is used since other texts read Markdown.

use serde_json::{Value, json};

use super::request::fitting;
use crate::alert::kind::Severity;
use crate::alert::message::Message;
use crate::alert::text::{self, clip_chars};

/// The longest message, in bytes.
const LONGEST: usize = 28_000;
/// How much longer than other values a log may be.
const LOG: usize = 4;

pub(super) fn body(message: &Message) -> Value {
    fitting(LONGEST, |budget| card(message, budget))
}

fn card(message: &Message, budget: usize) -> Value {
    let title = format!("{} {}", text::mark(message), text::title(message));
    let run = |text: &str| json!({ "type": "TextRun", "text": clip_chars(text, budget) });
    let mut card = vec![rich(&[json!({
        "type": "TextRun", "text": title, "size": "Large", "weight": "Bolder", "color": colour(message.severity)
    })])];
    for (label, value) in text::facts(message) {
        let label =
            json!({ "type": "TextRun", "text": format!("{}: ", clip_chars(&label, budget)), "weight": "Bolder" });
        card.push(rich(&[label, run(&value)]));
    }
    let log = text::log(message, budget * LOG).unwrap_or_default();
    for line in log.lines().filter(|line| !line.is_empty()) {
        card.push(rich(&[json!({ "type": "TextRun", "text": line, "fontType": "Monospace", "size": "Small" })]));
    }
    let link = text::link(message).map(|url| json!({ "type": "Action.OpenUrl", "title": "Open", "url": url }));
    let content = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": { "width": "Full" },
        "body": card,
        "actions": link.into_iter().collect::<Vec<_>>(),
    });
    let kind = "application/vnd.microsoft.card.adaptive";
    json!({ "type": "message", "attachments": [{ "contentType": kind, "contentUrl": null, "content": content }] })
}

fn rich(inlines: &[Value]) -> Value {
    json!({ "type": "RichTextBlock", "inlines": inlines, "spacing": "Small" })
}

const fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Attention",
        Severity::Warning => "Warning",
        Severity::Good => "Good",
    }
}
