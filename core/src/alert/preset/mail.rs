//! A message as mail: subject, text, the same as HTML, and what puts it into its thread.

use uuid::Uuid;

use crate::alert::channel::Email;
use crate::alert::kind::Severity;
use crate::alert::message::{ChannelName, Message};
use crate::alert::template::{Fields, Format};
use crate::alert::text;

/// The longest subject, in characters: what mail programs show of it in a list is less.
const SUBJECT: usize = 150;

/// A mail without its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// One line.
    pub subject: String,
    /// For programs that show plain text.
    pub text: String,
    /// The same for those that show HTML.
    pub html: String,
    /// With its angle brackets: the same whenever the message is sent again.
    pub message_id: String,
    /// The id of the first mail of the thread; `None` for that one.
    pub in_reply_to: Option<String>,
}

/// The message as mail of this channel.
///
/// # Errors
/// When the subject cannot be made.
pub fn mail(name: &ChannelName, email: &Email, message: &Message) -> Result<Mail, String> {
    let fields = Fields { message, channel: name.as_str(), to: "", secret: "", summary_length: SUBJECT };
    let subject = Format::Plain.render(&email.subject, &fields).map_err(|error| format!("subject: {error}"))?;
    // The first of a thread is named after it, so that all that follow know its name.
    let first = id(message.thread, &email.from);
    let (message_id, in_reply_to) =
        if message.is_first_of_thread { (first, None) } else { (id(message.id.0, &email.from), Some(first)) };
    Ok(Mail {
        subject: text::clip_chars(&text::one_line(&subject), SUBJECT),
        text: format!("{}\n\n{}\n-- \n{}\n", text::title(message), text::body(message), text::SIGNED),
        html: html(message),
        message_id,
        in_reply_to,
    })
}

/// An id under the sender's domain (RFC 5322, 3.6.4).
fn id(uuid: Uuid, from: &str) -> String {
    let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain).trim_end_matches('>').trim();
    let is_plain =
        !domain.is_empty() && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    format!("<{uuid}@{}>", if is_plain { domain } else { "cronbus.invalid" })
}

/// Styles are written at each element: many programs drop style sheets.
fn html(message: &Message) -> String {
    let colour = match message.severity {
        Severity::Critical => "#b3261e",
        Severity::Warning => "#8a5a00",
        Severity::Good => "#1b6e33",
    };
    let rows: String = text::facts(message).iter().map(|(label, value)| row(label, value)).collect();
    let link =
        text::link(message).map(|url| format!("<p><a href=\"{0}\">{0}</a></p>", escape(url))).unwrap_or_default();
    let log = text::log(message, text::LONGEST_LOG).map(|log| preformatted(&log)).unwrap_or_default();
    format!(
        "<!DOCTYPE html><html><body style=\"font-family:sans-serif;font-size:14px;color:#1c1c1c\">\
         <h2 style=\"font-size:18px;color:{colour};border-left:4px solid {colour};padding-left:8px\">{}</h2>\
         <table style=\"border-collapse:collapse\">{rows}</table>{link}{log}\
         <p style=\"color:#6b6b6b\">{}</p></body></html>\n",
        escape(&text::title(message)),
        text::SIGNED,
    )
}

fn row(label: &str, value: &str) -> String {
    format!(
        "<tr><td style=\"padding:2px 12px 2px 0;color:#6b6b6b;vertical-align:top\">{}</td><td style=\"padding:2px 0\">{}</td></tr>\n",
        escape(label),
        escape(value)
    )
}

fn preformatted(log: &str) -> String {
    format!(
        "<p>Last output:</p><pre style=\"background:#f4f4f4;padding:8px;white-space:pre-wrap\">{}</pre>",
        escape(log)
    )
}

/// What is text stays text, in elements and in quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
