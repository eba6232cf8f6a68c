//! Upgrades at noon, under full load: jobs due every second, long runs with counted lines and odd exit codes, logs that are
//! followed, people who ask all the time. Upgrades in a row, among them one to an executable that crashes and one that
//! hangs, and in the end the old process is killed while the new one gets ready.
//!
//! How late slots were is measured and printed, beside the same without upgrades; what is demanded is that everything is
//! there once. `CRONBUS_NOON_JOBS`, `CRONBUS_NOON_RUNS`, `CRONBUS_NOON_SECONDS` (of the shortest run; the longest takes three
//! times as long) and `CRONBUS_NOON_UPGRADES` make it larger.

use std::fs;
use std::path::PathBuf;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Clock;
use cronbus_core::time::Timestamp;
use serde_json::Value;

use crate::books::{Books, complaints};
use crate::crowd::Crowd;
use crate::lateness;
use crate::ledger::Row;
use crate::office::{OVER, Office, follow};
use crate::random::Random;
use crate::support::{Client, Node, wait_for};

const CONFIGURATION: &str = "[node]\nupgrade_timeout = \"5s\"\n[scheduler]\nmisfire_after = \"10m\"\n\
                             [executor]\nslots = 128\n";

/// Lines of a long run in a second.
const LINES: usize = 20;

/// How many logs are followed.
const FOLLOWED: usize = 5;

/// A number from the environment.
fn size(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// A long run: how many lines it prints, and how it exits.
struct Long {
    id: String,
    lines: usize,
    code: i64,
    follower: Option<(Child, PathBuf)>,
}

impl Long {
    fn start(node: &Node, number: usize, seconds: usize) -> Self {
        // Some in the process of the node, most under shims.
        let isolation = if number.is_multiple_of(5) { "isolation=inline" } else { "isolation=shim" };
        let (lines, code) = (seconds * LINES, i64::try_from(number % 100 + 1).unwrap());
        // One process: a thousand `sleep`s a second would be most of what the machine does.
        let script = format!(
            "exec perl -e '$| = 1; for (1..{lines}) {{ print \"$_\\n\"; select undef, undef, undef, {} }} exit {code}'",
            1.0 / LINES as f64
        );
        let name = format!("long-{number}");
        node.ask(&["job", "add", &name, "--set", isolation, "--shell", &script]);
        let id = node.ask(&["job", "run", &name]).trim().to_owned();
        let follower = (number < FOLLOWED).then(|| follow(node, &id));
        Self { id, lines, code, follower }
    }

    fn check(&mut self, node: &Node) {
        let ended = node.wait_for_run(&self.id, &OVER);
        assert_eq!(ended["exit_code"], self.code, "{ended}\n{}", complaints(&node.log()));
        let expected: String = (1..=self.lines).map(|line| format!("{line}\n")).collect();
        assert!(node.ask(&["run", "logs", &self.id]) == expected, "lines are missing or come twice: {ended}");
        if let Some((follower, shown)) = &mut self.follower {
            wait_for("a follower to end", || follower.try_wait().unwrap());
            assert!(
                fs::read_to_string(shown).unwrap() == expected,
                "a follower missed lines or saw some twice: {ended}"
            );
        }
    }
}

fn runs(client: &Client, node: &Node) -> Vec<Value> {
    client.all(node, "/api/v1/runs?limit=1000")
}

fn settle(client: &Client, node: &Node, what: &str, from: Timestamp, until: Timestamp) {
    wait_for("the last start", || {
        let open = |run: &Value| {
            let due: Timestamp = run["due_at"].as_str().unwrap().parse().unwrap();
            due < until && matches!(run["state"].as_str(), Some("created" | "assigned"))
        };
        (!runs(client, node).iter().any(open)).then_some(())
    });
    lateness::tell(what, &lateness::of_ticks(&runs(client, node), from, until));
}

#[test]
fn nobody_notices_upgrades_under_load() {
    let (jobs, longs) = (size("CRONBUS_NOON_JOBS", 120), size("CRONBUS_NOON_RUNS", 10));
    let (seconds, upgrades) = (size("CRONBUS_NOON_SECONDS", 6), size("CRONBUS_NOON_UPGRADES", 4));
    let (office, client, clock) = (Office::open(CONFIGURATION), Client::new(), SystemClock::start().unwrap());
    let node = &office.node;
    let lasts = Duration::from_secs((25 + upgrades * 2 + seconds * 3).try_into().unwrap());
    let mut books = Books::open(&mut Random::seeded("noon"), lasts, |load| load.ticks(jobs).noops(jobs / 10));
    node.ask(&["apply", "-f", books.file().to_str().unwrap()]);
    books.begin(&client.all(node, "/api/v1/jobs?limit=1000"));

    let mut longs: Vec<Long> =
        (0..longs).map(|number| Long::start(node, number, seconds + seconds * 2 * number / longs)).collect();
    let crowd = Crowd::around(node);
    let from = clock.now();
    sleep(Duration::from_secs(5));
    let until = clock.now();
    settle(&client, node, "without upgrades", from, until);

    let from = clock.now();
    for _ in 0..upgrades {
        let begun = Instant::now();
        office.upgrade();
        eprintln!("an upgrade took {:?}", begun.elapsed());
        sleep(Duration::from_millis(700));
    }
    office.put_script("exit 7");
    office.fail_to_upgrade("exit status: 7");
    office.put_script("exec sleep 1000");
    office.fail_to_upgrade("not ready within 5s");
    eprintln!("{} questions were answered", crowd.dismiss());
    settle(&client, node, "with upgrades", from, clock.now());
    node.log().lines().filter(|line| line.contains("passed on")).for_each(|line| eprintln!("{line}"));

    let crowd = Crowd::around(node);
    let from = clock.now();
    office.kill_in_between();
    // Whoever was being answered is cut off; nobody is refused.
    let complaints_of_some = crowd.complaints();
    assert!(
        complaints_of_some.iter().all(|complaint| !complaint.contains("ConnectionRefused")),
        "{complaints_of_some:#?}"
    );
    settle(&client, node, "with the old process killed", from, clock.now());

    for long in &mut longs {
        // Those that stayed in the process that was killed have nobody who could tell how they ended.
        let is_lost = node.ask_json(&["run", "show", &long.id])["state"] == "lost";
        assert!(!is_lost || long.id_is_inline(node), "{}", long.id);
        if !is_lost {
            long.check(node);
        }
    }
    let rows = || Some(runs(&client, node).iter().filter(|run| !is_long(run)).map(Row::of).collect());
    let states = books.balance(Duration::from_secs(60), rows, || complaints(&node.log()));
    eprintln!("noon: {} slots, runs: {states:?}", books.slots());
}

fn is_long(run: &Value) -> bool {
    run["job"].as_str().is_some_and(|job| job.starts_with("long-"))
}

impl Long {
    fn id_is_inline(&self, node: &Node) -> bool {
        let job = node.ask_json(&["run", "show", &self.id])["job"].as_str().unwrap().to_owned();
        node.ask_json(&["job", "show", &job]).to_string().contains("inline")
    }
}
