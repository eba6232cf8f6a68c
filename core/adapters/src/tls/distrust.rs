//! Connections that fail because one side does not trust the other. Every driver wraps what rustls says in words of its
//! own; what rustls says is found in them.

use std::error::Error;

/// How deep an error may be wrapped; drivers do so four or five times.
const DEEPEST: usize = 16;

/// What rustls or a driver says, and what it means. The first that fits counts.
const MEANINGS: &[(&[&str], &str)] = &[
    (
        &["UnknownIssuer", "BadSignature"],
        "its certificate is not from an authority that is trusted here: give the authority's in ca_file (sslrootcert in \
         the URL of a database)",
    ),
    (
        &["NotValidForName", "not valid for name"],
        "its certificate is for other hosts than the one in the URL: write a name that the certificate has, or give the \
         server a certificate with this one",
    ),
    (
        &["certificate expired", "peer certificate: Expired"],
        "its certificate has expired, or the clock here is wrong: renew it",
    ),
    (&["invalid peer certificate"], "its certificate cannot be trusted"),
    (
        &["received fatal alert", "certificate required", "certificate unknown"],
        "the server does not take this node's certificate, or misses one: certificate_file and key_file must be from an \
         authority that it trusts",
    ),
    (
        &["does not support TLS", "tls not supported", "corrupt message", "InvalidContentType"],
        "the server speaks no TLS: mend the URL, or leave the certificates out",
    ),
];

/// What to do about a connection that failed because one side does not trust the other; `None` when that is not why.
pub(crate) fn distrust(error: &(dyn Error + 'static)) -> Option<String> {
    let said = whole(error);
    let means = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let (_, advice) = MEANINGS.iter().find(|(words, _)| means(words))?;
    Some(format!("{advice} ({})", innermost(error)))
}

fn chain<'error>(error: &'error (dyn Error + 'static)) -> impl Iterator<Item = &'error (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'error (dyn Error + 'static)| (*error).source()).take(DEEPEST)
}

fn whole(error: &(dyn Error + 'static)) -> String {
    chain(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What an error was made of, each after a colon.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    chain(error).skip(1).map(|cause| format!(": {cause}")).collect()
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustls::{AlertDescription, CertificateError};

    use super::*;

    fn wrapped(error: rustls::Error) -> io::Error {
        io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error))
    }

    #[test]
    fn what_rustls_says_is_found_however_it_is_wrapped() {
        for (error, says) in [
            (rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer), "authority"),
            (rustls::Error::InvalidCertificate(CertificateError::NotValidForName), "other hosts"),
            (rustls::Error::InvalidCertificate(CertificateError::Expired), "expired"),
            (rustls::Error::InvalidCertificate(CertificateError::Revoked), "cannot be trusted"),
            (rustls::Error::AlertReceived(AlertDescription::CertificateRequired), "certificate_file"),
        ] {
            let advice = distrust(&wrapped(error)).unwrap();
            assert!(advice.contains(says), "{says}: {advice}");
        }
        assert_eq!(distrust(&io::Error::from(io::ErrorKind::ConnectionRefused)), None);
    }
}
