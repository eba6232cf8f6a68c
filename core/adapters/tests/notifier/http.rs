//! Calls to a real receiver.

use std::time::Duration;

use cronbus_core::port::notifier::Error;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::harness::{PATIENT, SECRET, deliver, message, open, try_open};
use crate::receiver::Receiver;

fn webhook(url: &str, more: &str) -> String {
    format!("[alerts.channel.ops]\nkind = \"webhook\"\nurl = \"{url}\"\n{more}\n")
}

#[tokio::test]
async fn a_receiver_can_prove_who_called_and_what() {
    let receiver = Receiver::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "shared secret\n").unwrap();
    let more = format!(
        "allow_private = true\nsecret_file = {file:?}\nheaders = {{ Authorization = \"Bearer {{{{secret}}}}\" }}"
    );
    let notifiers = open(&webhook(&receiver.url("ok?job={{job}}&title={{title}}"), &more));
    let mut failure = message();
    failure.title = "a&b=c \"quoted\"\r\nX-Evil: 1".to_owned();
    failure.log_tail = Some(format!("token={SECRET} and shared secret"));
    assert_eq!(deliver(&notifiers, &failure).await.unwrap().detail, "status 200: ok");
    let got = receiver.next();
    let (time, signature) = got.header("x-cronbus-signature").unwrap().split_once(',').unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"shared secret").unwrap();
    mac.update(format!("{}.{}", time.strip_prefix("t=").unwrap(), got.body).as_bytes());
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(signature.strip_prefix("v1="), Some(expected.as_str()));
    assert_eq!(got.header("x-cronbus-delivery"), Some(failure.id.to_string().as_str()));
    assert_eq!(got.header("authorization"), Some("Bearer shared secret"));
    assert_eq!(
        (got.header("x-evil"), got.query.as_str()),
        (None, "job=&title=a%26b%3Dc%20%22quoted%22%20X-Evil%3A%201")
    );
    let told: serde_json::Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(told["log_tail"], "token=•••• and ••••");
    assert_eq!(told["id"], failure.id.to_string());
    // The id is the same when it is sent again.
    deliver(&notifiers, &failure).await.unwrap();
    assert_eq!(receiver.next().header("x-cronbus-delivery"), got.header("x-cronbus-delivery"));
}

#[tokio::test]
async fn what_only_this_host_can_reach_is_not_called_unless_it_is_allowed() {
    let receiver = Receiver::start();
    let port = receiver.port;
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0x7f.0.0.1", "[::1]", "169.254.169.254"]
    {
        let error = deliver(&open(&webhook(&format!("http://{host}:{port}/ok"), "")), &message()).await.unwrap_err();
        let says = matches!(&error, Error::Refused { detail, .. } if detail.contains("allow_private"));
        assert!(says, "{host}: {error}");
    }
    assert!(receiver.has_nothing());
    let named = format!("http://localhost:{port}/ok");
    deliver(&open(&webhook(&named, "allow_private = true")), &message()).await.unwrap();
    assert_eq!(receiver.next().path, "ok");
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_answer_waited_for_or_read_for_ever() {
    let receiver = Receiver::start();
    let error =
        deliver(&open(&webhook(&receiver.url("redirect"), "allow_private = true")), &message()).await.unwrap_err();
    assert!(!error.is_retryable() && error.to_string().contains("302"), "{error}");
    assert_eq!(receiver.next().path, "redirect");
    assert!(receiver.has_nothing());

    let huge = deliver(&open(&webhook(&receiver.url("huge"), "allow_private = true")), &message()).await.unwrap();
    assert!(huge.detail.len() < 400, "{}", huge.detail.len());

    let impatient = try_open(&webhook(&receiver.url("slow"), "allow_private = true"), Duration::from_secs(1)).unwrap();
    let error = deliver(&impatient, &message()).await.unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("alerts.timeout"), "{error}");
}

#[tokio::test]
async fn a_service_that_asks_for_time_is_given_it() {
    let receiver = Receiver::start();
    let error = deliver(&open(&webhook(&receiver.url("busy"), "allow_private = true")), &message()).await.unwrap_err();
    let waits = matches!(error, Error::Unavailable { retry_after: Some(wait), .. } if wait == Duration::from_secs(7));
    assert!(waits, "{error:?}");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = deliver(&open(&webhook(&format!("http://{nobody}/"), "allow_private = true")), &message()).await;
    assert!(error.unwrap_err().is_retryable());
}

#[tokio::test]
async fn answers_that_repeat_secrets_are_told_without_them() {
    let receiver = Receiver::start();
    let url = receiver.url("robot?access_token=0123456789abcdef0123");
    let text = format!(
        "[alerts.channel.ops]\nkind=\"dingtalk\"\nurl=\"{url}\"\nsecret=\"SECRET-of-robot\"\nallow_private=true"
    );
    let error = deliver(&open(&text), &message()).await.unwrap_err();
    assert!(!error.is_retryable() && error.to_string().contains("sign not match"), "{error}");
    assert!(!error.to_string().contains("0123456789abcdef0123"), "{error}");
    let got = receiver.next();
    assert!(got.query.contains("&timestamp=") && got.query.contains("&sign="), "{}", got.query);
    let refuses = webhook(&receiver.url("refuses?key={{secret}}"), "allow_private = true\nsecret = \"my=secret&key\"");
    let error = deliver(&open(&refuses), &message()).await.unwrap_err();
    assert!(error.to_string().contains("what is key=••••?"), "{error}");
}

#[tokio::test]
async fn of_several_numbers_only_those_are_tried_again_that_were_not_told() {
    let receiver = Receiver::start();
    receiver.fail_next(1);
    let text = format!(
        "[alerts.channel.ops]\nkind=\"sms\"\nprovider=\"http\"\nto=[\"111\",\"222\"]\nmethod=\"GET\"\nallow_private=true\nurl=\"{}\"",
        receiver.url("flaky?to={{to}}&text={{summary}}")
    );
    let (notifiers, failure) = (open(&text), message());
    let error = deliver(&notifiers, &failure).await.unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("222: status 503"), "{error}");
    deliver(&notifiers, &failure).await.unwrap();
    let called: Vec<String> = (0..3).map(|_| receiver.next().query.chars().take(6).collect()).collect();
    assert_eq!(called, ["to=111", "to=222", "to=222"]);
    assert!(receiver.has_nothing());
}

#[tokio::test]
async fn what_cannot_be_opened_says_whose_it_is() {
    let missing = webhook("https://x/y", "secret_file = \"/nonexistent/secret\"");
    let error = try_open(&missing, PATIENT).unwrap_err().to_string();
    assert!(error.contains("alerts.channel.ops") && error.contains("/nonexistent/secret"), "{error}");
    let notifiers = open(&webhook("https://x/y", ""));
    let other = cronbus_core::alert::ChannelName::new("other").unwrap();
    let error = cronbus_core::port::Notifier::deliver(&notifiers, &other, &message()).await.unwrap_err();
    assert!(error.to_string().contains("there are ops"), "{error}");
}
