//! Killing a run, after asking whether that is meant, and running the same again.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use cronbus_core::account::Action;

use super::run::href;
use crate::web::acts;
use crate::web::admin::confirm::{Confirm, ask};
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// Asks.
///
/// # Errors
/// 400 for what is no run id, 404 when there is no such run, 503 without a database.
pub(crate) async fn ask_kill(site: Data<Site>, visit: Visit, path: Path<String>) -> Result<HttpResponse, Problem> {
    let run = site.run(&path, &visit.principal, Action::Operate).await?;
    let job = site.job_name(run.job).await?;
    ask(
        &site,
        &visit,
        Confirm {
            title: visit.language.say_with("kill-title", [("job", &job)]),
            text: visit.say("kill-text"),
            items: vec![run.id.to_string()],
            action: format!("{}/kill", href(run.id)),
            fields: Vec::new(),
            button: visit.say("run-kill"),
            is_danger: true,
            back: href(run.id),
        },
    )
}

/// Kills.
///
/// # Errors
/// As for asking.
pub(crate) async fn kill(site: Data<Site>, visit: Visit, path: Path<String>) -> Result<HttpResponse, Problem> {
    let run = site.run(&path, &visit.principal, Action::Operate).await?;
    let killed = acts::kill(&site, &run, &visit.principal).await?;
    let to = href(run.id);
    if killed {
        return Ok(visit.done(&site, &to, visit.say("run-being-killed")));
    }
    Ok(visit.refused(&site, &to, visit.say("run-over-already")))
}

/// Runs the job again as it is now, with the values that the run was given.
///
/// # Errors
/// As for asking.
pub(crate) async fn again(site: Data<Site>, visit: Visit, path: Path<String>) -> Result<HttpResponse, Problem> {
    let run = site.run(&path, &visit.principal, Action::Operate).await?;
    let job = site.job(&run.job.to_string(), &visit.principal, Action::Operate).await?;
    let params = run.params.as_deref().cloned().unwrap_or_default();
    let submitted = acts::run(&site, job, params, None, &visit.principal).await?;
    Ok(visit.done(&site, &href(submitted.run.id), visit.say("run-begun")))
}
