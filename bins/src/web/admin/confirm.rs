//! Asking whether something is meant, before it is done.

use actix_web::HttpResponse;
use askama::Template;

use super::frame::{Frame, answer};
use super::visit::Visit;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// What is asked.
#[derive(Debug)]
pub(crate) struct Confirm {
    /// The question.
    pub(crate) title: String,
    /// What it means.
    pub(crate) text: String,
    /// What it is done to.
    pub(crate) items: Vec<String>,
    /// Where the answer goes.
    pub(crate) action: String,
    /// What goes with it.
    pub(crate) fields: Vec<(String, String)>,
    /// The word for yes.
    pub(crate) button: String,
    /// Whether it cannot be undone.
    pub(crate) is_danger: bool,
    /// Where to go instead.
    pub(crate) back: String,
}

#[derive(Template)]
#[template(path = "admin/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    confirm: Confirm,
}

/// The page that asks.
///
/// # Errors
/// 500 when it cannot be written.
pub(crate) fn ask(site: &Site, visit: &Visit, confirm: Confirm) -> Result<HttpResponse, Problem> {
    let frame = visit.frame(site, "", confirm.title.clone());
    answer(&ConfirmPage { frame, confirm })
}
