//! Which path leads to which page. Everything but signing in is behind the gate.

use actix_web::Resource;
use actix_web::web::{self, ServiceConfig};

use super::{
    account, accounts, alerts, assets, audit, jobs, login, nodes, overview, preferences, runs, secrets, set_up,
    single_sign_on,
};

/// Adds every page.
pub(crate) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(at("/login").get(login::show).post(login::enter))
        .service(at("/login/oidc").get(single_sign_on::leave))
        .service(at("/login/oidc/callback").get(single_sign_on::come_back))
        .service(at("/logout").post(login::leave))
        .service(at("/setup").get(set_up::show).post(set_up::enter))
        .service(at("/account").get(account::show).post(account::change))
        .configure(of_accounts)
        .service(at("/preferences").get(preferences::choose))
        .service(at("/assets/{name}").get(assets::show))
        .service(at("/").get(overview::page::show))
        .configure(of_jobs)
        .configure(of_alerts)
        .service(at("/runs").get(runs::list::show))
        .service(at("/runs/{id}").get(runs::run::show))
        .service(at("/runs/{id}/log").get(runs::log::follow))
        .service(at("/runs/{id}/log.txt").get(runs::log::download))
        .service(at("/runs/{id}/kill").get(runs::actions::ask_kill).post(runs::actions::kill))
        .service(at("/runs/{id}/again").post(runs::actions::again))
        .service(at("/secrets").get(secrets::show).post(secrets::set))
        .service(at("/secrets/{name}/delete").get(secrets::ask_delete).post(secrets::delete))
        .service(at("/audit").get(audit::show))
        .service(at("/nodes").get(nodes::show))
        .service(at("/nodes/{node}/drain").post(nodes::drain))
        .service(at("/nodes/{node}/undrain").post(nodes::undrain));
}

fn of_accounts(routes: &mut ServiceConfig) {
    use accounts::{page, tokens, users};
    routes
        .service(at("/accounts").get(page::show))
        .service(at("/accounts/users").post(users::add))
        .service(at("/accounts/users/{name}").post(users::change))
        .service(at("/accounts/users/{name}/password").post(users::set_password))
        .service(at("/accounts/users/{name}/delete").get(users::ask_delete).post(users::delete))
        .service(at("/accounts/tokens").post(tokens::add))
        .service(at("/accounts/tokens/{name}/revoke").get(tokens::ask_revoke).post(tokens::revoke));
}

fn of_jobs(routes: &mut ServiceConfig) {
    use jobs::{actions, bulk, edit, list, search, show};
    routes
        .service(at("/jobs").get(list::show))
        .service(at("/jobs/new").get(edit::new).post(edit::add))
        .service(at("/jobs/bulk").post(bulk::take))
        .service(at("/jobs/preview").post(edit::preview))
        .service(at("/jobs/{job}").get(show::show))
        .service(at("/jobs/{job}/logs").get(search::show))
        .service(at("/jobs/{job}/edit").get(edit::edit).post(edit::save))
        .service(at("/jobs/{job}/pause").post(actions::pause))
        .service(at("/jobs/{job}/resume").post(actions::resume))
        .service(at("/jobs/{job}/run").post(actions::run))
        .service(at("/jobs/{job}/rollback").post(actions::roll_back))
        .service(at("/jobs/{job}/delete").get(actions::ask_delete).post(actions::delete));
}

fn of_alerts(routes: &mut ServiceConfig) {
    use alerts::{actions, deliveries, history, page};
    routes
        .service(at("/alerts").get(page::show))
        .service(at("/alerts/history").get(history::show))
        .service(at("/alerts/deliveries").get(deliveries::show))
        .service(at("/alerts/silences").post(actions::silence))
        .service(at("/alerts/silences/{id}/end").post(actions::end_silence))
        .service(at("/alerts/channels/{name}/test").post(actions::test))
        .service(at("/alerts/{id}/acknowledge").post(actions::acknowledge));
}

/// Whether a path is a page of the admin, for those who signed in.
pub(crate) fn is_behind_gate(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    matches!(first, "" | "account" | "accounts" | "jobs" | "runs" | "nodes" | "alerts" | "secrets" | "audit" | "logout")
}

fn at(path: &str) -> Resource {
    web::resource(path)
}
