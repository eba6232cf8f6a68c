//! Mail over SMTP.

use std::fmt;
use std::time::{Duration, SystemTime};

use cronbus_core::alert::channel::{Email, Encryption};
use cronbus_core::alert::preset::{Mail, Verdict};
use cronbus_core::time::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{self, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::tally::Outcome;
use crate::tls::causes;

/// How many connections to a server are open at a time.
const CONNECTIONS: u32 = 2;
/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(60);

/// A mail server, and who is written to over it.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
    timeout: Duration,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp {{ from: {}, to: {} }}", self.from.email, self.to.len())
    }
}

impl Smtp {
    /// No connection is made yet. Reads the authorities of the system, and the file of further ones.
    ///
    /// # Errors
    /// What cannot be used of the settings.
    pub(super) fn new(email: &Email, timeout: Duration) -> Result<Self, String> {
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&email.host)
            .port(email.port())
            .tls(tls(email)?)
            .timeout(Some(timeout))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE));
        if !email.user.is_empty() {
            let password = email.password.reveal().ok_or("the file in `password_file` is empty")?;
            builder = builder.credentials(Credentials::new(email.user.clone(), password.to_owned()));
        }
        let from = mailbox("from", &email.from)?;
        let to = email.to.iter().map(|to| mailbox("to", to)).collect::<Result<_, _>>()?;
        Ok(Self { transport: builder.build(), from, to, timeout })
    }

    /// The recipients: their addresses alone.
    pub(super) fn recipients(&self) -> Vec<String> {
        self.to.iter().map(|to| to.email.to_string()).collect()
    }

    /// The mail as bytes, the same for all recipients.
    ///
    /// # Errors
    /// What of it cannot be written.
    pub(super) fn write(&self, mail: Mail, now: Timestamp) -> Result<Vec<u8>, String> {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.millis()).unwrap_or_default());
        let mut builder = Message::builder()
            .from(self.from.clone())
            .date(at)
            .subject(mail.subject)
            .message_id(Some(mail.message_id))
            // Keeps those who are on holiday from answering (RFC 3834, 5).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        if let Some(first) = mail.in_reply_to {
            builder = builder.in_reply_to(first.clone()).references(first);
        }
        let written = builder.multipart(MultiPart::alternative_plain_html(mail.text, mail.html));
        Ok(written.map_err(|error| format!("the mail cannot be written: {error}"))?.formatted())
    }

    /// Sends it to one recipient: of several in one envelope, a single one that is refused would keep it from all.
    pub(super) async fn send(&self, mail: &[u8], to: &str) -> Outcome {
        let Some(to) = self.to.iter().find(|known| known.email.as_ref() as &str == to) else {
            return Outcome::of(Verdict::Refused("no recipient of this channel".to_owned()));
        };
        let envelope = match Envelope::new(Some(self.from.email.clone()), vec![to.email.clone()]) {
            Ok(envelope) => envelope,
            Err(error) => return Outcome::of(Verdict::Refused(error.to_string())),
        };
        match tokio::time::timeout(self.timeout, self.transport.send_raw(&envelope, mail)).await {
            Ok(Ok(response)) => {
                let said = response.message().collect::<Vec<_>>().join(" ");
                Outcome::of(Verdict::Delivered(format!("{} {said}", response.code()).trim().to_owned()))
            }
            Ok(Err(error)) => failed(&error),
            Err(_) => {
                let late = "the mail server did not answer in time (alerts.timeout)";
                Outcome::silence(Verdict::Unavailable(late.to_owned()))
            }
        }
    }
}

fn mailbox(key: &str, text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|error| format!("{key}: `{text}` is no address: {error}"))
}

fn tls(email: &Email) -> Result<Tls, String> {
    if email.encryption == Encryption::Plain {
        return Ok(Tls::None);
    }
    let mut builder = TlsParameters::builder(email.host.clone());
    if !email.ca_file.as_os_str().is_empty() {
        let unreadable =
            |error: &dyn fmt::Display| format!("ca_file: {} cannot be used: {error}", email.ca_file.display());
        let pem = std::fs::read(&email.ca_file).map_err(|error| unreadable(&error))?;
        let authorities = Certificate::from_pem(&pem).map_err(|error| unreadable(&error))?;
        builder = builder.add_root_certificate(authorities);
    }
    let parameters = builder.build().map_err(|error| format!("TLS cannot be used: {error}"))?;
    Ok(match email.encryption {
        Encryption::Opportunistic => Tls::Opportunistic(parameters),
        Encryption::Tls => Tls::Wrapper(parameters),
        Encryption::Starttls | Encryption::Plain => Tls::Required(parameters),
    })
}

/// Only the word of the server ends it (RFC 5321, 4.2.1: 5yz). A connection that cannot be had or trusted may be later.
fn failed(error: &smtp::Error) -> Outcome {
    let said = format!("{error}{}", causes(error));
    match error.status() {
        Some(_) if error.is_permanent() => Outcome::of(Verdict::Refused(said)),
        Some(_) => Outcome::of(Verdict::Unavailable(said)),
        None => Outcome::silence(Verdict::Unavailable(said)),
    }
}
