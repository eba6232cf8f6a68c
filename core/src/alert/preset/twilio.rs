//! Twilio's messages: <https://www.twilio.com/docs/messaging/api/message-resource>.

use super::request::Request;
use super::sign;
use crate::alert::channel::Twilio;
use crate::alert::message::Message;
use crate::alert::text;
use crate::template::percent_encode;

pub(super) fn request(twilio: &Twilio, message: &Message, to: &str, longest: usize) -> Request {
    let Twilio { url, account, auth_token, from } = twilio;
    let text = text::clip_chars(&text::summary(message), longest);
    let sender = if from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
    let pairs = [("To", to), (sender, from), ("Body", &text)];
    let body: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
    let proof = sign::base64(format!("{account}:{}", auth_token.reveal().unwrap_or_default()).as_bytes());
    Request {
        method: "POST".to_owned(),
        url: format!("{}/2010-04-01/Accounts/{account}/Messages.json", url.trim_end_matches('/')),
        headers: vec![("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: body.join("&"),
        to: to.to_owned(),
    }
    .with("Authorization", format!("Basic {proof}"))
}
