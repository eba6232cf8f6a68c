//! What goes wrong with whole nodes and whole services, at moments that chance chooses.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::port::Clock;

use crate::history::Event;
use crate::world::{Host, World};

/// Sets all that may go wrong in motion.
pub(crate) fn begin(world: &Arc<World>) {
    let plan = &world.plan;
    again_and_again(world, plan.crashes, |world| async move { crash(&world) });
    again_and_again(world, plan.clock_jumps, |world| async move { set_a_clock(&world) });
    again_and_again(world, plan.halts, |world| async move { disturb_a_lease(&world).await });
    again_and_again(world, plan.flushes, |world| async move { world.flush_guard() });
    again_and_again(world, plan.outages, |world| async move {
        let what = *world.chance.pick(&["store", "store", "bus", "guard"]);
        world.send_away(what, world.chance.millis(200..9_000));
    });
}

/// Does something after pauses of about `mean`, while things go wrong.
pub(crate) fn again_and_again<F: Future<Output = ()> + 'static>(
    world: &Arc<World>,
    mean: Option<Duration>,
    act: impl Fn(Arc<World>) -> F + 'static,
) {
    let Some(mean) = mean else { return };
    let world = Arc::clone(world);
    actix_rt::spawn(async move {
        loop {
            let most = u64::try_from(mean.as_millis()).unwrap() * 2;
            world.clock.sleep(world.chance.millis(1..most)).await;
            if world.is_calm() {
                return;
            }
            act(Arc::clone(&world)).await;
        }
    });
}

fn anybody(world: &World) -> &Arc<Host> {
    world.chance.pick(&world.hosts)
}

fn crash(world: &World) {
    if let Some(present) = anybody(world).present() {
        present.life.die();
    }
}

/// Within what `UNSEEN` of the planner covers: a clock that is further ahead than that makes jobs that are added
/// meanwhile begin late.
fn set_a_clock(world: &World) {
    let host = anybody(world);
    let aim = world.chance.of(0..40_000).cast_signed() - 15_000;
    host.clock.jump(aim - host.ahead_ms(world));
    world.note(Event::ClockSet { node: host.name.clone(), ahead_ms: aim });
}

/// The register believes that a node is gone: because it was halted, because its connection broke, or for no reason
/// that the node could know of.
async fn disturb_a_lease(world: &World) {
    let host = Arc::clone(anybody(world));
    let Some(present) = host.present() else { return };
    let halted = world.chance.happens(500) && present.life.halt();
    if halted {
        world.note(Event::Halted { life: present.life.name.clone() });
    }
    if let Some(lease) = &present.lease {
        if world.chance.happens(500) { lease.expire() } else { lease.cut_off() }
    }
    world.clock.sleep(world.chance.millis(100..15_000)).await;
    if present.life.resume() {
        world.note(Event::Resumed { life: present.life.name.clone() });
    }
    world.clock.sleep(world.chance.millis(1..3_000)).await;
    if let (Some(lease), false) = (&present.lease, present.life.is_dead()) {
        lease.reconnect();
    }
}
