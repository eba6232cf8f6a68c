//! Tencent Cloud's text messages: `SendSms` of 2021-01-11 (<https://cloud.tencent.com/document/api/382/55981>), signed by
//! `TC3-HMAC-SHA256` (<https://www.tencentcloud.com/document/product/267/37447>).

use serde_json::{Value, json};

use super::request::{Request, host_of};
use super::sign;
use super::verdict::Verdict;
use crate::alert::channel::{Sms, Tencent};
use crate::alert::message::{ChannelName, Message};
use crate::alert::template::{Fields, Format};
use crate::alert::text;
use crate::time::Timestamp;

const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// What codes of things that pass by themselves begin with.
const BUSY: &[&str] =
    &["RequestLimitExceeded", "LimitExceeded", "InternalError", "FailedOperation.ContainSensitiveWord.Timeout"];

pub(super) fn request(
    tencent: &Tencent,
    name: &ChannelName,
    message: &Message,
    sms: &Sms,
    now: Timestamp,
) -> Result<Request, String> {
    let fields = Fields { message, channel: name.as_str(), to: "", secret: "", summary_length: sms.max_length };
    let mut variables = Vec::new();
    for template in &tencent.template_params {
        let value = Format::Plain.render(template, &fields).map_err(|error| format!("template_params: {error}"))?;
        variables.push(text::clip_chars(&text::one_line(&value), sms.max_length));
    }
    let body = json!({
        "PhoneNumberSet": sms.to,
        "SmsSdkAppId": tencent.app_id,
        "SignName": tencent.sign_name,
        "TemplateId": tencent.template_id,
        "TemplateParamSet": variables,
        "SessionContext": message.id.to_string(),
    })
    .to_string();
    let secret = tencent.secret_key.reveal().unwrap_or_default();
    let authorization = authorization("sms", host_of(&tencent.url), &tencent.secret_id, secret, &body, now);
    let request =
        Request { method: "POST".to_owned(), url: tencent.url.clone(), headers: Vec::new(), body, to: String::new() };
    Ok(request
        .with("Content-Type", CONTENT_TYPE)
        .with("Authorization", authorization)
        .with("X-TC-Action", "SendSms")
        .with("X-TC-Version", "2021-01-11")
        .with("X-TC-Region", tencent.region.clone())
        .with("X-TC-Timestamp", now.seconds().to_string()))
}

/// The header that proves who calls.
pub(super) fn authorization(service: &str, host: &str, id: &str, secret: &str, body: &str, now: Timestamp) -> String {
    let date = now.to_jiff().strftime("%Y-%m-%d").to_string();
    let scope = format!("{date}/{service}/tc3_request");
    let names = "content-type;host";
    let canonical = format!("POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{host}\n\n{names}\n{}", sign::sha256(body));
    let to_sign = format!("TC3-HMAC-SHA256\n{}\n{scope}\n{}", now.seconds(), sign::sha256(&canonical));
    let key = sign::hmac(format!("TC3{secret}").as_bytes(), &date);
    let key = sign::hmac(&sign::hmac(&key, service), "tc3_request");
    let signature = sign::hex(&sign::hmac(&key, &to_sign));
    format!("TC3-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}")
}

/// Refused only if every number was: one that was told must not be told again for the others' sake.
pub(super) fn judge(body: &str, said: String) -> Verdict {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    if let Some(code) = answer.pointer("/Response/Error/Code").and_then(Value::as_str) {
        return unwell(code, said);
    }
    let Some(numbers) = answer.pointer("/Response/SendStatusSet").and_then(Value::as_array) else {
        return Verdict::Unavailable(format!("{said}: this is no answer of the service"));
    };
    let codes: Vec<_> = numbers.iter().filter_map(|number| number.get("Code")?.as_str()).collect();
    match codes.iter().find(|code| **code != "Ok") {
        Some(code) if !codes.contains(&"Ok") => unwell(code, said),
        _ => Verdict::Delivered(said),
    }
}

fn unwell(code: &str, said: String) -> Verdict {
    if BUSY.iter().any(|busy| code.starts_with(busy)) { Verdict::Unavailable(said) } else { Verdict::Refused(said) }
}
