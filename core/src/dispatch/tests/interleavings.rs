//! Any order of anything.

use proptest::prelude::*;

use super::world::{World, Write};
use super::*;
use crate::run::Ending;

#[derive(Clone, Debug)]
enum Step {
    Pass(u16),
    Create { job: usize, ahead_ms: u16 },
    Deliver(usize),
    Duplicate(usize),
    Lose(usize),
    Flush(Write),
    LookUp,
    Start(usize),
    End(usize, Ending),
    Crash(usize),
    Bear(usize),
    Hide(usize),
    TellMembers,
    TakeOver(bool),
    Kill(usize),
    Edit(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<usize>;
    let write = prop::sample::select(vec![Write::Done, Write::Done, Write::Done, Write::Refused, Write::Unheard]);
    let ending = prop::sample::select(vec![Ending::Succeeded, Ending::Succeeded, Ending::Failed, Ending::TimedOut]);
    prop_oneof![
        10 => (0_u16..4_000).prop_map(Step::Pass),
        6 => (which(), 0_u16..2_000).prop_map(|(job, ahead_ms)| Step::Create { job, ahead_ms }),
        14 => which().prop_map(Step::Deliver),
        2 => which().prop_map(Step::Duplicate),
        1 => which().prop_map(Step::Lose),
        8 => write.prop_map(Step::Flush),
        3 => Just(Step::LookUp),
        6 => which().prop_map(Step::Start),
        5 => (which(), ending).prop_map(|(run, ending)| Step::End(run, ending)),
        1 => which().prop_map(Step::Crash),
        2 => which().prop_map(Step::Bear),
        1 => which().prop_map(Step::Hide),
        3 => Just(Step::TellMembers),
        1 => any::<bool>().prop_map(Step::TakeOver),
        2 => which().prop_map(Step::Kill),
        1 => which().prop_map(Step::Edit),
    ]
}

fn act(world: &mut World, step: &Step) {
    let names: Vec<_> = world.executors.keys().cloned().collect();
    let flight = |which: usize, world: &World| which.checked_rem(world.flights.len());
    match step {
        Step::Pass(millis) => world.now = world.now + Duration::from_millis((*millis).into()),
        Step::Create { job, ahead_ms } => world.create(*job, Duration::from_millis((*ahead_ms).into())),
        Step::Deliver(which) => {
            if let Some(place) = flight(*which, world) {
                let flight = world.flights.remove(place);
                world.deliver(flight);
            }
        }
        Step::Duplicate(which) => {
            if let Some(place) = flight(*which, world) {
                let twin = world.flights[place].clone();
                world.flights.push(twin);
            }
        }
        Step::Lose(which) => {
            if let Some(place) = flight(*which, world) {
                world.flights.remove(place);
            }
        }
        Step::Flush(write) => world.flush(*write),
        Step::LookUp => world.look_up(),
        Step::Start(which) => world.start(&names[which % names.len()]),
        Step::End(which, ending) => world.end_one(*which, *ending),
        Step::Crash(which) => world.crash(&names[which % names.len()]),
        Step::Bear(which) => world.bear(&names[which % names.len()]),
        Step::Hide(which) => {
            let executor = world.executors.get_mut(&names[which % names.len()]).unwrap();
            executor.hidden = !executor.hidden;
        }
        Step::TellMembers => world.tell_members(),
        Step::Edit(which) => world.edit(*which),
        Step::TakeOver(written) => world.take_over(*written),
        Step::Kill(which) => {
            let id = which.checked_rem(world.rows.len()).and_then(|place| world.rows.keys().nth(place).copied());
            id.map(|id| world.dispatch.kill(id, "someone asked", world.now));
        }
    }
    world.dispatch.tick(world.now);
    world.pump();
}

fn jobs() -> Vec<Arc<Job>> {
    let overlaps = [Overlap::Skip, Overlap::Healthy, Overlap::Replace, Overlap::Queue, Overlap::Allow, Overlap::Allow];
    let job_of = |(place, overlap)| {
        let id = place as i64 + 1;
        let mut definition = Definition { retry: twice_more(), ..definition(id, overlap) };
        definition.start_deadline = (id % 2 == 0).then(|| Period::from_secs(20));
        job(id, definition)
    };
    overlaps.into_iter().enumerate().map(job_of).collect()
}

fn play(handover: Handover, steps: &[Step]) {
    let mut world = World::new(handover, jobs());
    steps.iter().for_each(|step| act(&mut world, step));
    world.settle();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn on_one_machine_every_run_ends_and_starts_at_most_once(steps in prop::collection::vec(step(), 1..200)) {
        play(Handover::Sole, &steps);
    }

    #[test]
    fn among_many_every_run_ends_and_starts_at_most_once(steps in prop::collection::vec(step(), 1..200)) {
        play(Handover::Recorded, &steps);
    }
}
