//! What is done to many jobs at once, after asking whether that is meant. Pausing, resuming and deleting happen to all of
//! them or to none.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use cronbus_core::account::Action;
use cronbus_core::job::{Job, Params};
use cronbus_core::port::store::Write;

use crate::web::acts;
use crate::web::admin::confirm::{Confirm, ask};
use crate::web::admin::fields::Fields;
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// How many jobs may be chosen.
const MOST: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Pause,
    Resume,
    Run,
    Delete,
}

impl Deed {
    const ALL: [(&'static str, Self); 4] =
        [("pause", Self::Pause), ("resume", Self::Resume), ("run", Self::Run), ("delete", Self::Delete)];

    fn of(fields: &Fields) -> Result<(&'static str, Self), Problem> {
        let text = fields.get("action").unwrap_or_default();
        let found = Self::ALL.into_iter().find(|(word, _)| *word == text);
        found.ok_or_else(|| Problem::not_one_of("action", text, "pause, resume, run or delete"))
    }

    /// What it takes.
    const fn takes(self) -> Action {
        match self {
            Self::Pause | Self::Resume | Self::Run => Action::Operate,
            Self::Delete => Action::Edit,
        }
    }

    /// The question, the word for yes, and what is said afterwards.
    const fn keys(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Pause => ("bulk-pause-title", "pause", "bulk-paused"),
            Self::Resume => ("bulk-resume-title", "resume", "bulk-resumed"),
            Self::Run => ("bulk-run-title", "run-now", "bulk-run"),
            Self::Delete => ("bulk-delete-title", "delete", "bulk-deleted"),
        }
    }
}

/// Asks about those that were chosen, and does it once that is confirmed.
///
/// # Errors
/// 400 for what cannot be done, 404 when one of the jobs is gone, 503 without a database.
pub(crate) async fn take(site: Data<Site>, visit: Visit, fields: Fields) -> Result<HttpResponse, Problem> {
    let (word, deed) = Deed::of(&fields)?;
    let mut jobs = Vec::new();
    for id in fields.all("job").take(MOST) {
        jobs.push(site.job(id, &visit.principal, deed.takes()).await?);
    }
    if jobs.is_empty() {
        return Ok(visit.refused(&site, "/jobs", visit.say("bulk-none")));
    }
    let count = jobs.len() as u64;
    let (title, button, done) = deed.keys();
    if fields.get("confirmed").is_some() {
        carry_out(&site, &visit, deed, jobs).await?;
        return Ok(visit.done(&site, "/jobs", visit.language.say_count(done, count)));
    }
    let mut passed_on = vec![("action".to_owned(), word.to_owned()), ("confirmed".to_owned(), "yes".to_owned())];
    passed_on.extend(jobs.iter().map(|job| ("job".to_owned(), job.id.to_string())));
    ask(
        &site,
        &visit,
        Confirm {
            title: visit.language.say_count(title, count),
            text: if deed == Deed::Delete { visit.say("delete-text") } else { String::new() },
            items: jobs.iter().map(|job| job.definition.name.to_string()).collect(),
            action: "/jobs/bulk".to_owned(),
            fields: passed_on,
            button: visit.say(button),
            is_danger: deed == Deed::Delete,
            back: "/jobs".to_owned(),
        },
    )
}

async fn carry_out(site: &Site, visit: &Visit, deed: Deed, jobs: Vec<Arc<Job>>) -> Result<(), Problem> {
    if deed == Deed::Run {
        for job in jobs {
            acts::run(site, job, Params::new(), None, &visit.principal).await?;
        }
        return Ok(());
    }
    let pause = acts::pause(site.clock.now(), None, String::new(), &visit.principal)?;
    let write = |job: &Arc<Job>| match deed {
        Deed::Pause => Write::Pause { job: job.id, pause: pause.clone() },
        Deed::Delete => Write::Delete { job: job.id },
        Deed::Resume | Deed::Run => Write::Resume { job: job.id },
    };
    acts::write(site, jobs.iter().map(write).collect(), &visit.principal).await.map(drop)
}
