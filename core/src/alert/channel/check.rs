//! Whether single values can be what they are meant to be. What needs a resolver or a parser of its own is found when
//! the channel is opened.

use crate::alert::template::Format;

/// The longest address of mail (RFC 5321, 4.5.3.1.3, less the brackets).
const LONGEST_ADDRESS: usize = 254;
/// The longest template.
const LONGEST_TEMPLATE: usize = 64 << 10;

/// A URL that may be called: `http://` or `https://`, a host, no user, and no placeholder before its path.
pub(super) fn url(text: &str) -> Result<(), String> {
    let form = "write https://HOST/PATH".to_owned();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or_else(|| form.clone())?;
    if text.len() > LONGEST_TEMPLATE || text.contains(|c: char| c.is_control() || c == ' ' || c == '\\') {
        return Err("a URL has no blanks, backslashes or control characters in it".to_owned());
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("user and password of a URL would be shown: send them in `headers`, as Authorization".to_owned());
    }
    if authority.contains("{{") {
        return Err(
            "placeholders may stand in the path and behind it only: who is called is not a matter of what is told"
                .to_owned(),
        );
    }
    if authority.is_empty() || authority.starts_with(':') { Err(form) } else { Ok(()) }
}

/// The URL of a call: [`url`], and a template.
pub(super) fn url_template(text: &str) -> Result<(), String> {
    url(text)?;
    Format::Url.check(text).map_err(|error| error.to_string())
}

/// A template of this format.
pub(super) fn template(text: &str, format: Format) -> Result<(), String> {
    if text.len() > LONGEST_TEMPLATE {
        return Err(format!("a template may have {LONGEST_TEMPLATE} bytes at the most"));
    }
    format.check(text).map_err(|error| error.to_string())
}

/// A template of one line.
pub(super) fn line_template(text: &str) -> Result<(), String> {
    if text.contains(char::is_control) {
        return Err("it must be one line, without control characters".to_owned());
    }
    template(text, Format::Plain)
}

/// An address of mail, alone or as `Name <address>`.
pub(super) fn mailbox(text: &str) -> Result<(), String> {
    let bad = || Err(format!("`{}` is no address: write name@host or Name <name@host>", excerpt(text)));
    if text.contains(char::is_control) {
        return bad();
    }
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.trim_end().strip_suffix('>').unwrap_or_default(),
        None => text,
    };
    let allowed = |c: char| !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')' | '\\');
    let Some((user, host)) = address.rsplit_once('@') else { return bad() };
    let fits = !user.is_empty() && !host.is_empty() && !user.contains('@') && address.chars().all(allowed);
    if fits && address.len() <= LONGEST_ADDRESS { Ok(()) } else { bad() }
}

/// A telephone number: digits, perhaps with a `+` before them (E.164 has up to 15).
pub(super) fn telephone(text: &str) -> Result<(), String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if (3..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(format!("`{}` is no telephone number: write it like +8613800138000, without blanks", excerpt(text)))
}

/// A header (RFC 9110, 5.1 and 5.5) that does not belong to the call itself.
pub(super) fn header(name: &str, value: &str) -> Result<(), String> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!("`{}` is not a header's name: use letters, digits and `-`", excerpt(name)));
    }
    let own = ["host", "content-length", "transfer-encoding", "connection"];
    if own.iter().any(|own| name.eq_ignore_ascii_case(own)) || name.to_ascii_lowercase().starts_with("x-cronbus-") {
        return Err(format!("`{name}` is set by the call itself"));
    }
    if value.contains(char::is_control) {
        return Err(format!("the value of `{name}` has characters that a header cannot hold, like a newline"));
    }
    template(value, Format::Plain).map_err(|reason| format!("{name}: {reason}"))
}

/// The name of a server.
pub(super) fn host(text: &str) -> Result<(), String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
    if text.is_empty() || text.chars().all(is_plain) {
        Ok(())
    } else {
        Err("write the name or the address of a host".to_owned())
    }
}

/// The method of a call.
pub(super) fn method(text: &str) -> Result<(), String> {
    if ["GET", "POST", "PUT", "PATCH"].contains(&text) {
        Ok(())
    } else {
        Err("write GET, POST, PUT or PATCH".to_owned())
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(60).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_called_is_a_url() {
        for good in ["https://a.example/x?{{title}}", "http://10.0.0.1:8080", "https://[::1]/x"] {
            assert_eq!(url_template(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "ftp://a",
            "https://",
            "https:///x",
            "https://:80",
            "https://u:p@h/",
            "https://{{job}}/",
            "https://a b/",
            "https://a\\b",
            "https://a/\r\nX: y",
            "{{url}}",
            "https://a/{{nothing}}",
        ] {
            assert!(url_template(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_numbers_and_headers_carry_nothing_else() {
        for good in ["ops@example.com", "Ops <ops@example.com>", "报警 <a+b@例子.cn>"] {
            assert_eq!(mailbox(good), Ok(()), "{good}");
        }
        for bad in ["", "ops", "a@b\r\nBcc: c@d", "a@b,c@d", "a@b c", "<a@b", "@b", "a@", "a@b@c"] {
            assert!(mailbox(bad).is_err(), "{bad:?}");
        }
        for (number, fits) in [("+8613800138000", true), ("10086", true), ("1 2", false), ("", false), ("+", false)] {
            assert_eq!(telephone(number).is_ok(), fits, "{number}");
        }
        for (name, value, fits) in [
            ("Authorization", "Bearer {{secret}}", true),
            ("X-A", "a\r\nX-B: c", false),
            ("Host", "b", false),
            ("X-Cronbus-Signature", "b", false),
            ("a b", "c", false),
        ] {
            assert_eq!(header(name, value).is_ok(), fits, "{name}");
        }
    }
}
