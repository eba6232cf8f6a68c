//! What placeholders of a channel's templates stand for: the fields of a message.
//!
//! The syntax, and how values are kept within JSON, URLs and forms, is [`crate::template`]'s.

use std::borrow::Cow;

use uuid::Uuid;

use super::kind::EventKind;
use super::message::{Fact, Message, MessageId};
use super::text;
use crate::template::{Error, Lookup, render_form, render_json, render_plain, render_url};
use crate::time::Timestamp;

/// The placeholders of a channel's templates.
pub const FIELDS: &[&str] = &[
    "title", "summary", "text", "kind", "severity", "at", "job", "run", "node", "reason", "log_tail", "url", "id",
    "thread", "grouped", "channel", "to", "secret", "json",
];

/// The values of a message's fields. One that the message does not have is empty.
///
/// | placeholder | value |
/// |---|---|
/// | `title` | what happened, on one line |
/// | `summary` | title and reason, on one line; in text messages cut to `max_length` |
/// | `text` | everything, as plain text of several lines |
/// | `kind` | the kind of event, like `failed` |
/// | `severity` | `critical`, `warning` or `good` |
/// | `at` | when it happened, RFC 3339 in UTC |
/// | `job`, `run`, `node` | what it is about |
/// | `reason` | why, on one line |
/// | `log_tail` | the end of what the run printed |
/// | `url` | where to read more |
/// | `id` | the message's, the same when it is sent again |
/// | `thread` | the incident's, the same for a failure and its recovery |
/// | `grouped` | how many events the message stands for |
/// | `channel` | the channel's name |
/// | `to` | the recipient, in text messages |
/// | `secret` | the channel's `secret` |
/// | `json` | the whole message as a JSON object |
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    /// What is told.
    pub message: &'a Message,
    /// Over which channel.
    pub channel: &'a str,
    /// To whom, where each is told alone.
    pub to: &'a str,
    /// The channel's secret.
    pub secret: &'a str,
    /// How many characters a summary may have.
    pub summary_length: usize,
}

impl Lookup for Fields<'_> {
    fn value(&self, name: &str) -> Result<Cow<'_, str>, Error> {
        let message = self.message;
        let shown = |value: Option<String>| value.unwrap_or_default();
        let value = match name {
            "title" => text::title(message),
            "summary" => text::clip_chars(&text::summary(message), self.summary_length),
            "text" => format!("{}\n{}", text::title(message), text::body(message)),
            "kind" => message.kind.to_string(),
            "severity" => message.severity.as_str().to_owned(),
            "at" => message.at.to_string(),
            "job" => shown(message.job.as_ref().map(ToString::to_string)),
            "run" => shown(message.run.as_ref().map(ToString::to_string)),
            "node" => shown(message.node.as_ref().map(ToString::to_string)),
            "reason" => text::one_line(message.reason.as_deref().unwrap_or_default()),
            "log_tail" => shown(text::log(message, text::LONGEST_LOG)),
            "url" => text::link(message).unwrap_or_default().to_owned(),
            "id" => message.id.to_string(),
            "thread" => message.thread.to_string(),
            "grouped" => message.grouped.to_string(),
            "channel" => self.channel.to_owned(),
            "to" => self.to.to_owned(),
            "secret" => self.secret.to_owned(),
            "json" => serde_json::to_string(message).unwrap_or_default(),
            other => return Err(Error::unknown(other, FIELDS)),
        };
        Ok(Cow::Owned(value.replace('\0', "")))
    }
}

/// What a text is read as, by whoever gets it: values are kept within their places accordingly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As it is.
    Plain,
    /// JSON.
    Json,
    /// The fields of a form.
    Form,
    /// A URL.
    Url,
}

impl Format {
    /// That of a body of this `Content-Type`.
    #[must_use]
    pub fn of(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/x-www-form-urlencoded" => Self::Form,
            json if json == "application/json" || json.ends_with("+json") => Self::Json,
            _ => Self::Plain,
        }
    }

    /// Fills values in.
    ///
    /// # Errors
    /// When the text is no template, or a value cannot stand where it would.
    pub fn render(self, text: &str, fields: &Fields<'_>) -> Result<String, Error> {
        match self {
            Self::Plain => render_plain(text, fields),
            Self::Json => render_json(text, fields),
            Self::Form => render_form(text, fields),
            Self::Url => render_url(text, fields),
        }
    }

    /// Whether the text is a template of this format.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self, text: &str) -> Result<(), Error> {
        let message = sample("check", MessageId(Uuid::nil()), Timestamp::from_millis(0));
        let fields = Fields { message: &message, channel: "check", to: "0", secret: "0", summary_length: 70 };
        self.render(text, &fields).map(drop)
    }
}

/// A message that says that it is a test of a channel.
#[must_use]
pub fn sample(channel: &str, id: MessageId, at: Timestamp) -> Message {
    let fact = Fact { label: "Channel".to_owned(), value: channel.to_owned() };
    Message {
        id,
        thread: id.0,
        is_first_of_thread: true,
        kind: EventKind::Failed,
        severity: super::kind::Severity::Warning,
        title: format!("Test of the channel {channel}"),
        at,
        lines: vec![fact],
        job: None,
        run: None,
        node: None,
        reason: Some("somebody asked for a test: nothing failed".to_owned()),
        log_tail: None,
        url: None,
        grouped: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(format: Format, text: &str) -> Result<String, String> {
        let mut message = sample("ops", MessageId(Uuid::nil()), Timestamp::from_millis(0));
        message.title = "it \"broke\"\r\n{{secret}} & more".to_owned();
        message.reason = None;
        let fields = Fields { message: &message, channel: "ops", to: "+1 555", secret: "s&c", summary_length: 12 };
        format.render(text, &fields).map_err(|error| error.to_string())
    }

    #[test]
    fn values_stay_values_in_every_format() {
        let title = r#"it "broke" {{secret}} & more"#;
        assert_eq!(rendered(Format::Plain, "{{title}}").as_deref(), Ok(title));
        assert_eq!(
            rendered(Format::Json, r#"{"a":"{{title}}"}"#).unwrap(),
            r#"{"a":"it \"broke\" {{secret}} & more"}"#
        );
        assert_eq!(rendered(Format::Form, "a={{secret}}&to={{to}}").unwrap(), "a=s%26c&to=%2B1%20555");
        assert_eq!(rendered(Format::Url, "https://x/{{to}}?a={{secret}}").unwrap(), "https://x/%2B1%20555?a=s%26c");
        assert_eq!(rendered(Format::Plain, "{{summary}}").unwrap(), "it \"broke\"…");
        assert_eq!(rendered(Format::Plain, "{{{{title}}").unwrap(), "{{title}}");
        let whole: serde_json::Value =
            serde_json::from_str(&rendered(Format::Json, r#"{"m":{{json}}}"#).unwrap()).unwrap();
        assert_eq!(whole["m"]["kind"], "failed");
    }

    #[test]
    fn every_field_is_there_and_others_are_refused_with_those_there_are() {
        for name in FIELDS {
            assert_eq!(Format::Plain.check(&format!("{{{{{name}}}}}")), Ok(()), "{name}");
        }
        let error = Format::Plain.check("{{titel}}").unwrap_err().to_string();
        assert!(error.contains("did you mean `title`") && error.contains("severity"), "{error}");
        assert!(Format::Json.check(r#"{"a":"\{{title}}"}"#).is_err());
    }

    #[test]
    fn the_format_is_that_of_the_content_type() {
        for (kind, format) in [
            ("application/json; charset=utf-8", Format::Json),
            ("Application/Vnd.Api+Json", Format::Json),
            ("application/x-www-form-urlencoded", Format::Form),
            ("text/plain", Format::Plain),
            ("", Format::Plain),
        ] {
            assert_eq!(Format::of(kind), format, "{kind}");
        }
    }
}
