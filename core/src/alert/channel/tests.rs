//! Channels as they are written, and what is said of those that cannot be used.

use std::time::Duration;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::super::keys::{KEYS, shown};
use super::*;
use crate::alert::Limits;

fn read(text: &str) -> Result<Channel, Vec<Fault>> {
    let table: toml::Table = text.parse().unwrap();
    Channel::read(&table.into_iter().collect())
}

fn check_faults(text: &str, expected: &Expect) {
    let faults = read(text).expect_err("should be refused");
    let line =
        |fault: &Fault| format!("{}: {}\n", fault.key, fault.reason.as_deref().unwrap_or("there is no such key"));
    expected.assert_eq(&faults.iter().map(line).collect::<String>());
}

#[test]
fn each_kind_can_be_written() {
    for (text, kind) in [
        ("kind='email'\nhost='mail'\nfrom='a@b'\nto=['c@d']", "email"),
        ("kind='webhook'\nurl='https://x/y'", "webhook"),
        ("kind='slack'\nurl='https://hooks.slack.com/services/a/b/c'", "slack"),
        ("kind='dingtalk'\nurl_file='/run/url'\nsecret='SECx'", "dingtalk"),
        ("kind='feishu'\nurl='https://x/y'\nsecret_file='/run/s'", "feishu"),
        ("kind='wecom'\nurl='https://x/y'", "wecom"),
        ("kind='teams'\nurl='https://x/y'\nallow_private=true", "teams"),
        ("kind='pagerduty'\nrouting_key='k'", "pagerduty"),
        ("kind='sms'\nprovider='http'\nto=['1234']\nurl='https://x/?to={{to}}&text={{summary}}'\nmethod='GET'", "sms"),
        ("kind='sms'\nprovider='twilio'\nto=['+1234']\naccount='AC1'\nauth_token='t'\nfrom='+1'", "sms"),
        (
            "kind='sms'\nprovider='aliyun'\nto=['1234']\naccess_key_id='i'\naccess_key_secret='s'\nsign_name='n'\n\
             template_code='SMS_1'\ntemplate_params={job='{{job}}'}",
            "sms",
        ),
        (
            "kind='sms'\nprovider='tencent'\nto=['1234']\nsecret_id='i'\nsecret_key='s'\nsign_name='n'\ntemplate_id='1'\n\
             app_id='2'\ntemplate_params=['{{job}}']",
            "sms",
        ),
    ] {
        let channel = read(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        assert_eq!(channel.settings.kind(), kind);
    }
}

#[test]
fn everything_that_is_wrong_is_told_with_its_key() {
    check_faults(
        "kind = 'fax'",
        &expect![[r#"
        kind: write one of email, webhook, slack, dingtalk, feishu, wecom, teams, pagerduty or sms
    "#]],
    );
    check_faults(
        "kind='email'\nport=0\nencryption='ssl'\nuser='u'\nfrom='a@b\\r\\nBcc: c@d'\nto=['x']\nsubject='{{titel}}'\nhots='h'",
        &expect![[r#"
            host: it must be given: the server that takes mail
            port: write a whole number from 1 to 65535
            encryption: write starttls, opportunistic, tls or none
            subject: `{{titel}}` is not a placeholder; did you mean `title`?: there are title, summary, text, kind, severity, at, job, run, node, reason, log_tail, url, id, thread, grouped, channel, to, secret and json; write `{{{{` where a literal `{{` is meant
            from: `a@b\r\nBcc: c@d` is no address: write name@host or Name <name@host>
            to: `x` is no address: write name@host or Name <name@host>
            user: a user needs a password: give `password` or `password_file`
            hots: there is no such key
        "#]],
    );
    check_faults(
        "kind='email'\nhost='mail.example.com'\nencryption='none'\nuser='u'\npassword='p'\nfrom='a@b'\nto=['c@d']",
        &expect![[r#"
        encryption: the password would be readable by everybody on the way: write starttls or tls
    "#]],
    );
    check_faults(
        "kind='webhook'\nurl='https://{{job}}.example/'\nurl_file='/x'\nheaders={ Host='x' }\nbody='{\"a\":\"\\{{title}}\"}'",
        &expect![[r#"
        url_file: `url` is given, too: leave one of them out
        headers: `Host` is set by the call itself
        body: `{{title}}` stands right after a backslash, where its value cannot be escaped in JSON: write `\\` for a backslash
    "#]],
    );
    check_faults(
        "kind='dingtalk'\nurl=7\nsecret='a'\nsecret_file='b'\nallow_private='yes'",
        &expect![[r#"
        secret_file: `secret` is given, too: leave one of them out
        url: write a text in quotes
        allow_private: write true or false
    "#]],
    );
    check_faults(
        "kind='sms'\nto=['12 34']\nmax_length=0\nprovider='pigeon'",
        &expect![[r#"
        to: `12 34` is no telephone number: write it like +8613800138000, without blanks
        max_length: write a whole number from 1 to 1600
        provider: write http, twilio, aliyun or tencent
        url: it, or the file that holds it in `url_file`, must be given: whom to call
    "#]],
    );
}

#[test]
fn secrets_are_never_shown() {
    let text =
        "kind='webhook'\nurl='https://h.example/hush-1?k=hush-2'\nsecret='hush-3'\nheaders={ Authorization='hush-4' }";
    let channel = read(text).unwrap();
    assert!(!format!("{channel:?}").contains("hush"), "{channel:?}");
    let table: toml::Table = text.parse().unwrap();
    let line = |(key, value): (&String, &toml::Value)| format!("{key}={}", shown(key, value));
    let lines: Vec<_> = table.iter().map(line).collect();
    assert!(
        !lines.join("\n").contains("hush") && lines.contains(&"url=\"https://h.example/***\"".to_owned()),
        "{lines:?}"
    );
    assert_eq!(channel.secrets(), ["https://h.example/hush-1?k=hush-2", "hush-3", "hush-4"]);
    for (key, value) in [("secret", "7"), ("url", "['hush']"), ("headers", "'hush'"), ("pasword", "'hush'")] {
        let table: toml::Table = format!("{key} = {value}").parse().unwrap();
        assert_eq!(shown(key, &table[key]), "\"***\"", "{key}");
    }
}

#[test]
fn a_channel_is_spared_as_it_says_and_else_as_others_are() {
    let second = Duration::from_secs(1);
    let usual = Limits { group_wait: 5 * second, group_over: 3, rate: 10, rate_window: 600 * second };
    let limits = |own: &str| {
        let channel = read(&format!("kind='slack'\nurl='https://x/y'\n{own}")).unwrap();
        channel.sparing.limits(&usual)
    };
    assert_eq!(limits(""), None);
    assert_eq!(limits("rate=1\nrate_window='1h'"), Some(Limits { rate: 1, rate_window: 3_600 * second, ..usual }));
    assert_eq!(
        limits("group_wait='0s'\ngroup_over=1"),
        Some(Limits { group_wait: Duration::ZERO, group_over: 1, ..usual })
    );
    let faults = read("kind='slack'\nurl='https://x/y'\nrate=0\ngroup_wait='2h'\nrate_window=60").unwrap_err();
    let told: Vec<_> =
        faults.iter().map(|fault| format!("{}: {}", fault.key, fault.reason.as_deref().unwrap())).collect();
    assert_eq!(
        told,
        [
            "group_wait: write a length of time from \"0s\" to \"1h\"",
            "rate: write a whole number from 1 to 1000",
            "rate_window: write a length of time from \"1s\" to \"1d\"",
        ]
    );
}

#[test]
fn files_are_asked_for_what_they_hold() {
    let channel = read("kind='feishu'\nurl_file='/run/url'\nsecret='s'").unwrap();
    let known = channel.with_secrets(|path| Ok::<_, ()>(format!(" https://x/{} \n", path.display()))).unwrap();
    let Settings::Feishu(chat) = known.settings else { panic!() };
    assert_eq!((chat.url.reveal(), chat.secret.reveal()), (Some("https://x//run/url"), Some("s")));
}

proptest! {
    #[test]
    fn arbitrary_values_are_answered(
        kind in "email|webhook|slack|sms|dingtalk|pagerduty",
        provider in "http|twilio|aliyun|tencent",
        values in proptest::collection::vec(
            (0..KEYS.len(), prop_oneof![".{0,20}".prop_map(toml::Value::from), any::<i64>().prop_map(toml::Value::from)]),
            0..12,
        ),
    ) {
        let mut table: BTreeMap<String, toml::Value> = values.into_iter().map(|(at, value)| (KEYS[at].0.to_owned(), value)).collect();
        table.insert("kind".to_owned(), kind.into());
        table.insert("provider".to_owned(), provider.into());
        let _ = Channel::read(&table);
        table.iter().for_each(|(key, value)| drop(shown(key, value)));
    }
}
