//! Cookies as this web sends and reads them (RFC 6265).

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderValue};

/// The most of a `Cookie` header that is looked at.
const LONGEST: usize = 8192;

/// The cookies of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cookies(Vec<(String, String)>);

impl Cookies {
    /// Those that the request brought.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let headers = request.headers().get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
        let pairs = headers.filter(|text| text.len() <= LONGEST).flat_map(|text| text.split(';'));
        let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The first of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A `Set-Cookie` value for scripts to be kept away from, and other sites. `value` has letters, digits and `-` only.
pub(crate) fn give(name: &str, value: &str, max_age_s: u64, secure: bool) -> HeaderValue {
    header(name, value, max_age_s, "Path=/; SameSite=Strict", secure)
}

/// The same for what is shown below `path` alone, also when another site sends the browser there by a link.
pub(crate) fn give_below(path: &str, name: &str, value: &str, max_age_s: u64, secure: bool) -> HeaderValue {
    header(name, value, max_age_s, &format!("Path={path}; SameSite=Lax"), secure)
}

fn header(name: &str, value: &str, max_age_s: u64, reach: &str, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; {reach}; Max-Age={max_age_s}; HttpOnly{secure}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A `Set-Cookie` value that removes a cookie.
pub(crate) fn take_back(name: &str, secure: bool) -> HeaderValue {
    give(name, "", 0, secure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn cookies_are_found_among_others() {
        let request = TestRequest::default().insert_header(("Cookie", "a=1; b=x=y;c; a=2")).to_http_request();
        let cookies = Cookies::of(&request);
        assert_eq!((cookies.get("a"), cookies.get("b"), cookies.get("c")), (Some("1"), Some("x=y"), None));
    }

    #[test]
    fn a_cookie_is_closed_to_scripts_and_other_sites() {
        let value = give("s", "abc", 60, true);
        assert_eq!(value, "s=abc; Path=/; SameSite=Strict; Max-Age=60; HttpOnly; Secure");
        let value = give_below("/login", "s", "abc", 60, false);
        assert_eq!(value, "s=abc; Path=/login; SameSite=Lax; Max-Age=60; HttpOnly");
        assert!(!give("s", "abc", 60, false).to_str().unwrap().contains("Secure"));
    }
}
