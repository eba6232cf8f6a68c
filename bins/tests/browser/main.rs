//! The web admin in a real browser: Chromium, driven by Playwright, at the real executable.
//!
//! What people do there is written in `scripts/`, where the browser's own language is spoken; here the node is started, its
//! jobs are made, and what the scripts say is told. They look at every page for barriers, too, and keep pictures of it in
//! the target directory, for people to look at.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
#![allow(clippy::print_stdout, reason = "what was found is shown with --nocapture")]

mod theatre;

#[path = "../support/mod.rs"]
mod support;

use support::Node;
use theatre::Theatre;

/// Runs that lists and charts show before anybody comes.
const PAST: [&str; 4] = ["quick", "broken", "hostile", "broken"];

/// Somebody is to be told of what fails, and cannot be: nobody listens there.
const ALERTS: &str = "[alerts]\ngroup_wait = \"300ms\"\nlook_every = \"300ms\"\n\
                      [[alerts.rule]]\nname = \"all\"\nchannels = [\"hook\"]\n\
                      [alerts.channel.hook]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\nallow_private = true\n";

#[test]
fn people_on_duty_find_their_way() {
    let theatre = Theatre::build();
    let gates = tempfile::tempdir().unwrap();
    let node = Node::start_with(ALERTS);
    let jobs = include_str!("jobs.toml").replace("GATES", gates.path().to_str().unwrap());
    let file = gates.path().join("jobs.toml");
    std::fs::write(&file, jobs).unwrap();
    node.ask(&["apply", "-f", file.to_str().unwrap()]);
    for job in PAST {
        node.try_ask(&["job", "run", job, "--wait"]);
    }
    theatre.play(&node, gates.path());
}
