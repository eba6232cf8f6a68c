//! One signed-in person at one page: who, in which language, with which CSRF token, and what the page has to say.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};

use cronbus_core::account::{Action, Place};

use super::frame::Frame;
use super::preferences::Theme;
use super::words::Language;
use crate::web::problem::Problem;
use crate::web::session::{Flash, Principal, csrf_of};
use crate::web::site::Site;

/// The header by which a page that is open asks for itself again: without the frame, and not as a person's doing.
pub(crate) const FRAGMENT: &str = "x-cronbus-fragment";

/// One visit. The gate makes it; a handler that takes one is reached only by those who signed in.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// Who.
    pub(crate) principal: Principal,
    /// The session's secret, as the cookie has it.
    pub(super) secret: String,
    /// In which language.
    pub(crate) language: Language,
    /// In which light.
    pub(crate) theme: Theme,
    /// Path and query of the page.
    pub(crate) here: String,
    /// Whether the page asked for itself again.
    pub(crate) is_fragment: bool,
}

impl Visit {
    /// The frame of a page under this title. What there was to say is said by it.
    pub(crate) fn frame(&self, site: &Site, place: &'static str, title: impl Into<String>) -> Frame {
        let flash = if self.is_fragment { None } else { site.admin.sessions.take(&self.secret) };
        Frame {
            language: self.language,
            theme: self.theme,
            place,
            title: title.into(),
            csrf: csrf_of(&self.secret),
            here: self.here.clone(),
            who: Some(self.principal.name.clone()),
            administers: self.principal.may(Action::Administer, Place::Whole),
            is_fragment: self.is_fragment,
            flash,
        }
    }

    /// Goes to another page, which says that something was done.
    pub(crate) fn done(&self, site: &Site, to: &str, text: String) -> HttpResponse {
        self.go(site, to, Flash { done: true, text })
    }

    /// Goes to another page, which says that something could not be done.
    pub(crate) fn refused(&self, site: &Site, to: &str, text: String) -> HttpResponse {
        self.go(site, to, Flash { done: false, text })
    }

    fn go(&self, site: &Site, to: &str, flash: Flash) -> HttpResponse {
        site.admin.sessions.leave(&self.secret, flash);
        HttpResponse::SeeOther().insert_header((header::LOCATION, to.to_owned())).finish()
    }

    /// What is called `key` in the language of the visit.
    pub(crate) fn say(&self, key: &str) -> String {
        self.language.say(key)
    }
}

impl FromRequest for Visit {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        ready(found.ok_or_else(|| Problem::plain(StatusCode::UNAUTHORIZED, "nobody has signed in")))
    }
}
