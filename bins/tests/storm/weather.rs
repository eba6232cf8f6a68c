//! The bad weather.

use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::random::Random;
use crate::theatre::Theatre;

/// How often the node is killed in a storm.
const KILLS: usize = 10;

/// A life of the node and the time until the next one, in milliseconds. Some lives end before the node is up.
fn life(random: &mut Random) -> (Duration, Duration) {
    let up = random.between(300, 4_000);
    let down = random.one_of(&[0, 0, 500, 2_000, 4_500]);
    (Duration::from_millis(up), Duration::from_millis(down))
}

#[test]
fn in_a_storm_of_kills_every_slot_is_answered_once() {
    let mut random = Random::seeded("storm");
    let lives: Vec<_> = (0..KILLS).map(|_| life(&mut random)).collect();
    let lasts = lives.iter().map(|(up, down)| *up + *down).sum::<Duration>() + Duration::from_secs(8);
    let mut theatre = Theatre::open(&mut random, lasts, |load| load.noops(1_770).ticks(20).quick(180).slow(30));
    let mut in_time = 0;
    for (up, down) in lives {
        sleep(up);
        theatre.node.signal(Signal::SIGKILL);
        theatre.node.ended();
        in_time += usize::from(theatre.goes_on());
        sleep(down);
        theatre.node.launch();
    }
    theatre.node.until_it_listens();
    let states = theatre.balance();
    eprintln!("storm: {} slots, {in_time} of {KILLS} kills while jobs were due, runs: {states:?}", theatre.slots());
    assert!(states["succeeded"] > 0 && states["missed"] > 0, "{states:?}");
}

#[test]
fn after_a_freeze_every_slot_is_answered_once() {
    let mut random = Random::seeded("freeze");
    let theatre =
        Theatre::open(&mut random, Duration::from_secs(18), |load| load.noops(60).ticks(10).quick(20).slow(10));
    sleep(Duration::from_millis(random.between(1_000, 3_000)));
    theatre.node.signal(Signal::SIGSTOP);
    sleep(Duration::from_secs(6));
    theatre.node.signal(Signal::SIGCONT);
    let states = theatre.balance();
    eprintln!("freeze: {} slots, runs: {states:?}", theatre.slots());
    assert!(states["missed"] > 0 && !states.contains_key("lost"), "{states:?}");
}
