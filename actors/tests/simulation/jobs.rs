//! Jobs that chance writes: every policy, small periods.

use std::time::Duration;

use cronbus_core::duration::Period;
use cronbus_core::job::target::{Nodes, Routing};
use cronbus_core::job::{
    Backoff, Command, Definition, JobName, Misfire, MisfirePolicy, OnTimeout, Overlap, Retry, RetryOn, Target,
};
use cronbus_core::port::membership::Role;
use cronbus_core::time::Timestamp;

use crate::chance::Chance;
use crate::world::{BEGINNING, World};

/// A job of this name. It has no slots at or after the world's horizon.
pub(crate) fn any(world: &World, chance: &Chance, name: &str) -> Definition {
    let command = if chance.happens(100) { Command::Noop } else { Command::shell("work") };
    let period = |range| Period(chance.millis(range));
    let sometimes = |per_mille: u64, range| chance.happens(per_mille).then(|| period(range));
    Definition {
        schedule: schedule(world, chance),
        valid_until: Some(world.horizon()),
        target: target(world, chance),
        routing: *chance.pick(&[Routing::RoundRobin, Routing::LeastLoaded, Routing::Random, Routing::Hash]),
        timeout: sometimes(400, 100..5_000),
        on_timeout: *chance.pick(&[OnTimeout::Kill, OnTimeout::Kill, OnTimeout::Alert]),
        kill_grace: sometimes(500, 0..2_000),
        overlap: overlap(chance),
        queue_limit: u32::try_from(chance.of(0..4)).unwrap(),
        misfire: misfire(chance),
        retry: retry(chance),
        start_deadline: sometimes(300, 0..8_000),
        priority: u8::try_from(chance.of(0..10)).unwrap(),
        concurrency: chance.happens(200).then_some(1),
        ..Definition::new(JobName::new(name).unwrap(), command)
    }
}

/// Another definition of the same job. Its overlap policy stays, so that what may run beside what stays clear.
pub(crate) fn edited(world: &World, chance: &Chance, before: &Definition) -> Definition {
    let other = any(world, chance, before.name.as_str());
    let schedule = if chance.happens(500) { before.schedule.clone() } else { other.schedule.clone() };
    let enabled = chance.happens(850);
    Definition { overlap: before.overlap, target: before.target.clone(), schedule, enabled, ..other }
}

fn schedule(world: &World, chance: &Chance) -> Option<String> {
    let second = chance.of(0..60);
    let rule = match chance.of(0..12) {
        0..5 => format!("@every {}s", chance.of(1..11)),
        5 => format!("*/{} * * * * *", chance.of(2..20)),
        6 => format!("{second} * * * * *"),
        7 => format!("{}-59/7 * * * * *", chance.of(0..7)),
        8 => "* * * * *".to_owned(),
        9 => "@reboot".to_owned(),
        10 => format!("@at {}", within(world, chance)),
        _ => return None,
    };
    Some(rule)
}

fn within(world: &World, chance: &Chance) -> Timestamp {
    let horizon = u64::try_from(world.plan.horizon.as_millis()).unwrap();
    BEGINNING + chance.millis(1..horizon)
}

fn target(world: &World, chance: &Chance) -> Target {
    let executors: Vec<_> = world.hosts.iter().filter(|host| host.roles.contains(&Role::Executor)).collect();
    let nodes = match chance.of(0..6) {
        0 => Nodes::Named(chance.pick(&executors).name.clone()),
        1 => Nodes::Group("all".to_owned()),
        _ => Nodes::Any,
    };
    Target { nodes, broadcast: chance.happens(100) }
}

fn overlap(chance: &Chance) -> Overlap {
    *chance.pick(&[Overlap::Skip, Overlap::Healthy, Overlap::Replace, Overlap::Queue, Overlap::Allow])
}

fn misfire(chance: &Chance) -> Misfire {
    Misfire {
        policy: *chance.pick(&[MisfirePolicy::Skip, MisfirePolicy::Latest, MisfirePolicy::All]),
        window: Period(chance.millis(1..30_000)),
        max: u32::try_from(chance.of(0..6)).unwrap(),
    }
}

fn retry(chance: &Chance) -> Retry {
    if chance.happens(500) {
        return Retry::default();
    }
    let classes = [RetryOn::Failed, RetryOn::TimedOut, RetryOn::Lost, RetryOn::ExitCode(2)];
    Retry {
        max: u32::try_from(chance.of(1..4)).unwrap(),
        delay: Period(chance.millis(0..3_000)),
        backoff: *chance.pick(&[Backoff::Fixed, Backoff::Exponential]),
        max_delay: Period(Duration::from_secs(5)),
        jitter: 0.3,
        on: classes.into_iter().filter(|_| chance.happens(600)).collect(),
    }
}
