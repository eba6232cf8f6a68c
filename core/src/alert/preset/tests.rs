//! What services are called with, against what they document.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::*;
use crate::alert::channel::{Channel, Settings};
use crate::alert::template::sample;
use crate::alert::{ChannelName, EventKind, Fact, Message, MessageId, Severity};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_551_113_065);

fn channel(text: &str) -> Channel {
    let table: toml::Table = text.parse().unwrap();
    Channel::read(&table.into_iter().collect()).unwrap()
}

fn name() -> ChannelName {
    ChannelName::new("ops").unwrap()
}

fn message() -> Message {
    let mut message = sample("ops", MessageId(Uuid::from_u128(7)), Timestamp::from_seconds(0));
    message.thread = Uuid::from_u128(9);
    message.severity = Severity::Critical;
    message.title = "nightly-report <!channel> <@all> failed".to_owned();
    message.reason = Some("exit code 1 & \"more\"".to_owned());
    message.log_tail = Some("one\n```two```\n\u{1b}[31mred".to_owned());
    message.url = Some("https://cronbus.example/runs/1".to_owned());
    message
}

/// Twice as long as anything may be, in letters of four bytes.
fn huge() -> Message {
    let long = "😀".repeat(30_000);
    let mut message = message();
    message.title = long.clone();
    message.lines = (0..100).map(|number| Fact { label: format!("{number}"), value: long.clone() }).collect();
    (message.reason, message.log_tail) = (Some(long.clone()), Some(long));
    message
}

fn sent(text: &str, message: &Message) -> Vec<Request> {
    requests(&name(), &channel(text), message, NOW).unwrap()
}

fn body(text: &str, message: &Message) -> Value {
    serde_json::from_str(&sent(text, message)[0].body).unwrap()
}

const SLACK: &str = "kind='slack'\nurl='https://x/y'";
const DINGTALK: &str = "kind='dingtalk'\nurl='https://x/robot/send?access_token=a'\nsecret='this is secret'";
const FEISHU: &str = "kind='feishu'\nurl='https://x/y'\nsecret='demo'";
const WECOM: &str = "kind='wecom'\nurl='https://x/y'";
const TEAMS: &str = "kind='teams'\nurl='https://x/y'";
const PAGERDUTY: &str = "kind='pagerduty'\nrouting_key='key'";
const TWILIO: &str =
    "kind='sms'\nprovider='twilio'\nto=['+15551','+15552']\naccount='AC1'\nauth_token='t'\nfrom='+1555'";
const ALIYUN: &str = "kind='sms'\nprovider='aliyun'\nto=['13800138000','13800138001']\naccess_key_id='i'\naccess_key_secret='s'\n\
                      sign_name='签名'\ntemplate_code='SMS_1'\ntemplate_params={ text='{{summary}}' }";
const TENCENT: &str = "kind='sms'\nprovider='tencent'\nto=['+8613800138000']\nsecret_id='i'\nsecret_key='s'\nsign_name='签名'\n\
                       template_id='1'\napp_id='2'\ntemplate_params=['{{title}}', '{{kind}}']";

/// The example of <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>.
#[test]
fn aliyun_signs_as_its_documentation_does() {
    let query = BTreeMap::from([
        ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd".to_owned()),
        ("RegionId", "cn-shanghai".to_owned()),
    ]);
    let action = aliyun::Action {
        host: "ecs.cn-shanghai.aliyuncs.com",
        action: "RunInstances",
        version: "2014-05-26",
        query: &query,
        nonce: "3156853299f313e23d1673dc12e1703d",
        now: Timestamp::from_seconds(1_698_315_752),
    };
    assert_eq!(
        action.authorization("YourAccessKeyId", "YourAccessKeySecret"),
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;\
         x-acs-signature-nonce;x-acs-version,\
         Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    );
}

/// The example of <https://www.tencentcloud.com/document/product/267/37447>.
#[test]
fn tencent_signs_as_its_documentation_does() {
    let body = r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
    let (id, key) = ("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE");
    assert_eq!(
        tencent::authorization("cvm", "cvm.tencentcloudapi.com", id, key, body, NOW),
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, \
         SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    );
}

/// What the Python examples of <https://open.dingtalk.com/document/robots/customize-robot-security-settings> and
/// <https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot> print for their own secret and time; neither page
/// tells a result.
#[test]
fn dingtalk_and_feishu_sign_as_their_examples_do() {
    assert_eq!(dingtalk::signature("this is secret", NOW), "sfUP3di2UHvWZ+F3Gr+3fp+cWAzwxliPifnJ6G8N2ow=");
    assert_eq!(
        feishu::signature("demo", Timestamp::from_seconds(1_599_360_473)),
        "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="
    );
    let request = &sent(DINGTALK, &message())[0];
    assert_eq!(
        request.url,
        "https://x/robot/send?access_token=a&timestamp=1551113065000&sign=sfUP3di2UHvWZ%2BF3Gr%2B3fp%2BcWAzwxliPifnJ6G8N2ow%3D"
    );
    assert_eq!(body(FEISHU, &message())["timestamp"], "1551113065");
}

/// `printf '1551113065.{"a":"failed"}' | openssl dgst -sha256 -hmac secret`
#[test]
fn a_webhook_is_signed_over_time_and_body() {
    let text = "kind='webhook'\nurl='https://x/{{job}}?k={{kind}}'\nsecret='secret'\nbody='{\"a\":\"{{kind}}\"}'";
    let request = &sent(text, &message())[0];
    let header = |name: &str| request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!((request.body.as_str(), request.url.as_str()), (r#"{"a":"failed"}"#, "https://x/?k=failed"));
    assert_eq!(
        header("X-Cronbus-Signature"),
        Some("t=1551113065,v1=5458486c536180d47d7422ac40d93245b165d6ea4dd71faa72efcc6b50529ff4")
    );
    assert_eq!(header("X-Cronbus-Delivery"), Some("00000000-0000-0000-0000-000000000007"));
    assert_eq!(header("Content-Type"), Some("application/json"));
    assert!(!format!("{request:?}").contains("failed"), "{request:?}");
    let whole = body("kind='webhook'\nurl='https://x/y'", &message());
    assert_eq!(
        (whole["kind"].as_str(), whole["thread"].as_str()),
        (Some("failed"), Some("00000000-0000-0000-0000-000000000009"))
    );
}

#[test]
fn what_people_wrote_is_no_markup() {
    let slack = body(SLACK, &message()).to_string();
    assert!(!slack.contains("mrkdwn") && slack.contains("&lt;!channel&gt;"), "{slack}");
    assert!(!body(WECOM, &message()).to_string().contains("<@all>"));
    let teams = body(TEAMS, &message()).to_string();
    assert!(!teams.contains("\"TextBlock\"") && !teams.contains("\\u001b"), "{teams}");
    let Settings::Email(email) = channel("kind='email'\nhost='h'\nfrom='Cron <cron@example.com>'\nto=['a@b']").settings
    else {
        panic!()
    };
    let mut message = message();
    message.title = "a\r\nBcc: evil@example.com <script>".to_owned();
    let mail = mail(&name(), &email, &message).unwrap();
    assert_eq!(mail.subject, "[cronbus] a Bcc: evil@example.com <script>");
    assert!(mail.html.contains("&lt;script&gt;") && !mail.html.contains("<script"), "{}", mail.html);
    assert!(mail.text.contains("one\n```two```\n[31mred"), "{}", mail.text);
}

#[test]
fn a_recovery_answers_its_failure_and_resolves_its_incident() {
    let Settings::Email(email) = channel("kind='email'\nhost='h'\nfrom='Cron <cron@example.com>'\nto=['a@b']").settings
    else {
        panic!()
    };
    let failure = message();
    let recovery = Message {
        id: MessageId(Uuid::from_u128(8)),
        is_first_of_thread: false,
        kind: EventKind::Recovered,
        severity: Severity::Good,
        ..failure.clone()
    };
    let (first, then) = (mail(&name(), &email, &failure).unwrap(), mail(&name(), &email, &recovery).unwrap());
    assert_eq!(first.message_id, "<00000000-0000-0000-0000-000000000009@example.com>");
    assert_eq!((first.in_reply_to, then.in_reply_to), (None, Some(first.message_id)));
    assert_eq!(then.message_id, "<00000000-0000-0000-0000-000000000008@example.com>");
    let (opened, closed) = (body(PAGERDUTY, &failure), body(PAGERDUTY, &recovery));
    assert_eq!((opened["event_action"].as_str(), closed["event_action"].as_str()), (Some("trigger"), Some("resolve")));
    assert_eq!(opened["dedup_key"], closed["dedup_key"]);
    assert_eq!(opened["payload"]["severity"], "critical");
    assert!(closed.get("payload").is_none());
}

#[test]
fn texts_fit_what_each_service_takes() {
    let longest = |value: &Value| value.as_str().unwrap().chars().count();
    let huge = huge();
    let slack = body(SLACK, &huge);
    let blocks = slack["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50 && longest(&blocks[0]["text"]["text"]) <= 150);
    for block in blocks.iter().filter(|block| block["type"] == "section") {
        let fields = block["fields"].as_array().unwrap();
        assert!(fields.len() <= 10 && fields.iter().all(|field| longest(&field["text"]) <= 2000));
    }
    assert!(body(WECOM, &huge)["text"]["content"].as_str().unwrap().len() <= 2048);
    for (text, limit) in [(DINGTALK, 20_000), (FEISHU, 20_000), (TEAMS, 28_000), (PAGERDUTY, 512 << 10)] {
        let length = sent(text, &huge)[0].body.len();
        assert!(length <= limit, "{text}: {length}");
    }
    assert!(longest(&body(PAGERDUTY, &huge)["payload"]["summary"]) <= 1024);
    assert!(longest(&body(TENCENT, &huge)["TemplateParamSet"][0]) <= 12);
    for request in sent(TWILIO, &huge) {
        assert!(request.body.matches("%F0%9F%98%80").count() < 300, "{}", request.body.len());
    }
}

#[test]
fn text_messages_name_their_recipients() {
    let requests = sent(TWILIO, &message());
    assert_eq!(requests.iter().map(|request| request.to.as_str()).collect::<Vec<_>>(), ["+15551", "+15552"]);
    assert_eq!(requests[0].url, "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json");
    assert!(requests[0].body.starts_with("To=%2B15551&From=%2B1555&Body=nightly-report%20"), "{}", requests[0].body);
    assert!(requests[0].headers.contains(&("Authorization".to_owned(), "Basic QUMxOnQ=".to_owned())));
    let request = &sent(ALIYUN, &message())[0];
    assert!(
        request.url.contains("PhoneNumbers=13800138000%2C13800138001&SignName=%E7%AD%BE%E5%90%8D"),
        "{}",
        request.url
    );
    assert_ne!(request.headers, requests_later(ALIYUN)[0].headers);
    assert_eq!(body(TENCENT, &message())["PhoneNumberSet"][0], "+8613800138000");
    let text = "kind='sms'\nprovider='http'\nto=['1234']\nurl='https://x/?to={{to}}&text={{summary}}&key={{secret}}'\nmethod='GET'\nsecret='a&b'";
    assert!(sent(text, &message())[0].url.starts_with("https://x/?to=1234&text=nightly-report%20%3C%21channel"));
    assert!(sent(text, &message())[0].url.ends_with("&key=a%26b"));
}

fn requests_later(text: &str) -> Vec<Request> {
    requests(&name(), &channel(text), &message(), Timestamp::from_seconds(NOW.seconds() + 1)).unwrap()
}

#[test]
fn answers_are_believed_for_what_they_say_not_for_their_status() {
    #[derive(Debug, PartialEq)]
    enum Is {
        Delivered,
        Refused,
        Unavailable,
    }
    for (text, status, answer, expected) in [
        (SLACK, 200, "ok", Is::Delivered),
        (SLACK, 404, "no_service", Is::Refused),
        (SLACK, 429, "rate_limited", Is::Unavailable),
        (SLACK, 302, "", Is::Refused),
        (SLACK, 500, "", Is::Unavailable),
        (DINGTALK, 200, r#"{"errcode":0,"errmsg":"ok"}"#, Is::Delivered),
        (DINGTALK, 200, r#"{"errcode":310000,"errmsg":"sign not match"}"#, Is::Refused),
        (DINGTALK, 200, r#"{"errcode":130101,"errmsg":"send too fast"}"#, Is::Unavailable),
        (DINGTALK, 200, "<html>", Is::Unavailable),
        (FEISHU, 200, r#"{"StatusCode":0,"StatusMessage":"success"}"#, Is::Delivered),
        (FEISHU, 200, r#"{"code":19021,"msg":"sign match fail"}"#, Is::Refused),
        (FEISHU, 200, r#"{"code":11232,"msg":"frequency limited"}"#, Is::Unavailable),
        (WECOM, 200, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#, Is::Refused),
        (WECOM, 200, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#, Is::Unavailable),
        (TEAMS, 202, "", Is::Delivered),
        (PAGERDUTY, 202, r#"{"status":"success"}"#, Is::Delivered),
        (PAGERDUTY, 400, r#"{"status":"invalid event"}"#, Is::Refused),
        (TWILIO, 201, r#"{"sid":"SM1"}"#, Is::Delivered),
        (TWILIO, 400, r#"{"code":21211}"#, Is::Refused),
        (ALIYUN, 200, r#"{"Code":"OK"}"#, Is::Delivered),
        (ALIYUN, 200, r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL"}"#, Is::Unavailable),
        (ALIYUN, 200, r#"{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}"#, Is::Refused),
        (TENCENT, 200, r#"{"Response":{"SendStatusSet":[{"Code":"Ok"},{"Code":"LimitExceeded.X"}]}}"#, Is::Delivered),
        (
            TENCENT,
            200,
            r#"{"Response":{"SendStatusSet":[{"Code":"LimitExceeded.PhoneNumberDailyLimit"}]}}"#,
            Is::Unavailable,
        ),
        (TENCENT, 200, r#"{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure"}}}"#, Is::Refused),
        ("kind='webhook'\nurl='https://x/y'\nanswer_has='\"ok\":true'", 200, r#"{"ok":false}"#, Is::Refused),
    ] {
        let is = match judge(&channel(text).settings, status, answer) {
            Verdict::Delivered(_) => Is::Delivered,
            Verdict::Refused(_) => Is::Refused,
            Verdict::Unavailable(_) => Is::Unavailable,
        };
        assert_eq!(is, expected, "{text} {status} {answer}");
    }
}

proptest! {
    #[test]
    fn every_message_becomes_valid_json_for_every_service(title in ".{0,60}", reason in "\\PC{0,60}", log in ".{0,200}", url in ".{0,40}") {
        let mut message = message();
        (message.title, message.reason, message.log_tail, message.url) = (title, Some(reason), Some(log), Some(url));
        for text in [SLACK, DINGTALK, FEISHU, WECOM, TEAMS, PAGERDUTY, TENCENT, "kind='webhook'\nurl='https://x/y'"] {
            prop_assert!(body(text, &message).is_object());
        }
    }

    #[test]
    fn every_answer_is_judged(status in 100_u16..600, answer in ".{0,60}|\\{\"(code|errcode|Code)\":[0-9\"a]{0,9}\\}") {
        for text in [SLACK, DINGTALK, FEISHU, WECOM, TEAMS, PAGERDUTY, TWILIO, ALIYUN, TENCENT] {
            let _ = judge(&channel(text).settings, status, &answer);
        }
    }
}
