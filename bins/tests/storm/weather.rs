//! The bad weather.

use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::random::Random;
use crate::theatre::Theatre;

/// How long nobody is there after each kill, in milliseconds, in some order. The longest absences are long enough for
/// the misfire policies to be asked.
const ABSENCES: [u64; 10] = [0, 0, 0, 0, 500, 500, 1_500, 1_500, 3_500, 3_500];

/// The lives of the node and the time until the next one. Some lives end before the node is up.
fn lives(random: &mut Random) -> Vec<(Duration, Duration)> {
    let absences = random.shuffled(&ABSENCES);
    let life = |absence| (Duration::from_millis(random.between(300, 4_000)), Duration::from_millis(absence));
    absences.into_iter().map(life).collect()
}

#[test]
fn in_a_storm_of_kills_every_slot_is_answered_once() {
    let mut random = Random::seeded("storm");
    let lives = lives(&mut random);
    let lasts = lives.iter().map(|(up, down)| *up + *down).sum::<Duration>() + Duration::from_secs(8);
    let mut theatre =
        Theatre::open(&mut random, lasts, |load| load.noops(1_765).ticks(20).quick(180).slow(30).broadcasts(5));
    let mut in_time = 0;
    for (up, down) in lives {
        sleep(up);
        theatre.node.signal(Signal::SIGKILL);
        theatre.node.ended();
        in_time += usize::from(theatre.books.goes_on());
        sleep(down);
        theatre.node.launch();
    }
    theatre.node.until_it_listens();
    let states = theatre.balance();
    eprintln!(
        "storm: {} slots, {in_time} of {} kills while jobs were due, runs: {states:?}",
        theatre.books.slots(),
        ABSENCES.len()
    );
    for state in ["succeeded", "missed"] {
        assert!(states.contains_key(state), "no run is {state}: the weather was too fair: {states:?}");
    }
    // Under their shims runs outlive the node. Lost are those that were just being started, if there are any.
    let lost = states.get("lost").copied().unwrap_or_default();
    assert!(lost * 50 <= states.values().sum(), "{states:?}");
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
    eprintln!("freeze: {} slots, runs: {states:?}", theatre.books.slots());
    assert!(states.contains_key("missed") && !states.contains_key("lost"), "{states:?}");
}
