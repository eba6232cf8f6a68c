//! The page: asks what it must, and puts together what is known.

use std::collections::HashSet;

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use cronbus_core::account::{Action, Place};
use cronbus_core::id::{JobId, Partition};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;

use super::attention::{self, Matter};
use super::chart::{Bars, Heat, bars, heat};
use super::hours::Counts;
use super::watch::Known;
use crate::web::access::{Sight, visible};
use crate::web::admin::frame::{Frame, answer};
use crate::web::admin::parts::number;
use crate::web::admin::visit::Visit;
use crate::web::admin::words::Language;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// How many unfinished runs are looked at; where there are more, the counts of the hours are shown.
const LOOKED_AT: usize = 500;

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage {
    frame: Frame,
    figures: Vec<Figure>,
    matters: Vec<Matter>,
    day: Bars,
    month: Bars,
    heat: Option<Heat>,
    /// Set for those who do not see all groups: the counts are of all.
    counts_all: bool,
}

/// A number with its word.
#[derive(Debug)]
struct Figure {
    class: &'static str,
    value: String,
    label: String,
    href: &'static str,
}

/// The page.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit) -> Result<HttpResponse, Problem> {
    site.admin.watch.look(&site);
    let (now, language) = (site.clock.now(), visit.language);
    let by = &visit.principal;
    let mut sight = Sight::of(&site, by);
    let nodes = site.operations.roster().await.into_iter().filter_map(|node| visible(by, node));
    let nodes: Vec<_> = nodes.collect();
    let living: Vec<String> = nodes.iter().map(|node| node.name.to_string()).collect();
    let partitions: Vec<Partition> = Partition::all().collect();
    let unfinished = site.store.unfinished(&partitions, None, LOOKED_AT).await?;
    let is_all = unfinished.len() < LOOKED_AT;
    let unfinished = sight.of_runs(unfinished).await?;
    let waiting: HashSet<JobId> =
        unfinished.iter().filter(|run| attention::waits_too_long(run, now)).take(5).map(|run| run.job).collect();
    let names = site.job_names(waiting.into_iter()).await?;
    let health = site.operations.health().await;
    let frame = visit.frame(&site, "nav-overview", visit.say("nav-overview"));

    let known = site.admin.watch.known();
    let mut matters = Vec::new();
    if sight.sees_all() {
        matters.extend(attention::ill(&health, language));
        matters.extend(attention::lost(&known.lost(&living), language));
    }
    let failing = known.failing.iter().filter(|job| by.may(Action::View, Place::of(job.group.as_deref())));
    matters.extend(attention::failing(failing, language));
    let name = |run: &Run| names.get(&run.job).cloned().unwrap_or_else(|| run.job.to_string());
    matters.extend(attention::waiting(&unfinished, name, now, language));
    let page = OverviewPage {
        frame,
        figures: figures(&known, is_all.then_some(&*unfinished), living.len(), now, language),
        counts_all: !sight.sees_all(),
        matters,
        day: bars(&known.hours.spans(now, 1, 24), ("%H:00 UTC", "%H"), 3, language),
        month: bars(&known.hours.spans(now, 24, 30), ("%Y-%m-%d", "%m-%d"), 5, language),
        heat: known.forecast.as_ref().map(|forecast| heat(forecast, language)),
    };
    drop(known);
    answer(&page)
}

fn figures(known: &Known, unfinished: Option<&[Run]>, nodes: usize, now: Timestamp, language: Language) -> Vec<Figure> {
    let day = known.hours.last_day(now);
    let of_day = |part: fn(&Counts) -> u64| day.as_ref().map(part);
    let (running, waiting) = if let Some(unfinished) = unfinished {
        let running = unfinished.iter().filter(|run| run.state == State::Running).count() as u64;
        let waits = |run: &&Run| run.state != State::Running && run.not_before <= now;
        (Some(running), Some(unfinished.iter().filter(waits).count() as u64))
    } else {
        (of_day(|counts| counts.running), of_day(|counts| counts.waiting))
    };
    let figure = |class, key: &str, value: Option<u64>, href| Figure {
        class: if value.is_some_and(|value| value > 0) { class } else { "" },
        value: value.map_or_else(|| "…".to_owned(), number),
        label: language.say(key),
        href,
    };
    vec![
        figure("is-busy", "state-running", running, "/runs?state=running"),
        figure("", "runs-waiting", waiting, "/runs?state=created%2Cassigned"),
        figure(
            "is-bad",
            "overview-failed",
            of_day(|c| c.bad),
            "/runs?state=failed%2Ctimed_out%2Ckilled%2Clost&within=24h",
        ),
        figure("is-warn", "overview-late", of_day(|c| c.late), "/runs?within=24h&late=only"),
        figure("is-warn", "overview-missed", of_day(|c| c.missed), "/runs?state=missed&within=24h"),
        figure("", "nav-nodes", Some(nodes as u64), "/nodes"),
    ]
}
