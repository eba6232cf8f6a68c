//! From keys and values to settings.

use std::collections::BTreeMap;

use toml::Value;

use super::check;
use super::credential::Credential;
use super::fields::{Fault, Fields};
use super::settings::{
    Aliyun, Call, Channel, Chat, Email, Encryption, Gateway, Pagerduty, Settings, Sms, Sparing, Tencent, Twilio,
    Webhook,
};
use crate::alert::desk::{GROUP_OVER, GROUP_WAIT, RATE, RATE_WINDOW};
use crate::alert::template::Format;

/// How many recipients a channel may have.
const MOST_RECIPIENTS: usize = 100;
/// How many headers, and how many variables of a template.
const MOST_PAIRS: usize = 32;

/// The kinds there are.
const KINDS: &str = "email, webhook, slack, dingtalk, feishu, wecom, teams, pagerduty or sms";

impl Channel {
    /// Reads the keys of a `[alerts.channel.NAME]`.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn read(values: &BTreeMap<String, Value>) -> Result<Self, Vec<Fault>> {
        let mut fields = Fields::new(values);
        let kind = fields.text("kind", "");
        let Some(settings) = settings(&kind, &mut fields) else {
            return Err(vec![Fault { key: "kind".to_owned(), reason: Some(format!("write one of {KINDS}")) }]);
        };
        let allow_private = fields.flag("allow_private");
        let sparing = sparing(&mut fields);
        let faults = fields.finish();
        if faults.is_empty() { Ok(Self { settings, allow_private, sparing }) } else { Err(faults) }
    }
}

fn sparing(fields: &mut Fields<'_>) -> Sparing {
    Sparing {
        group_wait: fields.period("group_wait", GROUP_WAIT),
        group_over: fields.number("group_over", GROUP_OVER),
        rate: fields.number("rate", RATE),
        rate_window: fields.period("rate_window", RATE_WINDOW),
    }
}

fn settings(kind: &str, fields: &mut Fields<'_>) -> Option<Settings> {
    Some(match kind {
        "email" => Settings::Email(email(fields)),
        "webhook" => Settings::Webhook(Webhook { call: call(fields, "{{json}}") }),
        "slack" => Settings::Slack(chat(fields)),
        "dingtalk" => Settings::Dingtalk(signed_chat(fields)),
        "feishu" => Settings::Feishu(signed_chat(fields)),
        "wecom" => Settings::Wecom(chat(fields)),
        "teams" => Settings::Teams(chat(fields)),
        "pagerduty" => Settings::Pagerduty(pagerduty(fields)),
        "sms" => Settings::Sms(sms(fields)),
        _ => return None,
    })
}

fn email(fields: &mut Fields<'_>) -> Email {
    let email = Email {
        host: fields.needed("host", "the server that takes mail"),
        port: fields.number("port", 1..=65_535).and_then(|port| u16::try_from(port).ok()),
        encryption: encryption(fields),
        user: fields.text("user", ""),
        password: fields.credential("password", "password_file"),
        ca_file: fields.text("ca_file", "").into(),
        from: fields.needed("from", "the address that mails come from"),
        to: recipients(fields),
        subject: fields.text("subject", "[cronbus] {{title}}"),
    };
    fields.check("host", check::host(&email.host));
    fields.check("subject", check::line_template(&email.subject));
    if !email.from.is_empty() {
        fields.check("from", check::mailbox(&email.from));
    }
    fields.check("to", email.to.iter().try_for_each(|address| check::mailbox(address)));
    if !email.user.is_empty() && email.password.is_absent() {
        fields.fault("user", "a user needs a password: give `password` or `password_file`");
    }
    if !email.user.is_empty() && email.encryption == Encryption::Plain && !is_loopback(&email.host) {
        fields.fault("encryption", "the password would be readable by everybody on the way: write starttls or tls");
    }
    email
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn encryption(fields: &mut Fields<'_>) -> Encryption {
    match fields.text("encryption", "starttls").as_str() {
        "starttls" => Encryption::Starttls,
        "opportunistic" => Encryption::Opportunistic,
        "tls" => Encryption::Tls,
        "none" => Encryption::Plain,
        _ => {
            fields.fault("encryption", "write starttls, opportunistic, tls or none");
            Encryption::Starttls
        }
    }
}

fn recipients(fields: &mut Fields<'_>) -> Vec<String> {
    let to = fields.list("to", MOST_RECIPIENTS);
    if to.is_empty() {
        fields.fault("to", "name at least one recipient");
    }
    to
}

fn call(fields: &mut Fields<'_>, body: &str) -> Call {
    let call = Call {
        url: url(fields),
        method: fields.text("method", "POST"),
        headers: fields.table("headers", MOST_PAIRS),
        body: fields.text("body", body),
        answer_has: fields.text("answer_has", ""),
        secret: fields.credential("secret", "secret_file"),
    };
    fields.check("url", call.url.reveal().map_or(Ok(()), check::url_template));
    fields.check("method", check::method(&call.method));
    fields.check("headers", call.headers.iter().try_for_each(|(name, value)| check::header(name, value)));
    fields.check("body", check::template(&call.body, Format::of(call.content_type())));
    call
}

fn url(fields: &mut Fields<'_>) -> Credential {
    fields.needed_credential("url", "url_file", "whom to call")
}

fn chat(fields: &mut Fields<'_>) -> Chat {
    let url = url(fields);
    fields.check("url", url.reveal().map_or(Ok(()), check::url));
    Chat { url, secret: Credential::default() }
}

fn signed_chat(fields: &mut Fields<'_>) -> Chat {
    Chat { secret: fields.credential("secret", "secret_file"), ..chat(fields) }
}

/// The address of a service that everybody knows, unless another is given.
fn service(fields: &mut Fields<'_>, usual: &str) -> String {
    let url = fields.text("url", usual);
    fields.check("url", check::url(&url));
    url
}

fn pagerduty(fields: &mut Fields<'_>) -> Pagerduty {
    Pagerduty {
        url: service(fields, "https://events.pagerduty.com/v2/enqueue"),
        routing_key: fields.needed_credential("routing_key", "routing_key_file", "the key of the integration"),
    }
}

fn sms(fields: &mut Fields<'_>) -> Sms {
    let to = recipients(fields);
    fields.check("to", to.iter().try_for_each(|number| check::telephone(number)));
    let max_length = fields.number("max_length", 1..=1_600);
    let (gateway, usual) = match fields.text("provider", "").as_str() {
        "http" => (Gateway::Http(call(fields, "")), 300),
        "twilio" => (Gateway::Twilio(twilio(fields)), 300),
        // What the two allow a variable to have, at the time of writing.
        "aliyun" => (Gateway::Aliyun(aliyun(fields)), 35),
        "tencent" => (Gateway::Tencent(tencent(fields)), 12),
        _ => {
            fields.fault("provider", "write http, twilio, aliyun or tencent");
            (Gateway::Http(call(fields, "")), 300)
        }
    };
    Sms { to, max_length: max_length.unwrap_or(usual) as usize, gateway }
}

fn twilio(fields: &mut Fields<'_>) -> Twilio {
    let account = fields.needed("account", "the account's SID, AC…");
    if !account.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        fields.fault("account", "an account's SID has letters and digits only");
    }
    Twilio {
        url: service(fields, "https://api.twilio.com"),
        account,
        auth_token: fields.needed_credential("auth_token", "auth_token_file", "the account's token"),
        from: fields.needed("from", "the number that sends, or a messaging service, MG…"),
    }
}

fn aliyun(fields: &mut Fields<'_>) -> Aliyun {
    let template_params = fields.table("template_params", MOST_PAIRS);
    fields.check("template_params", template_params.values().try_for_each(|text| check::line_template(text)));
    Aliyun {
        url: service(fields, "https://dysmsapi.aliyuncs.com/"),
        access_key_id: fields.needed("access_key_id", "the id of the access key"),
        access_key_secret: fields.needed_credential("access_key_secret", "access_key_secret_file", "the access key"),
        sign_name: fields.needed("sign_name", "the approved signature"),
        template_code: fields.needed("template_code", "the approved template, SMS_…"),
        template_params,
    }
}

fn tencent(fields: &mut Fields<'_>) -> Tencent {
    let template_params = fields.list("template_params", MOST_PAIRS);
    fields.check("template_params", template_params.iter().try_for_each(|text| check::line_template(text)));
    Tencent {
        url: service(fields, "https://sms.tencentcloudapi.com/"),
        secret_id: fields.needed("secret_id", "the id of the key"),
        secret_key: fields.needed_credential("secret_key", "secret_key_file", "the key"),
        region: fields.text("region", "ap-guangzhou"),
        app_id: fields.needed("app_id", "the application"),
        sign_name: fields.needed("sign_name", "the approved signature"),
        template_id: fields.needed("template_id", "the approved template"),
        template_params,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
