//! Which path leads to which page. Everything but signing in is behind the gate.

use actix_web::Resource;
use actix_web::web::{self, ServiceConfig};

use super::{assets, login, nodes, preferences, runs};

/// Adds every page.
pub(crate) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(at("/login").get(login::show).post(login::enter))
        .service(at("/logout").post(login::leave))
        .service(at("/preferences").get(preferences::choose))
        .service(at("/assets/{name}").get(assets::show))
        .service(web::redirect("/", "/runs"))
        .service(at("/runs").get(runs::list::show))
        .service(at("/runs/{id}").get(runs::run::show))
        .service(at("/runs/{id}/log").get(runs::log::follow))
        .service(at("/runs/{id}/log.txt").get(runs::log::download))
        .service(at("/runs/{id}/kill").get(runs::actions::ask_kill).post(runs::actions::kill))
        .service(at("/runs/{id}/again").post(runs::actions::again))
        .service(at("/nodes").get(nodes::show))
        .service(at("/nodes/{node}/drain").post(nodes::drain))
        .service(at("/nodes/{node}/undrain").post(nodes::undrain));
}

/// Whether a path is a page of the admin, for those who signed in.
pub(crate) fn is_behind_gate(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    matches!(first, "" | "jobs" | "runs" | "nodes" | "logout")
}

/// Whether a path is for everybody.
pub(crate) fn is_open(path: &str) -> bool {
    matches!(path, "/login" | "/preferences") || path.starts_with("/assets/")
}

fn at(path: &str) -> Resource {
    web::resource(path)
}
