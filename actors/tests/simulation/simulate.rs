//! One seed, from the beginning of its world until it has come to rest and was judged.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::port::spool::Remembered;
use cronbus_core::port::{Clock, Operations};

use crate::check::{self, Violation};
use crate::history::Event;
use crate::ledger::Sabotage;
use crate::plan::{Fault, Plan};
use crate::world::{Host, World};
use crate::{chaos, lives, people};

/// How long a world may take to come to rest once nothing goes wrong any more.
const PATIENCE: Duration = Duration::from_secs(300);

/// So many seconds without anything to do are rest.
const SETTLED_AFTER: u32 = 4;

/// What came of a seed.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) world: Arc<World>,
    pub(crate) violations: Vec<Violation>,
}

/// Lives through one world, on a thread of its own time.
pub(crate) fn run(plan: Plan, sabotage: Option<Sabotage>) -> Verdict {
    let paused = || tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    actix_rt::System::with_tokio_rt(paused).block_on(async move {
        let world = World::new(plan, sabotage);
        people::begin(&world);
        let lives: Vec<_> =
            world.hosts.iter().map(|host| actix_rt::spawn(lives::keep(Arc::clone(&world), Arc::clone(host)))).collect();
        chaos::begin(&world);
        world.clock.sleep(world.plan.horizon).await;
        world.calm_down();
        let rested = come_to_rest(&world).await;
        if !rested {
            note_actors(&world);
        }
        bury(&world);
        lives.into_iter().for_each(|life| life.abort());
        let violations = check::all(&world, rested);
        Verdict { world, violations }
    })
}

/// Waits until every slot is answered and every run is over, and it stays so while all nodes live long enough to have
/// looked; false when that does not come.
async fn come_to_rest(world: &World) -> bool {
    let last = world.elapsed() + PATIENCE;
    let mut seconds_at_rest = 0;
    while world.elapsed() < last && seconds_at_rest < SETTLED_AFTER {
        world.clock.sleep(Duration::from_secs(1)).await;
        seconds_at_rest = if is_at_rest(world) { seconds_at_rest + 1 } else { 0 };
    }
    seconds_at_rest >= SETTLED_AFTER
}

fn is_at_rest(world: &World) -> bool {
    let lives = |host: &Arc<Host>| host.present().is_some_and(|present| present.node.is_some());
    world.hosts.iter().all(lives)
        && world.ledger.watermark() >= world.horizon()
        && world.ledger.unfinished().is_empty()
        && world.hosts.iter().all(|host| host.diary.remembered().iter().all(|kept| may_stay(world, kept)))
}

/// Whether an entry may stay in a spool until the next start: the disk refused to note that it is no longer needed.
pub(crate) fn may_stay(world: &World, kept: &Remembered) -> bool {
    world.plan.rates[Fault::SpoolRefuses as usize] > 0
        && world.ledger.row(kept.run).is_some_and(|row| row.state.is_terminal())
}

/// What the actors of a world say that does not come to rest, for people.
fn note_actors(world: &World) {
    for present in world.hosts.iter().filter_map(|host| host.present()) {
        let actors = present.node.map(|node| node.actors()).unwrap_or_default();
        world.note(Event::Restless { life: present.life.name.clone(), actors: format!("{actors:?}") });
    }
}

/// Ends all nodes, and with them what holds the world together.
fn bury(world: &World) {
    for host in &world.hosts {
        if let Some(present) = host.now.lock().unwrap().take() {
            present.life.die();
        }
    }
}
