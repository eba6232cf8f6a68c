//! A page that says why something cannot be shown or done.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use cronbus_core::account::{Action, Place};

use super::frame::Frame;
use super::gate;
use super::visit::Visit;
use crate::web::problem::Problem;
use crate::web::session::csrf_of;

/// An error that is a page already.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    html: String,
}

#[derive(Template)]
#[template(path = "admin/refusal.html")]
struct RefusalPage<'a> {
    frame: Frame,
    status: u16,
    detail: &'a str,
}

impl Refusal {
    /// The page for a problem.
    pub(crate) fn page(visit: &Visit, problem: &Problem) -> Self {
        let status = problem.status();
        let key = match status {
            StatusCode::NOT_FOUND => "refusal-not-found",
            StatusCode::FORBIDDEN => "refusal-forbidden",
            StatusCode::SERVICE_UNAVAILABLE => "refusal-unavailable",
            status if status.is_server_error() => "refusal-error",
            _ => "refusal-wrong",
        };
        let frame = Frame {
            language: visit.language,
            theme: visit.theme,
            place: "",
            title: visit.say(key),
            csrf: csrf_of(&visit.secret),
            here: visit.here.clone(),
            who: Some(visit.principal.name.clone()),
            administers: visit.principal.may(Action::Administer, Place::Whole),
            is_fragment: visit.is_fragment,
            flash: None,
        };
        let detail = if problem.detail.is_empty() { &problem.title } else { problem.detail.as_str() };
        let page = RefusalPage { frame, status: problem.status, detail };
        Self { status, html: page.render().unwrap_or_else(|error| error.to_string()) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.status)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response =
            HttpResponse::build(self.status).content_type("text/html; charset=utf-8").body(self.html.clone());
        gate::guard(response.headers_mut());
        response
    }
}
