//! What is around every page: navigation, switches, what was just done.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::assets;
use super::link::{QueryText, encoded};
use super::preferences::Theme;
use super::words::Language;
use crate::web::problem::Problem;
use crate::web::session::Flash;

/// The places of the navigation: the word of the catalogue, and where. What comes later has its place here.
const PLACES: [(&str, &str); 5] = [
    ("nav-overview", "/"),
    ("nav-jobs", "/jobs"),
    ("nav-runs", "/runs"),
    ("nav-nodes", "/nodes"),
    ("nav-alerts", "/alerts"),
];

/// The places for administrators.
const ADMIN_PLACES: [(&str, &str); 3] =
    [("nav-secrets", "/secrets"), ("nav-audit", "/audit"), ("nav-accounts", "/accounts")];

/// The frame of one page.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The language of the page.
    pub(crate) language: Language,
    /// Its light.
    pub(crate) theme: Theme,
    /// Which place of the navigation it belongs to.
    pub(crate) place: &'static str,
    /// Its title.
    pub(crate) title: String,
    /// The CSRF token for its forms.
    pub(crate) csrf: String,
    /// Its own path and query.
    pub(crate) here: String,
    /// Who reads it; absent before signing in.
    pub(crate) who: Option<String>,
    /// Whether he may administer.
    pub(crate) administers: bool,
    /// Whether the frame is left out: the page is open already.
    pub(crate) is_fragment: bool,
    /// What was just done.
    pub(crate) flash: Option<Flash>,
}

/// A place of the navigation.
pub(crate) struct Place {
    pub(crate) label: String,
    pub(crate) href: &'static str,
    pub(crate) is_here: bool,
}

impl Frame {
    /// What is called `key` in the language of the page.
    pub(crate) fn say(&self, key: &str) -> String {
        self.language.say(key)
    }

    /// The same about a number of things.
    pub(crate) fn say_count(&self, key: &str, count: &u64) -> String {
        self.language.say_count(key, *count)
    }

    /// The navigation.
    pub(crate) fn places(&self) -> Vec<Place> {
        let place =
            |(key, href): (&str, &'static str)| Place { label: self.say(key), href, is_here: key == self.place };
        let others = ADMIN_PLACES.into_iter().filter(|_| self.administers);
        PLACES.into_iter().chain(others).map(place).collect()
    }

    /// The other languages: name, tag and where to switch.
    pub(crate) fn languages(&self) -> Vec<(&'static str, &'static str, String)> {
        let others = Language::ALL.into_iter().filter(|language| *language != self.language);
        others.map(|other| (other.own_name(), other.tag(), self.prefer("language", other.tag()))).collect()
    }

    /// Where to switch the light.
    pub(crate) fn theme_switch(&self) -> String {
        self.prefer("theme", self.theme.next().as_str())
    }

    /// What the switch of the light says.
    pub(crate) fn theme_label(&self) -> String {
        match self.theme {
            Theme::Auto => self.say("theme-auto"),
            Theme::Light => self.say("theme-light"),
            Theme::Dark => self.say("theme-dark"),
        }
    }

    fn prefer(&self, what: &str, value: &str) -> String {
        format!("/preferences{}", QueryText::default().with(what, value).with("back", &self.here).text())
    }

    /// The address of a style sheet or script.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// A text as a part of an address.
    pub(crate) fn encoded(&self, text: &str) -> String {
        encoded(text)
    }
}

/// A page as an answer.
///
/// # Errors
/// 500 when it cannot be written.
pub(crate) fn answer(page: &impl Template) -> Result<HttpResponse, Problem> {
    answer_with(StatusCode::OK, page)
}

/// The same with another status.
///
/// # Errors
/// 500 when it cannot be written.
pub(crate) fn answer_with(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Problem> {
    let html = page.render().map_err(|error| Problem::plain(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}
