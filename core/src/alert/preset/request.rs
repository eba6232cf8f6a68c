//! One HTTP request, described.

use std::fmt;

use serde_json::Value;

use super::{aliyun, call, dingtalk, feishu, pagerduty, slack, teams, tencent, twilio, wecom};
use crate::alert::channel::{Channel, Chat, Gateway, Settings, Webhook};
use crate::alert::message::{ChannelName, Message};
use crate::time::Timestamp;

/// An HTTP request. `Debug` shows no part of it that may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, ….
    pub method: String,
    /// Whom to call.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: String,
    /// Who is told by it, where it is one of several; else empty.
    pub to: String,
}

impl Request {
    /// A `POST` of JSON.
    pub(super) fn json(url: &str, body: &Value) -> Self {
        let kind = ("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned());
        Self {
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: vec![kind],
            body: body.to_string(),
            to: String::new(),
        }
    }

    /// The same with one more header.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        write!(
            f,
            "Request {{ {} {}, headers: {names:?}, body: {} bytes }}",
            self.method,
            host_of(&self.url),
            self.body.len()
        )
    }
}

/// How long values are tried to be, in characters, until a body fits.
const BUDGETS: [usize; 6] = [1000, 400, 200, 100, 50, 20];

/// The body made with the largest budget for each value with which it has at most `limit` bytes.
pub(super) fn fitting(limit: usize, body: impl Fn(usize) -> Value) -> Value {
    let fits = |body: &Value| body.to_string().len() <= limit;
    let smallest = || body(BUDGETS.last().copied().unwrap_or_default());
    BUDGETS.iter().map(|budget| body(*budget)).find(fits).unwrap_or_else(smallest)
}

/// The host of a URL, with its port where one is given.
pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// What is to be sent over a channel to tell a message at `now`: one request, or one for each recipient. Mail is not sent
/// by requests: see [`super::mail()`].
///
/// # Errors
/// What is wrong with the settings, for people.
pub fn requests(
    name: &ChannelName,
    channel: &Channel,
    message: &Message,
    now: Timestamp,
) -> Result<Vec<Request>, String> {
    Ok(match &channel.settings {
        Settings::Email(_) => Vec::new(),
        Settings::Webhook(Webhook { call }) => vec![call::signed(call, name, message, now)?],
        Settings::Slack(chat) => vec![Request::json(url(chat)?, &slack::body(message))],
        Settings::Dingtalk(chat) => vec![dingtalk::request(url(chat)?, chat.secret.reveal(), message, now)],
        Settings::Feishu(chat) => vec![Request::json(url(chat)?, &feishu::body(chat.secret.reveal(), message, now))],
        Settings::Wecom(chat) => vec![Request::json(url(chat)?, &wecom::body(message))],
        Settings::Teams(chat) => vec![Request::json(url(chat)?, &teams::body(message))],
        Settings::Pagerduty(pagerduty) => vec![pagerduty::request(pagerduty, message)],
        Settings::Sms(sms) => match &sms.gateway {
            Gateway::Http(gateway) => {
                let one = |to: &String| call::to(gateway, name, message, to, sms.max_length);
                sms.to.iter().map(one).collect::<Result<_, _>>()?
            }
            Gateway::Twilio(twilio) => {
                sms.to.iter().map(|to| twilio::request(twilio, message, to, sms.max_length)).collect()
            }
            Gateway::Aliyun(aliyun) => vec![aliyun::request(aliyun, name, message, sms, now)?],
            Gateway::Tencent(tencent) => vec![tencent::request(tencent, name, message, sms, now)?],
        },
    })
}

fn url(chat: &Chat) -> Result<&str, String> {
    chat.url.reveal().ok_or_else(|| "its URL is not known: the file in `url_file` is empty".to_owned())
}
