//! Mail through a real server.

use cronbus_core::alert::{EventKind, MessageId, Severity};
use cronbus_core::port::notifier::Error;
use uuid::Uuid;

use crate::authority::{Authority, Validity};
use crate::harness::{SECRET, deliver, message, open};
use crate::mail_server::MailServer;

/// A server that shows a certificate of an authority, and that authority.
fn secured(mode: &str) -> (MailServer, Authority) {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("mail", "DNS:localhost,IP:127.0.0.1", Validity::Now);
    (MailServer::start(mode, Some((&certificate, &key))), authority)
}

fn channel(server: &MailServer, authority: Option<&Authority>, more: &str) -> String {
    let trusted = authority.map_or_else(String::new, |authority| format!("ca_file = {:?}\n", authority.certificate()));
    let to = if more.contains("to = ") { "" } else { "to = [\"ops@example.com\"]\n" };
    format!(
        "[alerts.channel.ops]\nkind = \"email\"\nhost = \"localhost\"\nport = {}\nfrom = \"Cron <cron@example.com>\"\n\
         {to}{trusted}{more}\n",
        server.port
    )
}

const LOGIN: &str = "user = \"cron\"\npassword = \"pass word!1\"";

#[tokio::test]
async fn a_failure_and_its_recovery_are_one_thread_over_starttls() {
    let (server, authority) = secured("starttls");
    let to = "to = [\"ops@example.com\", \"值班 <duty@example.com>\"]";
    let notifiers = open(&channel(&server, Some(&authority), &format!("{LOGIN}\n{to}")));
    let mut failure = message();
    failure.title = "日报 <b>failed</b>".to_owned();
    failure.reason = Some(format!("password {SECRET} was wrong"));
    failure.log_tail = Some("first\n.\nQUIT\n<script>alert(1)</script>".to_owned());
    failure.severity = Severity::Critical;
    let receipt = deliver(&notifiers, &failure).await.unwrap();
    assert!(receipt.detail.contains("ops@example.com: 250"), "{}", receipt.detail);
    let [one, two] = [server.next(), server.next()];
    assert_eq!([one.to(), two.to()], [["ops@example.com"], ["duty@example.com"]]);
    assert_eq!(
        (&one.0["tls"], &one.0["user"], &one.0["from"]),
        (&true.into(), &"cron".into(), &"cron@example.com".into())
    );
    assert_eq!(one.header("subject"), Some("[cronbus] 日报 <b>failed</b>"));
    assert_eq!(one.header("message-id"), two.header("message-id"));
    assert_eq!(one.header("auto-submitted"), Some("auto-generated"));
    let (text, html) = (one.part("text/plain"), one.part("text/html"));
    assert!(text.contains("Reason: password •••• was wrong") && !html.contains(SECRET), "{text}");
    assert!(text.replace("\r\n", "\n").contains("first\n.\nQUIT\n<script>"), "{text}");
    assert!(html.contains("&lt;script&gt;") && html.contains("日报 &lt;b&gt;failed"), "{html}");

    let mut recovery = failure.clone();
    (recovery.id, recovery.is_first_of_thread) = (MessageId(Uuid::from_u128(77)), false);
    (recovery.kind, recovery.severity) = (EventKind::Recovered, Severity::Good);
    deliver(&notifiers, &recovery).await.unwrap();
    let answer = server.next();
    assert_eq!(answer.header("in-reply-to"), one.header("message-id"));
    assert_eq!(answer.header("references"), one.header("message-id"));
    assert_eq!(answer.header("message-id"), Some("<00000000-0000-0000-0000-00000000004d@example.com>"));
}

#[tokio::test]
async fn one_recipient_that_is_refused_or_put_off_keeps_it_from_no_other() {
    let (server, authority) = secured("tls");
    let to = "encryption = \"tls\"\nto = [\"ops@example.com\", \"later@example.com\", \"refused@example.com\"]";
    let notifiers = open(&channel(&server, Some(&authority), &format!("{LOGIN}\n{to}")));
    let failure = message();
    for _ in 0..2 {
        let error = deliver(&notifiers, &failure).await.unwrap_err();
        assert!(error.is_retryable() && error.to_string().contains("later@example.com"), "{error}");
    }
    assert_eq!(server.next().to(), ["ops@example.com"]);
    assert!(server.has_nothing(), "who was told is not told again");

    let refused = open(&channel(
        &server,
        Some(&authority),
        &format!("{LOGIN}\nencryption = \"tls\"\nto = [\"refused@example.com\"]"),
    ));
    let error = deliver(&refused, &failure).await.unwrap_err();
    assert!(matches!(&error, Error::Refused { detail, .. } if detail.contains("nobody of this name")), "{error}");
    let some = "encryption = \"tls\"\nto = [\"refused@example.com\", \"ops@example.com\"]";
    let receipt =
        deliver(&open(&channel(&server, Some(&authority), &format!("{LOGIN}\n{some}"))), &failure).await.unwrap();
    assert!(receipt.detail.contains("refused: refused@example.com"), "{}", receipt.detail);
}

#[tokio::test]
async fn a_password_goes_to_nobody_who_is_not_trusted_and_a_wrong_one_is_told() {
    let (server, authority) = secured("starttls");
    let wrong = LOGIN.replace("word!1", "word!2");
    let error = deliver(&open(&channel(&server, Some(&authority), &wrong)), &message()).await.unwrap_err();
    assert!(!error.is_retryable() && error.to_string().contains("535"), "{error}");
    assert!(!error.to_string().contains("pass word"), "{error}");

    let error = deliver(&open(&channel(&server, None, LOGIN)), &message()).await.unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("certificate"), "{error}");
    assert!(server.has_nothing());
}

#[tokio::test]
async fn a_server_without_tls_gets_mail_only_where_that_is_said() {
    let server = MailServer::start("plain", None);
    for (encryption, is_sent) in [("starttls", false), ("tls", false), ("opportunistic", true), ("none", true)] {
        let notifiers = open(&channel(&server, None, &format!("encryption = {encryption:?}")));
        let answer = deliver(&notifiers, &message()).await;
        assert_eq!(answer.is_ok(), is_sent, "{encryption}: {answer:?}");
        assert!(answer.is_ok() || answer.unwrap_err().is_retryable());
        assert!(!is_sent || server.next().0["tls"] == false);
    }
    let port = server.port;
    drop(server);
    let text = format!(
        "[alerts.channel.ops]\nkind=\"email\"\nhost=\"127.0.0.1\"\nport={port}\nfrom=\"a@b\"\nto=[\"c@d\", \"e@f\"]"
    );
    let error = deliver(&open(&text), &message()).await.unwrap_err();
    // One that does not answer is not asked for each recipient.
    assert!(error.is_retryable() && !error.to_string().contains("e@f"), "{error}");
}

#[tokio::test]
async fn nothing_that_is_told_becomes_a_header_or_a_command() {
    let server = MailServer::start("plain", None);
    let notifiers = open(&channel(&server, None, "encryption = \"none\"\nsubject = \"{{title}} {{reason}}\""));
    let evil = "x\r\nBcc: evil@example.com\r\n\r\n<img src=x>\r\n.\r\nMAIL FROM:<evil@example.com>";
    let mut failure = message();
    failure.title = evil.to_owned();
    failure.reason = Some(evil.replace("\r\n", "\n"));
    failure.log_tail = Some(evil.to_owned());
    failure.url = Some("javascript:alert(1)".to_owned());
    deliver(&notifiers, &failure).await.unwrap();
    let taken = server.next();
    assert_eq!((taken.header("bcc"), taken.to()), (None, vec!["ops@example.com"]));
    assert!(taken.header("subject").unwrap().starts_with("x Bcc: evil@example.com <img src=x> . MAIL FROM"));
    assert!(!taken.part("text/html").contains("<img") && !taken.part("text/html").contains("javascript"));
    assert!(server.has_nothing());
}
