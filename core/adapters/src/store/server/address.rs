//! Where a database server is, from its URL: `mysql://USER:PASSWORD@HOST:PORT/DATABASE?ssl-mode=…` and the like.

use std::fmt;
use std::path::PathBuf;

use cronbus_core::config::ServiceUrl;
use url::Url;

/// A server, a database on it, and who asks.
#[derive(Clone)]
pub(in crate::store) struct Address {
    pub(in crate::store) host: String,
    pub(in crate::store) port: u16,
    pub(in crate::store) user: String,
    pub(in crate::store) password: Option<String>,
    pub(in crate::store) database: String,
    pub(in crate::store) encryption: Encryption,
}

/// How the connection is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Encryption {
    /// Not at all: what `disable` says, and what nothing says.
    None,
    /// Against listeners (`require`): whoever answers is believed.
    Unverified,
    /// Against impostors too (`verify-full`): the certificate is for the host and from an authority of this file.
    Verified {
        /// The certificates of the authorities, in PEM.
        authorities: PathBuf,
    },
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Address {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}/{}", self.user, self.host, self.port, self.database)
    }
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it and what is allowed; the password is not in it.
    pub(in crate::store) fn parse(text: &str, default_port: u16, default_user: &str) -> Result<Self, String> {
        let shown = ServiceUrl::new(text);
        let wrong = |what: &str| format!("`{shown}`: {what}");
        let url = Url::parse(text).map_err(|error| wrong(&format!("it is not a URL: {error}")))?;
        let database = decode(url.path().trim_start_matches('/')).filter(|name| !name.is_empty());
        let user = decode(url.username()).ok_or_else(|| wrong("the user is not UTF-8 when decoded"))?;
        let password = url.password().map(|text| decode(text).ok_or("the password is not UTF-8 when decoded"));
        Ok(Self {
            host: host(&url),
            port: url.port().unwrap_or(default_port),
            user: if user.is_empty() { default_user.to_owned() } else { user },
            password: password.transpose().map_err(wrong)?,
            database: database.ok_or_else(|| wrong("the name of a database must follow the host, as in …/cronbus"))?,
            encryption: encryption(&url).map_err(|what| wrong(&what))?,
        })
    }
}

fn host(url: &Url) -> String {
    match url.host() {
        Some(url::Host::Ipv6(address)) => address.to_string(),
        Some(host) => host.to_string(),
        None => "localhost".to_owned(),
    }
}

/// The parameters are those of the servers' own tools, in either spelling.
fn encryption(url: &Url) -> Result<Encryption, String> {
    let (mut mode, mut authorities) = (String::new(), None);
    for (key, value) in url.query_pairs() {
        match &*key {
            "sslmode" | "ssl-mode" => mode = value.to_ascii_lowercase().replace('_', "-"),
            "sslrootcert" | "ssl-ca" => authorities = Some(PathBuf::from(value.as_ref())),
            other => return Err(format!("there is no parameter `{other}`; allowed are sslmode and sslrootcert")),
        }
    }
    match (mode.as_str(), authorities) {
        ("" | "disable" | "disabled", None) => Ok(Encryption::None),
        ("require" | "required", None) => Ok(Encryption::Unverified),
        ("verify-full" | "verify-identity", Some(authorities)) => Ok(Encryption::Verified { authorities }),
        ("verify-full" | "verify-identity", None) => {
            Err(format!("sslmode={mode} needs sslrootcert=FILE, the certificates of the authorities in PEM"))
        }
        ("" | "disable" | "disabled" | "require" | "required", Some(_)) => {
            Err("sslrootcert is used by sslmode=verify-full only".to_owned())
        }
        (other, _) => Err(format!("sslmode cannot be `{other}`; allowed are disable, require and verify-full")),
    }
}

/// Percent-decoding (RFC 3986, 2.1); `None` when it is not UTF-8 afterwards.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.split_at_checked(2).filter(|_| *first == b'%');
        let decoded = digits.and_then(|(digits, after)| {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        let (byte, after) = decoded.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Address, String> {
        Address::parse(text, 5432, "cronbus")
    }

    #[test]
    fn every_part_is_read() {
        let address = parse("postgres://a%40b:p%3Aw%2F@db.example:6000/x%20y?sslmode=require").unwrap();
        assert_eq!((address.user.as_str(), address.password.as_deref()), ("a@b", Some("p:w/")));
        assert_eq!((address.host.as_str(), address.port, address.database.as_str()), ("db.example", 6000, "x y"));
        assert_eq!(address.encryption, Encryption::Unverified);
        let address = parse("postgres://[::1]/d").unwrap();
        assert_eq!((address.host.as_str(), address.port, address.user.as_str()), ("::1", 5432, "cronbus"));
    }

    #[test]
    fn what_cannot_be_is_said_without_the_password() {
        for (text, said) in [
            ("postgres://u:secret@h", "database must follow"),
            ("postgres://u:secret@h/d?sslmode=maybe", "allowed are disable, require and verify-full"),
            ("postgres://u:secret@h/d?sslmode=verify-full", "needs sslrootcert"),
            ("postgres://u:secret@h/d?sslrootcert=/x", "verify-full only"),
            ("postgres://u:secret@h/d?pool=3", "no parameter `pool`"),
            ("postgres://u:secret@h:99999/d", "not a URL"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(said) && !error.contains("secret"), "{error}");
        }
        let shown = format!("{:?}", parse("postgres://u:secret@h/d").unwrap());
        assert_eq!(shown, "u@h:5432/d");
    }
}
