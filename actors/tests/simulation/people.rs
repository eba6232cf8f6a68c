//! What people do meanwhile: they add, edit, pause and delete jobs behind the nodes' backs, run them by hand, kill runs.

use std::sync::Arc;

use cronbus_core::audit::{Actor, Trail};
use cronbus_core::job::{Job, Params, Pause};
use cronbus_core::port::operations::Request;
use cronbus_core::port::store::{Submitted, Write};
use cronbus_core::port::{Clock, Operations};
use cronbus_core::run::Trigger;

use crate::chaos::again_and_again;
use crate::history::Event;
use crate::jobs;
use crate::world::World;

/// Adds the jobs of the beginning, and lets people do what they do.
pub(crate) fn begin(world: &Arc<World>) {
    for index in 0..world.plan.jobs {
        add(world, &format!("job-{index}"));
    }
    again_and_again(world, world.plan.clients, |world| async move { act(&world) });
}

fn act(world: &Arc<World>) {
    let Some(job) = somebodys(world) else { return };
    let now = world.clock.now();
    let by = "somebody".to_owned();
    match world.chance.of(0..20) {
        0..2 => add(world, &format!("late-{}", world.elapsed().as_millis())),
        2..5 => {
            let definition = jobs::edited(world, &world.chance, &job.definition);
            write(world, Write::Replace { job: job.id, expected: None, definition: Arc::new(definition) });
        }
        5..7 => {
            let until = world.chance.happens(500).then(|| now + world.chance.millis(500..9_000));
            write(world, Write::Pause { job: job.id, pause: Pause { since: now, until, note: String::new(), by } });
        }
        7..10 => write(world, Write::Resume { job: job.id }),
        10 => write(world, Write::Delete { job: job.id }),
        11..14 => kill_something(world),
        _ => submit(world, job),
    }
}

fn add(world: &World, name: &str) {
    write(world, Write::Add(Arc::new(jobs::any(world, &world.chance, name))));
}

/// Another process writes to the database: no node is told.
fn write(world: &World, write: Write) {
    // A change that comes too late, as for a job that was deleted, is refused.
    let _ = world.ledger.write_jobs(world, &[write], "somebody", world.clock.now());
}

fn somebodys(world: &World) -> Option<Arc<Job>> {
    let jobs = world.ledger.jobs();
    (!jobs.is_empty()).then(|| Arc::clone(world.chance.pick(&jobs)))
}

fn kill_something(world: &Arc<World>) {
    let runs = world.ledger.unfinished();
    if runs.is_empty() {
        return;
    }
    let run = world.chance.pick(&runs).id;
    let host = Arc::clone(world.chance.pick(&world.hosts));
    actix_rt::spawn(async move {
        let Some(present) = host.present() else { return };
        let Some(node) = present.node else { return };
        // Whoever is gone cannot kill; nothing is promised then.
        tokio::select! {
            biased;
            () = present.life.died() => {}
            _ = node.kill(run, "somebody") => {}
        }
    });
}

/// Runs a job by hand, and asks again with the same key until somebody says that it is done; sometimes once more.
fn submit(world: &Arc<World>, job: Arc<Job>) {
    let world = Arc::clone(world);
    actix_rt::spawn(async move {
        let key = format!("key-{}", world.elapsed().as_millis());
        let mut wanted = world.chance.of(1..3);
        for _ in 0..20 {
            if let Some(submitted) = ask(&world, &job, &key).await {
                world.note(Event::Promised { key: key.clone(), run: submitted.run.id });
                wanted -= 1;
                if wanted == 0 {
                    return;
                }
            }
            world.clock.sleep(world.chance.millis(1..2_000)).await;
        }
    });
}

async fn ask(world: &World, job: &Arc<Job>, key: &str) -> Option<Submitted> {
    let present = world.chance.pick(&world.hosts).present()?;
    let node = present.node?;
    let request = Request {
        job: Arc::clone(job),
        params: Params::new(),
        idempotency_key: Some(key.to_owned()),
        trigger: Trigger::Manual,
        trail: Trail { actor: Actor::node("somebody"), at: world.clock.now(), nonce: 0 },
    };
    tokio::select! {
        biased;
        () = present.life.died() => None,
        submitted = node.submit(request) => submitted.ok(),
    }
}
