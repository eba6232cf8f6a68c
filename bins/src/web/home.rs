//! The page at `/`: what this is and where to look. It says nothing of jobs or runs.

use actix_web::HttpResponse;

const PAGE: &str = include_str!("home.html");

/// The page.
pub(crate) async fn show() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(PAGE)
}
