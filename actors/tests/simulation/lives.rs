//! Keeps a node living: starts it, buries it when it has crashed, starts it again from what its disk and the store know.

use std::sync::Arc;
use std::time::Duration;

use cronbus_actors::node::{self, Node, Parts, Settings};
use cronbus_core::dispatch::Handover;
use cronbus_core::port::membership::{Availability, Member};
use cronbus_core::port::{Clock, Operations};
use cronbus_core::time::Timestamp;

use crate::history::{Event, LifeName};
use crate::life::Life;
use crate::ports::{self, Way};
use crate::world::{Host, Present, World};

/// Lives one life after the other, for ever.
pub(crate) async fn keep(world: Arc<World>, host: Arc<Host>) {
    for number in 1.. {
        live(&world, &host, number).await;
        let pause = if world.is_calm() { 200..400 } else { 100..6_000 };
        world.clock.sleep(world.chance.millis(pause)).await;
    }
}

async fn live(world: &Arc<World>, host: &Arc<Host>, number: u32) {
    let life = Arc::new(Life::new(LifeName { node: host.name.clone(), number }, passages(world)));
    let lease = (!world.plan.sole).then(|| Arc::new(world.register.connect()));
    let way = Way { world: Arc::clone(world), host: Arc::clone(host), life: Arc::clone(&life) };
    let present = Present { life: Arc::clone(&life), lease, node: None };
    *host.now.lock().unwrap() = Some(present.clone());
    if let Some(node) = start(&way, &present).await {
        *host.now.lock().unwrap() = Some(Present { node: Some(Arc::clone(&node)), ..present.clone() });
        life.died().await;
        note_panics(&way, &node);
    }
    life.die();
    if let Some(lease) = &present.lease {
        lease.cut_off();
    }
    *host.now.lock().unwrap() = None;
    world.note(Event::Died { life: life.name.clone() });
}

fn passages(world: &World) -> i64 {
    match world.plan.passages.filter(|_| !world.is_calm()) {
        Some(most) => world.chance.of(1..most).cast_signed(),
        None => i64::MAX,
    }
}

/// Starts the actors; `None` when the node died over it or its former life still has the name.
async fn start(way: &Way, present: &Present) -> Option<Arc<Node>> {
    let parts = parts(way, present);
    let life = way.life.name.clone();
    way.world.note(Event::Born { life: life.clone(), started_at: parts.member.started_at });
    let world = Arc::clone(&way.world);
    let on_give_up = move |gave_up: &cronbus_actors::supervise::GaveUp| {
        world.note(Event::Panicked { life: life.clone(), actor: gave_up.to_string() });
    };
    tokio::select! {
        biased;
        () = way.life.died() => None,
        started = node::start(parts, node::Threads::one(actix_rt::Arbiter::current()), on_give_up) => started.ok(),
    }
}

fn parts(way: &Way, present: &Present) -> Parts {
    let member = member(way);
    let mut settings = Settings::sole(&member);
    let chance = way.world.chance.branch(9);
    if !way.world.plan.sole {
        settings.dispatch.handover = Handover::Recorded;
    }
    // Nobody is to be told of anything here.
    settings.alerting.every = std::time::Duration::from_secs(86_400);
    settings.flush = chance.millis(1..200);
    settings.planner.misfire_after = chance.millis(1_000..8_000);
    settings.planner.batch = *chance.pick(&[3, 50, 10_000]);
    settings.flush_rows = *chance.pick(&[2, 50, 5_000]);
    Parts { member, ports: ports::of(way, present.lease.clone()), settings }
}

fn member(way: &Way) -> Member {
    Member {
        name: way.host.name.clone(),
        address: String::new(),
        health_address: String::new(),
        roles: way.host.roles.clone(),
        groups: vec!["all".to_owned()],
        labels: std::collections::BTreeMap::new(),
        version: String::new(),
        pid: way.life.name.number,
        capacity: 16,
        state: Availability::Active,
        started_at: started_at(way),
        waits_for_leave: true,
        leased_at: None,
    }
}

fn started_at(way: &Way) -> Timestamp {
    way.host.clock.now() + Duration::from_millis(1)
}

fn note_panics(way: &Way, node: &Node) {
    for actor in node.actors().into_iter().filter(|actor| actor.restarts > 0) {
        way.world.note(Event::Panicked { life: way.life.name.clone(), actor: actor.name });
    }
}
