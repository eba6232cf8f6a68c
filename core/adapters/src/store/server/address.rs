//! Where a database server is, from its URL: `mysql://USER:PASSWORD@HOST:PORT/DATABASE?ssl-mode=…` and the like.

use std::fmt;
use std::path::PathBuf;

use cronbus_core::config::{Endpoints, Malformed, ServiceUrl, decode};

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
pub(crate) enum Encryption {
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
        let malformed = |malformed: Malformed| wrong(&malformed.to_string());
        let (before, parameters) = text.split_once('?').unwrap_or((text, ""));
        let Endpoints { user, password, hosts, path } =
            Endpoints::parse(&ServiceUrl::new(before)).map_err(malformed)?;
        let [host] = &hosts[..] else { return Err(wrong("it names several hosts: name the one that leads")) };
        let database = decode(&path).map_err(malformed)?;
        if database.is_empty() {
            return Err(wrong("the name of a database must follow the host, as in …/cronbus"));
        }
        Ok(Self {
            host: host.name.clone(),
            port: host.port.unwrap_or(default_port),
            user: user.unwrap_or_else(|| default_user.to_owned()),
            password,
            database,
            encryption: encryption(parameters).map_err(|what| wrong(&what))?,
        })
    }
}

/// The parameters are those of the servers' own tools, in either spelling.
fn encryption(parameters: &str) -> Result<Encryption, String> {
    let (mut mode, mut authorities) = (String::new(), None);
    for (key, value) in url::form_urlencoded::parse(parameters.as_bytes()) {
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
            ("postgres://u:secret@h:99999/d", "from 1 to 65535"),
            ("postgres://u:secret@h,i/d", "several hosts"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(said) && !error.contains("secret"), "{error}");
        }
        let shown = format!("{:?}", parse("postgres://u:secret@h/d").unwrap());
        assert_eq!(shown, "u@h:5432/d");
    }
}
