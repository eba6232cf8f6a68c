//! Choosing among members.

use super::rendezvous::{mixed, score};
use crate::id::{JobId, NodeName};
use crate::job::target::Nodes;
use crate::job::{Routing, Target};
use crate::port::membership::{Availability, Member, Role};

/// How many nodes are named where none fits.
const NAMED: usize = 10;

/// A member, and how many runs it has.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// What it says of itself.
    pub member: &'a Member,
    /// How many runs it has, executing or waiting.
    pub running: u32,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This one.
    Node(NodeName),
    /// None, and why each candidate does not fit.
    None(Vec<(NodeName, &'static str)>),
}

/// Whether `member` is among `nodes`.
#[must_use]
pub fn matches(nodes: &Nodes, member: &Member) -> bool {
    match nodes {
        Nodes::Any => true,
        Nodes::Named(name) => member.name == *name,
        Nodes::Group(group) => member.groups.contains(group),
        Nodes::Labels(labels) => labels.iter().all(|(key, value)| member.labels.get(key) == Some(value)),
    }
}

/// Chooses one of `candidates`, which are ordered by name. `turn` belongs to the job and is moved on.
///
/// A node that has as many runs as it executes at a time is chosen only when all that fit are full: it queues.
pub fn choose(nodes: &Nodes, routing: Routing, job: JobId, candidates: &[Candidate<'_>], turn: &mut u64) -> Choice {
    let fitting: Vec<_> = candidates.iter().filter(|candidate| why_not(nodes, candidate).is_none()).collect();
    let free: Vec<_> = fitting.iter().copied().filter(|c| c.running < c.member.capacity).collect();
    let pool = if free.is_empty() { &fitting } else { &free };
    *turn = turn.wrapping_add(1);
    let chosen = match routing {
        Routing::Failover => fitting.first(),
        Routing::RoundRobin => at(pool, *turn - 1),
        Routing::Random => at(pool, mixed(turn.wrapping_add(job.0.cast_unsigned().rotate_left(32)))),
        Routing::LeastLoaded => pool.iter().max_by_key(|c| i64::from(c.member.capacity) - i64::from(c.running)),
        Routing::Hash => fitting.iter().max_by_key(|c| score(c.member.name.as_str(), job.0.cast_unsigned())),
    };
    match chosen {
        Some(candidate) => Choice::Node(candidate.member.name.clone()),
        None => Choice::None(reasons(nodes, candidates)),
    }
}

/// The nodes that each get a run of a broadcast, in order of their names; none when `target` is not a broadcast.
#[must_use]
pub fn broadcast(target: &Target, members: &[Member]) -> Vec<NodeName> {
    if !target.broadcast {
        return Vec::new();
    }
    let takes = |member: &&Member| {
        matches(&target.nodes, member) && member.has(Role::Executor) && member.state == Availability::Active
    };
    let mut names: Vec<_> = members.iter().filter(takes).map(|member| member.name.clone()).collect();
    names.sort();
    names
}

/// Why none of the living members fits `nodes`, in words; absent when one does, be it full.
#[must_use]
pub fn why_none_fits(nodes: &Nodes, members: &[Member]) -> Option<String> {
    let executors = members.iter().filter(|member| member.has(Role::Executor));
    let candidates: Vec<_> = executors.map(|member| Candidate { member, running: 0 }).collect();
    let reasons = reasons(nodes, &candidates);
    (reasons.len() == candidates.len()).then(|| explain(nodes, &reasons))
}

/// [`Choice::None`] in words: why no node fits `nodes`.
#[must_use]
pub fn explain(nodes: &Nodes, reasons: &[(NodeName, &'static str)]) -> String {
    if reasons.is_empty() {
        return "no executor node is there".to_owned();
    }
    let named = reasons.iter().take(NAMED).map(|(node, why)| format!("{node}: {why}"));
    let more = reasons.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("and {more} more"));
    let whys: Vec<_> = named.chain(more).collect();
    format!("no node fits the job's target, {nodes}: {}", whys.join("; "))
}

fn why_not(nodes: &Nodes, candidate: &Candidate<'_>) -> Option<&'static str> {
    let member = candidate.member;
    if !member.has(Role::Executor) {
        return Some("it has no executor role");
    }
    if !matches(nodes, member) {
        return Some("it is not among the job's target");
    }
    (member.state == Availability::Draining).then_some("it is draining")
}

fn reasons(nodes: &Nodes, candidates: &[Candidate<'_>]) -> Vec<(NodeName, &'static str)> {
    let reason = |c: &Candidate<'_>| why_not(nodes, c).map(|why| (c.member.name.clone(), why));
    candidates.iter().filter_map(reason).collect()
}

fn at<T>(pool: &[T], turn: u64) -> Option<&T> {
    let count = u64::try_from(pool.len()).ok().filter(|count| *count > 0)?;
    pool.get(usize::try_from(turn % count).ok()?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::time::Timestamp;
    use proptest::prelude::*;

    fn member(name: &str, state: Availability) -> Member {
        Member {
            name: NodeName::new(name).unwrap(),
            address: String::new(),
            health_address: String::new(),
            roles: vec![Role::Executor],
            groups: vec![format!("group-{name}")],
            labels: BTreeMap::from([("name".to_owned(), name.to_owned())]),
            version: String::new(),
            pid: 1,
            capacity: 4,
            state,
            started_at: Timestamp::EPOCH,
            waits_for_leave: true,
            leased_at: None,
        }
    }

    const ALL: [Routing; 5] =
        [Routing::RoundRobin, Routing::LeastLoaded, Routing::Random, Routing::Hash, Routing::Failover];

    proptest! {
        #[test]
        fn what_is_chosen_fits_and_is_free_where_any_is(
            loads in prop::collection::vec((0_u32..6, any::<bool>()), 0..6),
            routing in prop::sample::select(ALL.to_vec()),
            job in any::<i64>(),
            start in any::<u64>(),
        ) {
            let state = |draining| if draining { Availability::Draining } else { Availability::Active };
            let members: Vec<_> =
                loads.iter().enumerate().map(|(i, (_, draining))| member(&format!("n{i}"), state(*draining))).collect();
            let candidates: Vec<_> = members
                .iter()
                .zip(&loads)
                .map(|(member, (running, _))| Candidate { member, running: *running })
                .collect();
            let mut turn = start;
            match choose(&Nodes::Any, routing, JobId(job), &candidates, &mut turn) {
                Choice::Node(name) => {
                    let chosen = candidates.iter().find(|c| c.member.name == name).unwrap();
                    prop_assert_eq!(chosen.member.state, Availability::Active);
                    let any_free = candidates.iter().any(|c| c.running < 4 && c.member.state == Availability::Active);
                    let follows_load = !matches!(routing, Routing::Hash | Routing::Failover);
                    prop_assert!(!follows_load || !any_free || chosen.running < 4);
                }
                Choice::None(reasons) => {
                    prop_assert!(members.iter().all(|m| m.state == Availability::Draining));
                    prop_assert_eq!(reasons.len(), members.len());
                }
            }
        }
    }

    #[test]
    fn in_turn_means_everybody_alike() {
        let members = ["a", "b", "c"].map(|name| member(name, Availability::Active));
        let candidates = members.each_ref().map(|member| Candidate { member, running: 0 });
        let mut turn = 0;
        let mut counts = BTreeMap::new();
        for _ in 0..30 {
            if let Choice::Node(name) = choose(&Nodes::Any, Routing::RoundRobin, JobId(1), &candidates, &mut turn) {
                *counts.entry(name).or_insert(0) += 1;
            }
        }
        assert!(counts.len() == 3 && counts.values().all(|n| *n == 10), "{counts:?}");
    }

    #[test]
    fn hashing_moves_a_job_only_when_its_node_goes() {
        let members = ["a", "b", "c", "d"].map(|name| member(name, Availability::Active));
        let all = members.each_ref().map(|member| Candidate { member, running: 0 });
        let pick =
            |candidates: &[Candidate<'_>], job| choose(&Nodes::Any, Routing::Hash, JobId(job), candidates, &mut 0);
        for job in 0..200 {
            let before = pick(&all, job);
            let after = pick(&all[..3], job);
            assert!(before == after || before == Choice::Node(members[3].name.clone()), "{job}");
        }
    }

    #[test]
    fn targets_select_by_name_group_and_labels() {
        let a = member("a", Availability::Active);
        let labels = |value: &str| Nodes::Labels(BTreeMap::from([("name".to_owned(), value.to_owned())]));
        assert!(matches(&Nodes::Named(a.name.clone()), &a) && matches(&Nodes::Group("group-a".into()), &a));
        assert!(matches(&labels("a"), &a) && !matches(&labels("b"), &a) && !matches(&Nodes::Group("x".into()), &a));
    }
}
