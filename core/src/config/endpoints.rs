//! The URL of a network service taken apart: `scheme://[user[:password]@]host[:port][,host[:port]]…[/path]`.
//!
//! The `url` crate knows one host only; clusters are addressed by several. User and password are percent-decoded
//! (RFC 3986, 2.1), hosts and path are not.

use std::fmt;

use super::url::ServiceUrl;

/// More hosts than this are a mistake.
const MAX_HOSTS: usize = 64;

/// Where a service is and who asks. `Debug` hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Who asks; absent when the URL names nobody.
    pub user: Option<String>,
    /// The secret that proves it.
    pub password: Option<String>,
    /// At least one.
    pub hosts: Vec<Host>,
    /// What follows after the hosts, without the first slash; empty when nothing does.
    pub path: String,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// A name or an address; an IPv6 address has no brackets here.
    pub name: String,
    /// Absent: the service's usual port.
    pub port: Option<u16>,
}

impl Host {
    /// `host:port` with brackets around an IPv6 address; `usual` where no port was given.
    #[must_use]
    pub fn address(&self, usual: u16) -> String {
        let port = self.port.unwrap_or(usual);
        if self.name.contains(':') { format!("[{}]:{port}", self.name) } else { format!("{}:{port}", self.name) }
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.as_ref().map(|_| "***");
        let Self { user, hosts, path, .. } = self;
        f.debug_struct("Endpoints")
            .field("user", user)
            .field("password", &password)
            .field("hosts", hosts)
            .field("path", path)
            .finish()
    }
}

/// Why a URL is not of this form. Says nothing of its text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No `://` after the scheme.
    #[error("`://` must follow its scheme")]
    NoAuthority,
    /// No host, or an empty one between commas.
    #[error("it must name a host, or several separated by commas")]
    NoHost,
    /// Too many hosts.
    #[error("it may name {MAX_HOSTS} hosts at the most")]
    TooManyHosts,
    /// Brackets that do not match, blanks, or characters that no host has.
    #[error(
        "a host is a name or an address (an IPv6 address in brackets), and `@`, `:` and `/` in a user or password must be written %40, %3A and %2F"
    )]
    BadHost,
    /// Not 1 to 65535.
    #[error("a port is a number from 1 to 65535")]
    BadPort,
    /// `%` without two hexadecimal digits after it, or bytes that are no UTF-8.
    #[error("`%` in a user, a password or the name of a database must be written %25")]
    BadEscape,
    /// `?` or `#`.
    #[error("nothing may follow after the path; other settings have keys of their own")]
    TooLong,
}

impl Endpoints {
    /// Takes a URL apart; the scheme is the caller's business.
    ///
    /// # Errors
    /// When it is not of this form.
    pub fn parse(url: &ServiceUrl) -> Result<Self, Malformed> {
        let (_, rest) = url.as_str().split_once("://").ok_or(Malformed::NoAuthority)?;
        if rest.contains(['?', '#']) {
            return Err(Malformed::TooLong);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user_info, hosts) = match authority.rsplit_once('@') {
            Some((user_info, hosts)) => (Some(user_info), hosts),
            None => (None, authority),
        };
        let (user, password) = user_info.map_or(Ok((None, None)), credentials)?;
        Ok(Self { user, password, hosts: all_hosts(hosts)?, path: path.to_owned() })
    }
}

fn credentials(user_info: &str) -> Result<(Option<String>, Option<String>), Malformed> {
    let (user, password) = match user_info.split_once(':') {
        Some((user, password)) => (user, Some(decode(password)?)),
        None => (user_info, None),
    };
    let user = decode(user)?;
    Ok(((!user.is_empty()).then_some(user), password))
}

fn all_hosts(text: &str) -> Result<Vec<Host>, Malformed> {
    if text.split(',').count() > MAX_HOSTS {
        return Err(Malformed::TooManyHosts);
    }
    text.split(',').map(host).collect()
}

fn host(text: &str) -> Result<Host, Malformed> {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (name, after) = rest.split_once(']').ok_or(Malformed::BadHost)?;
            let is_address = !name.is_empty() && name.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.'));
            let port = after.strip_prefix(':');
            if !is_address || (port.is_none() && !after.is_empty()) {
                return Err(Malformed::BadHost);
            }
            (name, port)
        }
        None => match text.split_once(':') {
            Some((name, port)) => (plain(name)?, Some(port)),
            None => (plain(text)?, None),
        },
    };
    let port = port.map(|digits| digits.parse().ok().filter(|&port| port > 0).ok_or(Malformed::BadPort)).transpose()?;
    Ok(Host { name: name.to_owned(), port })
}

fn plain(name: &str) -> Result<&str, Malformed> {
    if name.is_empty() {
        return Err(Malformed::NoHost);
    }
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
    if is_plain { Ok(name) } else { Err(Malformed::BadHost) }
}

/// Percent-decoding (RFC 3986, 2.1).
///
/// # Errors
/// [`Malformed::BadEscape`].
pub fn decode(text: &str) -> Result<String, Malformed> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => (hex(rest.next())? << 4) | hex(rest.next())?,
            other => other,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).map_err(|_| Malformed::BadEscape)
}

fn hex(digit: Option<u8>) -> Result<u8, Malformed> {
    let value = digit.and_then(|digit| char::from(digit).to_digit(16)).ok_or(Malformed::BadEscape)?;
    u8::try_from(value).map_err(|_| Malformed::BadEscape)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(url: &str) -> Result<Endpoints, Malformed> {
        Endpoints::parse(&ServiceUrl::new(url))
    }

    fn shown(url: &str) -> String {
        let Endpoints { user, password, hosts, path } = parse(url).unwrap();
        let hosts: Vec<_> = hosts.iter().map(|host| host.address(1)).collect();
        format!("{} {} {} /{path}", user.as_deref().unwrap_or("-"), password.as_deref().unwrap_or("-"), hosts.join(" "))
    }

    #[test]
    fn each_part_is_found() {
        for (url, expected) in [
            ("etcd://a", "- - a:1 /"),
            ("etcd://a:2379,b,c:7/prod/x", "- - a:2379 b:1 c:7 /prod/x"),
            ("redis://:s%40c%3Aret@a", "- s@c:ret a:1 /"),
            ("redis://u:p@[::1]:6379/3", "u p [::1]:6379 /3"),
            ("redis://u@[fe80::1]", "u - [fe80::1]:1 /"),
            ("redis://u:a:b@h", "u a:b h:1 /"),
        ] {
            assert_eq!(shown(url), expected, "{url}");
        }
    }

    #[test]
    fn what_is_malformed_is_named() {
        for (url, expected) in [
            ("etcd:a", Malformed::NoAuthority),
            ("etcd://", Malformed::NoHost),
            ("etcd://a,,b", Malformed::NoHost),
            ("etcd://a:", Malformed::BadPort),
            ("etcd://a:0", Malformed::BadPort),
            ("etcd://a:65536", Malformed::BadPort),
            ("etcd://[::1", Malformed::BadHost),
            ("etcd://[::1]x", Malformed::BadHost),
            ("etcd://[]", Malformed::BadHost),
            ("etcd://a b", Malformed::BadHost),
            ("etcd://u:p/x@h", Malformed::BadPort),
            ("etcd://u:%zz@h", Malformed::BadEscape),
            ("etcd://u:%f", Malformed::BadPort),
            ("etcd://a?x=1", Malformed::TooLong),
        ] {
            assert_eq!(parse(url), Err(expected), "{url}");
        }
        let many = format!("etcd://{}", ["a"; MAX_HOSTS + 1].join(","));
        assert_eq!(parse(&many), Err(Malformed::TooManyHosts));
    }

    #[test]
    fn the_password_is_not_shown() {
        let shown = format!("{:?}", parse("redis://u:secret@h").unwrap());
        assert!(!shown.contains("secret") && shown.contains("***"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,80}") {
            let _ = parse(&text);
            let _ = parse(&format!("x://{text}"));
        }

        #[test]
        fn any_user_and_password_survive(user in ".{1,12}", password in ".{0,12}") {
            let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
            let found = parse(&format!("x://{}:{}@h", encode(&user), encode(&password))).unwrap();
            prop_assert_eq!((found.user, found.password), (Some(user), Some(password)));
        }
    }
}
