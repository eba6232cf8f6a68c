//! `PagerDuty`'s events, version 2:
//! <https://developer.pagerduty.com/docs/send-alert-event>. What is well again resolves its incident.

use serde_json::{Map, Value, json};

use super::request::Request;
use crate::alert::channel::Pagerduty;
use crate::alert::kind::Severity;
use crate::alert::message::Message;
use crate::alert::text::{self, clip_chars};

/// The longest summary, in characters.
const SUMMARY: usize = 1024;

pub(super) fn request(pagerduty: &Pagerduty, message: &Message) -> Request {
    let key = pagerduty.routing_key.reveal().unwrap_or_default();
    let action = if message.severity == Severity::Good { "resolve" } else { "trigger" };
    let mut event = json!({ "routing_key": key, "event_action": action, "dedup_key": message.thread.to_string() });
    if let Some(event) = event.as_object_mut().filter(|_| message.severity != Severity::Good) {
        event.insert("payload".to_owned(), payload(message));
        event.insert("client".to_owned(), "cronbus".into());
        if let Some(url) = text::link(message) {
            event.insert("client_url".to_owned(), url.into());
            event.insert("links".to_owned(), json!([{ "href": url, "text": "cronbus" }]));
        }
    }
    Request::json(&pagerduty.url, &event)
}

fn payload(message: &Message) -> Value {
    let mut details: Map<String, Value> =
        text::facts(message).into_iter().map(|(label, value)| (label, Value::from(value))).collect();
    if let Some(log) = text::log(message, text::LONGEST_LOG) {
        details.insert("Last output".to_owned(), log.into());
    }
    let source = message.node.as_ref().map_or("cronbus", |node| node.as_str());
    json!({
        "summary": clip_chars(&text::summary(message), SUMMARY),
        "source": source,
        "severity": if message.severity == Severity::Critical { "critical" } else { "warning" },
        "timestamp": message.at.to_string(),
        "component": message.job.as_ref().map(ToString::to_string),
        "class": message.kind.as_str(),
        "custom_details": details,
    })
}
