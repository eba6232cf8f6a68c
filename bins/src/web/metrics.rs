//! `/metrics`: the figures of the actors and the health of the parts, in the text format of Prometheus.
//!
//! The actors count; this only writes their figures down at each scrape. It keeps nothing.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::port::Operations;
use cronbus_core::port::membership::Role;
use cronbus_core::port::operations::{ActorStatus, Health, NodeStatus};
use cronbus_core::route;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::problem::Problem;
use super::query::Parameters;
use super::site::Site;

/// The media type of the text format.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const MICROSECONDS_PER_SECOND: f64 = 1e6;

/// The figures of this node.
///
/// # Errors
/// 400 for parameters, since there are none.
#[utoipa::path(
    get, path = "/metrics", tag = "health",
    responses((status = 200, body = String, content_type = "application/openmetrics-text"))
)]
pub(crate) async fn show(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    figures(&*site.operations).await
}

/// The figures of a node.
///
/// # Errors
/// When they cannot be written down.
pub(crate) async fn figures(operations: &dyn Operations) -> Result<HttpResponse, Problem> {
    let health = operations.health().await;
    let members = operations.members().await;
    let text = encode(&operations.actors(), &health, &Cluster::of(members));
    let text =
        text.map_err(|error| Problem::plain(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).body(text))
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByActor {
    actor: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByActorAndName {
    actor: String,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByPart {
    part: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRole {
    role: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: String,
    node: String,
}

/// What a node knows of all of them.
#[derive(Debug, Default)]
struct Cluster {
    running: i64,
    lacking: Vec<Role>,
}

impl Cluster {
    fn of(nodes: Vec<NodeStatus>) -> Self {
        let running = nodes.iter().map(|node| i64::from(node.running)).sum();
        let members: Vec<_> = nodes.into_iter().map(|node| node.member).collect();
        Self { running, lacking: route::lacking(&members) }
    }
}

fn encode(actors: &[ActorStatus], health: &Health, cluster: &Cluster) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("cronbus");
    register_node(&mut registry, health);
    register_cluster(&mut registry, cluster);
    register_mailboxes(&mut registry, actors);
    register_counters(&mut registry, actors);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)?;
    Ok(text)
}

fn register_node(registry: &mut Registry, health: &Health) {
    let build = Family::<Build, Gauge>::default();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    build.get_or_create(&Build { version, node: health.node.to_string() }).set(1);
    registry.register("build", "The version of this node; always 1", build);

    let ready = Gauge::<i64>::default();
    ready.set(i64::from(health.ready));
    registry.register("ready", "Whether the node does everything it is there for", ready);

    let parts = Family::<ByPart, Gauge>::default();
    for (part, state) in &health.parts {
        parts.get_or_create(&ByPart { part: part.clone() }).set(i64::from(state.ok));
    }
    registry.register("part_ok", "Whether a part of the node works", parts);
}

fn register_cluster(registry: &mut Registry, cluster: &Cluster) {
    let runs = Gauge::<i64>::default();
    runs.set(cluster.running);
    registry.register("runs_running", "How many runs are executed now on the nodes known here", runs);

    let lacking = Family::<ByRole, Gauge>::default();
    for role in Role::NEEDED {
        let label = ByRole { role: role.as_str().to_owned() };
        lacking.get_or_create(&label).set(i64::from(cluster.lacking.contains(&role)));
    }
    registry.register("role_lacking", "Whether no active node known here plays a role that is needed", lacking);
}

fn register_mailboxes(registry: &mut Registry, actors: &[ActorStatus]) {
    let gauge = |value: fn(&ActorStatus) -> u64| {
        let family = Family::<ByActor, Gauge>::default();
        for actor in actors {
            let value = i64::try_from(value(actor)).unwrap_or(i64::MAX);
            family.get_or_create(&ByActor { actor: actor.name.clone() }).set(value);
        }
        family
    };
    let counter = |value: fn(&ActorStatus) -> u64| {
        let family = Family::<ByActor, Counter>::default();
        for actor in actors {
            family.get_or_create(&ByActor { actor: actor.name.clone() }).inc_by(value(actor));
        }
        family
    };
    registry.register("mailbox_queued", "How many messages wait", gauge(|actor| actor.queued));
    registry.register("mailbox_capacity", "How many messages may wait", gauge(|actor| actor.capacity));
    registry.register("messages_handled", "How many messages were handled", counter(|actor| actor.handled));
    registry.register("actor_restarts", "How often an actor was started again", counter(|actor| actor.restarts));
    let handling = seconds(actors, |actor| actor.handling_us);
    registry.register_with_unit("handling", "How long handling took in all", Unit::Seconds, handling);
    let backpressure = seconds(actors, |actor| actor.backpressure_us);
    registry.register_with_unit("backpressure", "How long senders waited for room", Unit::Seconds, backpressure);
}

fn seconds(
    actors: &[ActorStatus],
    micros: fn(&ActorStatus) -> u64,
) -> Family<ByActor, Counter<f64, std::sync::atomic::AtomicU64>> {
    let family = Family::<ByActor, Counter<f64, std::sync::atomic::AtomicU64>>::default();
    for actor in actors {
        #[expect(clippy::cast_precision_loss, reason = "a figure for a graph")]
        let value = micros(actor) as f64 / MICROSECONDS_PER_SECOND;
        family.get_or_create(&ByActor { actor: actor.name.clone() }).inc_by(value);
    }
    family
}

/// The actors' own figures. Which of them only grow is not known here, so all are gauges.
fn register_counters(registry: &mut Registry, actors: &[ActorStatus]) {
    let family = Family::<ByActorAndName, Gauge>::default();
    for actor in actors {
        for (name, value) in &actor.counters {
            let labels = ByActorAndName { actor: actor.name.clone(), name: name.clone() };
            family.get_or_create(&labels).set(*value);
        }
    }
    registry.register("actor_figure", "An actor's own figure, by name", family);
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::NodeName;
    use cronbus_core::port::operations::PartHealth;

    #[test]
    fn every_figure_has_its_line() {
        let actor = ActorStatus {
            name: "scheduler".to_owned(),
            queued: 3,
            handled: 9,
            handling_us: 1_500_000,
            counters: [("slots_due".to_owned(), 12)].into(),
            ..ActorStatus::default()
        };
        let part = PartHealth::ill("away");
        let health =
            Health { ready: false, node: NodeName::new("a").unwrap(), parts: [("database".to_owned(), part)].into() };
        let text = encode(&[actor], &health, &Cluster { running: 2, lacking: vec![Role::Executor] }).unwrap();
        for line in [
            r#"cronbus_mailbox_queued{actor="scheduler"} 3"#,
            r#"cronbus_messages_handled_total{actor="scheduler"} 9"#,
            r#"cronbus_handling_seconds_total{actor="scheduler"} 1.5"#,
            r#"cronbus_actor_figure{actor="scheduler",name="slots_due"} 12"#,
            r#"cronbus_part_ok{part="database"} 0"#,
            "cronbus_ready 0",
            "cronbus_runs_running 2",
            r#"cronbus_role_lacking{role="executor"} 1"#,
            r#"cronbus_role_lacking{role="scheduler"} 0"#,
            "# EOF",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
