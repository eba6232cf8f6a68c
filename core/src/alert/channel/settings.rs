//! What a channel is told by its configuration, one struct for each kind.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::credential::Credential;
use crate::alert::desk::Limits;
use crate::duration::Period;

/// A channel that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// What is special to its kind.
    pub settings: Settings,
    /// Whether it may call addresses that are not public: of this host, of private networks.
    pub allow_private: bool,
    /// How it is spared, where that is not as for others.
    pub sparing: Sparing,
}

/// How a channel is spared; what is absent is as `[alerts]` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sparing {
    /// How long the first message waits for others.
    pub group_wait: Option<Period>,
    /// More than this many that waited together become one.
    pub group_over: Option<u32>,
    /// At most this many messages...
    pub rate: Option<u32>,
    /// ...in any span of this length.
    pub rate_window: Option<Period>,
}

impl Sparing {
    /// The limits of the channel, where `usual` counts for what is absent; nothing when everything is.
    #[must_use]
    pub fn limits(&self, usual: &Limits) -> Option<Limits> {
        let Self { group_wait, group_over, rate, rate_window } = *self;
        (*self != Self::default()).then(|| Limits {
            group_wait: group_wait.map_or(usual.group_wait, |period| period.duration()),
            group_over: group_over.unwrap_or(usual.group_over),
            rate: rate.unwrap_or(usual.rate),
            rate_window: rate_window.map_or(usual.rate_window, |period| period.duration()),
        })
    }
}

/// What is special to a kind of channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    /// Mail over SMTP.
    Email(Email),
    /// Any HTTP service.
    Webhook(Webhook),
    /// An incoming webhook of Slack.
    Slack(Chat),
    /// A custom robot of `DingTalk`.
    Dingtalk(Chat),
    /// A custom bot of Feishu or Lark.
    Feishu(Chat),
    /// A group robot of `WeCom`.
    Wecom(Chat),
    /// A workflow of Microsoft Teams that takes adaptive cards.
    Teams(Chat),
    /// The events of `PagerDuty`, version 2.
    Pagerduty(Pagerduty),
    /// Text messages.
    Sms(Sms),
}

impl Settings {
    /// The word for the kind, as it is configured.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Webhook(_) => "webhook",
            Self::Slack(_) => "slack",
            Self::Dingtalk(_) => "dingtalk",
            Self::Feishu(_) => "feishu",
            Self::Wecom(_) => "wecom",
            Self::Teams(_) => "teams",
            Self::Pagerduty(_) => "pagerduty",
            Self::Sms(_) => "sms",
        }
    }
}

/// How mail is protected on its way to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// STARTTLS, or nothing is sent.
    #[default]
    Starttls,
    /// STARTTLS where the server offers it. Who can change what passes can keep it from being offered.
    Opportunistic,
    /// TLS from the first byte.
    Tls,
    /// None.
    Plain,
}

/// Mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// The server.
    pub host: String,
    /// Its port; absent: the usual one of the encryption.
    pub port: Option<u16>,
    /// How the way there is protected.
    pub encryption: Encryption,
    /// Who sends, for the server; empty: nobody in particular.
    pub user: String,
    /// The proof of it.
    pub password: Credential,
    /// Certificates that the server's is checked against besides those of the system; empty: none.
    pub ca_file: PathBuf,
    /// The sender that is shown: an address, or `Name <address>`.
    pub from: String,
    /// The recipients, likewise.
    pub to: Vec<String>,
    /// The template of the subject.
    pub subject: String,
}

impl Email {
    /// Where the server listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.encryption {
            Encryption::Starttls => 587,
            Encryption::Tls => 465,
            Encryption::Opportunistic | Encryption::Plain => 25,
        })
    }
}

/// A call whose parts are templates.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Whom to call. Much of it may be secret.
    pub url: Credential,
    /// The HTTP method.
    pub method: String,
    /// Further headers. Their values may be secret.
    pub headers: BTreeMap<String, String>,
    /// The template of the body.
    pub body: String,
    /// What an answer must have in it to be one of success; empty: nothing.
    pub answer_has: String,
    /// What signs the body, and what `{{secret}}` stands for.
    pub secret: Credential,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, method, headers, .. } = self;
        let headers: Vec<_> = headers.keys().collect();
        write!(f, "Call {{ url: {url:?}, method: {method:?}, headers: {headers:?} }}")
    }
}

impl Call {
    /// The media type of the body.
    #[must_use]
    pub fn content_type(&self) -> &str {
        let found = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        found.map_or("application/json", |(_, value)| value)
    }
}

/// Any HTTP service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// How it is called.
    pub call: Call,
}

/// A robot in a chat, known by its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// The robot's URL, which is all that proves who may speak through it.
    pub url: Credential,
    /// What signs, where the service can be told to ask for that.
    pub secret: Credential,
}

/// `PagerDuty`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pagerduty {
    /// Where events go.
    pub url: String,
    /// The key of the integration.
    pub routing_key: Credential,
}

/// Text messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sms {
    /// Telephone numbers.
    pub to: Vec<String>,
    /// How many characters a text, or a value in a template of the gateway, has at the most.
    pub max_length: usize,
    /// Who sends them.
    pub gateway: Gateway,
}

/// Who sends text messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// Any gateway that is called over HTTP, once for each number.
    Http(Call),
    /// Twilio.
    Twilio(Twilio),
    /// Alibaba Cloud.
    Aliyun(Aliyun),
    /// Tencent Cloud.
    Tencent(Tencent),
}

/// Twilio's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twilio {
    /// Where its API is.
    pub url: String,
    /// The account.
    pub account: String,
    /// The proof of it.
    pub auth_token: Credential,
    /// The number that sends, or a messaging service (`MG…`).
    pub from: String,
}

/// Alibaba Cloud's text messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aliyun {
    /// Where its API is.
    pub url: String,
    /// The id of the access key.
    pub access_key_id: String,
    /// The access key.
    pub access_key_secret: Credential,
    /// The approved signature that texts begin with.
    pub sign_name: String,
    /// The approved template.
    pub template_code: String,
    /// Its variables: names and templates of values.
    pub template_params: BTreeMap<String, String>,
}

/// Tencent Cloud's text messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tencent {
    /// Where its API is.
    pub url: String,
    /// The id of the key.
    pub secret_id: String,
    /// The key.
    pub secret_key: Credential,
    /// Where texts are sent from.
    pub region: String,
    /// The application.
    pub app_id: String,
    /// The approved signature that texts begin with.
    pub sign_name: String,
    /// The approved template.
    pub template_id: String,
    /// Its variables in order: templates of values.
    pub template_params: Vec<String>,
}

impl Channel {
    /// The same, with the secrets that are in files.
    ///
    /// # Errors
    /// What `read` says of a file.
    pub fn with_secrets<E>(mut self, mut read: impl FnMut(&Path) -> Result<String, E>) -> Result<Self, E> {
        for credential in self.credentials_mut() {
            credential.fill(&mut read)?;
        }
        Ok(self)
    }

    fn credentials_mut(&mut self) -> Vec<&mut Credential> {
        match &mut self.settings {
            Settings::Email(email) => vec![&mut email.password],
            Settings::Webhook(Webhook { call }) => vec![&mut call.url, &mut call.secret],
            Settings::Slack(chat)
            | Settings::Dingtalk(chat)
            | Settings::Feishu(chat)
            | Settings::Wecom(chat)
            | Settings::Teams(chat) => vec![&mut chat.url, &mut chat.secret],
            Settings::Pagerduty(pagerduty) => vec![&mut pagerduty.routing_key],
            Settings::Sms(sms) => match &mut sms.gateway {
                Gateway::Http(call) => vec![&mut call.url, &mut call.secret],
                Gateway::Twilio(twilio) => vec![&mut twilio.auth_token],
                Gateway::Aliyun(aliyun) => vec![&mut aliyun.access_key_secret],
                Gateway::Tencent(tencent) => vec![&mut tencent.secret_key],
            },
        }
    }

    /// The secrets themselves, for taking them out of texts.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let mut copy = self.clone();
        let mut secrets: Vec<String> =
            copy.credentials_mut().iter().filter_map(|credential| credential.reveal()).map(str::to_owned).collect();
        if let Settings::Webhook(Webhook { call }) | Settings::Sms(Sms { gateway: Gateway::Http(call), .. }) =
            &self.settings
        {
            secrets
                .extend(call.headers.iter().filter(|(name, _)| is_secret_header(name)).map(|(_, value)| value.clone()));
        }
        let tokens: Vec<String> =
            secrets.iter().filter(|secret| secret.contains("://")).flat_map(|url| tokens(url)).collect();
        secrets.extend(tokens);
        secrets
    }
}

/// What is long enough in a URL to be what proves who calls.
fn tokens(url: &str) -> impl Iterator<Item = String> {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once(['/', '?'])).map_or("", |(_, path)| path);
    path.split(['/', '?', '&', '=']).filter(|part| part.len() >= 16).map(str::to_owned)
}

/// Whether what this header says is nobody's business: everything but what says how a body is to be read.
fn is_secret_header(name: &str) -> bool {
    !["content-type", "accept", "accept-language", "user-agent"].iter().any(|plain| name.eq_ignore_ascii_case(plain))
}
