//! `/nodes`: who lives, what each may do and does, and whether it takes work.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use cronbus_core::account::Place;
use cronbus_core::id::{JobId, Partition};
use cronbus_core::port::membership::{Availability, Role};
use cronbus_core::port::operations::NodeStatus;
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;

use super::frame::{Frame, answer};
use super::link;
use super::parts::{Badge, When, span};
use super::visit::Visit;
use super::words::Language;
use crate::web::access::{Can, Sight, visible};
use crate::web::acts;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// How many unfinished runs are looked at to say what runs where.
const LOOKED_AT: usize = 1000;

/// How many of them are shown of each node.
const SHOWN: usize = 8;

#[derive(Template)]
#[template(path = "admin/nodes.html")]
struct NodesPage {
    frame: Frame,
    nodes: Vec<NodeCard>,
    can: Can,
}

#[derive(Debug)]
struct NodeCard {
    name: String,
    state: &'static str,
    state_label: String,
    other_action: &'static str,
    other_label: String,
    version: String,
    address: String,
    running: u32,
    capacity: u32,
    load_percent: u32,
    roles: Vec<&'static str>,
    groups: Vec<String>,
    labels: Vec<String>,
    started_at: When,
    leased_at: Option<When>,
    runs: Vec<RunLine>,
    more: bool,
}

#[derive(Debug)]
struct RunLine {
    href: String,
    job: String,
    badge: Badge,
    since: String,
}

/// The page.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit) -> Result<HttpResponse, Problem> {
    let seen = |node: NodeStatus| Some(NodeStatus { member: visible(&visit.principal, node.member)?, ..node });
    let nodes: Vec<_> = site.operations.members().await.into_iter().filter_map(seen).collect();
    let partitions: Vec<Partition> = Partition::all().collect();
    let mut runs = site.store.unfinished(&partitions, None, LOOKED_AT).await?;
    runs.retain(|run| run.state == State::Running);
    let runs = Sight::of(&site, &visit.principal).of_runs(runs).await?;
    let shown = shown(&runs);
    let names = site.job_names(shown.values().flatten().map(|run| run.job)).await?;
    let now = site.clock.now();
    let card = |node: &NodeStatus| card(node, shown.get(node.member.name.as_str()), &names, now, visit.language);
    let nodes = nodes.iter().map(card).collect();
    let can = Can::at(&visit.principal, Place::Whole);
    answer(&NodesPage { frame: visit.frame(&site, "nav-nodes", visit.say("nav-nodes")), nodes, can })
}

/// The first runs of each node, and one more where there is.
fn shown(runs: &[Run]) -> HashMap<&str, Vec<&Run>> {
    let mut shown: HashMap<&str, Vec<&Run>> = HashMap::new();
    for run in runs {
        let Some(node) = &run.node else { continue };
        let of_node = shown.entry(node.as_str()).or_default();
        if of_node.len() <= SHOWN {
            of_node.push(run);
        }
    }
    shown
}

fn card(
    node: &NodeStatus,
    runs: Option<&Vec<&Run>>,
    names: &HashMap<JobId, String>,
    now: Timestamp,
    language: Language,
) -> NodeCard {
    let NodeStatus { member, running } = node;
    let is_active = member.state == Availability::Active;
    let (state_key, other_action, other_key) =
        if is_active { ("node-active", "drain", "node-drain") } else { ("node-draining", "undrain", "node-undrain") };
    let runs = runs.map_or(&[][..], Vec::as_slice);
    let line = |run: &&Run| RunLine {
        href: link::run(run.id),
        job: names.get(&run.job).cloned().unwrap_or_else(|| run.job.to_string()),
        badge: Badge::of(run.state, language),
        since: run.started_at.map_or_else(String::new, |at| span(now.millis_since(at))),
    };
    NodeCard {
        name: member.name.to_string(),
        state: member.state.as_str(),
        state_label: language.say(state_key),
        other_action,
        other_label: language.say(other_key),
        version: member.version.clone(),
        address: member.address.clone(),
        running: *running,
        capacity: member.capacity,
        load_percent: running.saturating_mul(100).checked_div(member.capacity).unwrap_or(0).min(100),
        roles: member.roles.iter().map(|role| Role::as_str(*role)).collect(),
        groups: member.groups.clone(),
        labels: member.labels.iter().map(|(key, value)| format!("{key} = {value}")).collect(),
        started_at: When::at(member.started_at),
        leased_at: member.leased_at.map(When::at),
        runs: runs.iter().take(SHOWN).map(line).collect(),
        more: runs.len() > SHOWN,
    }
}

/// Makes a node take no new work.
///
/// # Errors
/// 404 when no living node has the name, 503 when the register does not answer.
pub(crate) async fn drain(site: Data<Site>, visit: Visit, node: Path<String>) -> Result<HttpResponse, Problem> {
    set(&site, &visit, &node, Availability::Draining, "node-drained").await
}

/// Makes a node take work again.
///
/// # Errors
/// As for draining.
pub(crate) async fn undrain(site: Data<Site>, visit: Visit, node: Path<String>) -> Result<HttpResponse, Problem> {
    set(&site, &visit, &node, Availability::Active, "node-undrained").await
}

async fn set(site: &Site, visit: &Visit, node: &str, state: Availability, key: &str) -> Result<HttpResponse, Problem> {
    let changed = acts::set_node_state(site, node, state, &visit.principal).await?;
    let mut text = visit.language.say_with(key, [("node", node)]);
    if !changed.lacking.is_empty() {
        text = format!("{text} {}", visit.language.say_with("node-lacking", [("roles", &changed.lacking.join(", "))]));
    }
    Ok(visit.done(site, "/nodes", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::{NodeName, Revision, RunId};

    #[test]
    fn each_node_shows_its_first_runs_and_whether_there_are_more() {
        let at = Timestamp::from_seconds(100);
        let run = |node: &str, job: i64| Run {
            node: Some(NodeName::new(node).unwrap()),
            state: State::Running,
            started_at: Some(at),
            ..Run::new(RunId::submission(at, JobId(job), "x"), JobId(job), Revision(1), at, at)
        };
        let mut runs: Vec<Run> = (0..20).map(|job| run("a", job)).collect();
        runs.push(run("b", 77));
        let shown = shown(&runs);
        assert_eq!((shown["a"].len(), shown["b"].len()), (SHOWN + 1, 1));
    }
}
