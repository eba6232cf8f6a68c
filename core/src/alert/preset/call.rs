//! Any HTTP service: a webhook, or a gateway of text messages.

use super::request::Request;
use super::sign;
use crate::alert::channel::Call;
use crate::alert::message::{ChannelName, Message};
use crate::alert::template::{Fields, Format};
use crate::time::Timestamp;

/// The longest summary where nobody says how long it may be, in characters.
const SUMMARY: usize = 1000;

/// A call whose body is signed, where there is a secret to do it with.
///
/// `X-Cronbus-Signature: t=SECONDS,v1=HEX` where `HEX` is the HMAC-SHA256 of `SECONDS.BODY`. Receivers work it out
/// themselves, compare in constant time, and refuse what is older than some minutes.
pub(super) fn signed(call: &Call, name: &ChannelName, message: &Message, now: Timestamp) -> Result<Request, String> {
    let request = filled(call, name, message, "", SUMMARY)?.with("X-Cronbus-Delivery", message.id.to_string());
    let Some(secret) = call.secret.reveal() else { return Ok(request) };
    let signature = signature(secret, now, &request.body);
    Ok(request.with("X-Cronbus-Signature", signature))
}

/// A call that tells one recipient.
pub(super) fn to(
    call: &Call,
    name: &ChannelName,
    message: &Message,
    to: &str,
    longest: usize,
) -> Result<Request, String> {
    Ok(Request { to: to.to_owned(), ..filled(call, name, message, to, longest)? })
}

/// The value of the header.
pub(super) fn signature(secret: &str, now: Timestamp, body: &str) -> String {
    let seconds = now.seconds();
    format!("t={seconds},v1={}", sign::hex(&sign::hmac(secret.as_bytes(), &format!("{seconds}.{body}"))))
}

fn filled(call: &Call, name: &ChannelName, message: &Message, to: &str, longest: usize) -> Result<Request, String> {
    let secret = call.secret.reveal().unwrap_or_default();
    let fields = Fields { message, channel: name.as_str(), to, secret, summary_length: longest };
    let render = |what: &str, format: Format, text: &str| {
        format.render(text, &fields).map_err(|error| format!("{what}: {error}"))
    };
    let url = call.url.reveal().ok_or("its URL is not known: the file in `url_file` is empty")?;
    let mut headers = Vec::new();
    for (name, value) in &call.headers {
        let value: String = render("headers", Format::Plain, value)?.chars().filter(|c| !c.is_control()).collect();
        headers.push((name.clone(), value));
    }
    let body = render("body", Format::of(call.content_type()), &call.body)?;
    let says_what_it_is = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !body.is_empty() && !says_what_it_is {
        headers.push(("Content-Type".to_owned(), call.content_type().to_owned()));
    }
    Ok(Request { method: call.method.clone(), url: render("url", Format::Url, url)?, headers, body, to: String::new() })
}
