//! How somebody likes the pages: the language and the light. Both are cookies of the browser; neither is a secret.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use super::words::Language;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::session::{Cookies, give};

const LANGUAGE: &str = "cronbus_language";
const THEME: &str = "cronbus_theme";

/// A year, in seconds.
const KEPT_S: u64 = 365 * 24 * 3600;

/// Light, dark, or as the browser says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the browser says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    const ALL: [(&'static str, Self); 3] = [("auto", Self::Auto), ("light", Self::Light), ("dark", Self::Dark)];

    /// The word for it in the page and the cookie.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one that the switch goes on to.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Auto => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::Auto,
        }
    }
}

/// What a browser's cookies say, or its settings.
pub(crate) fn of(request: &HttpRequest, cookies: &Cookies) -> (Language, Theme) {
    let accept = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let chosen = cookies.get(LANGUAGE).and_then(Language::of_tag);
    let language = chosen.unwrap_or_else(|| Language::liked_best(accept.unwrap_or_default()));
    let theme = Theme::ALL.into_iter().find(|(word, _)| Some(*word) == cookies.get(THEME));
    (language, theme.map(|(_, theme)| theme).unwrap_or_default())
}

/// `/preferences?language=zh&theme=dark&back=/jobs`: chooses, and goes back. It changes nothing but the look.
///
/// # Errors
/// 400 for what cannot be chosen.
pub(crate) async fn choose(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let language = read.choice("language", &Language::ALL.map(|language| (language.tag(), language)))?;
    let theme = read.choice("theme", &Theme::ALL)?;
    let back = read.text("back").unwrap_or_default();
    read.finish()?;
    let mut response = HttpResponse::SeeOther();
    if let Some(language) = language {
        response.append_header((header::SET_COOKIE, give(LANGUAGE, language.tag(), KEPT_S, false)));
    }
    if let Some(theme) = theme {
        response.append_header((header::SET_COOKIE, give(THEME, theme.as_str(), KEPT_S, false)));
    }
    Ok(response.insert_header((header::LOCATION, local(&back))).finish())
}

/// A path of this site, or its root: nobody is sent elsewhere by a link that looks like ours.
pub(crate) fn local(path: &str) -> &str {
    let is_path = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let is_plain = path.len() <= 2000 && path.bytes().all(|byte| byte.is_ascii_graphic());
    if is_path && is_plain { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (path, expected) in [
            ("/jobs?x=1", "/jobs?x=1"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\r\nSet-Cookie: x=1", "/"),
            ("/a b", "/"),
        ] {
            assert_eq!(local(path), expected, "{path}");
        }
    }
}
