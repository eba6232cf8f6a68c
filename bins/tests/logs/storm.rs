//! While something dies.

use crate::stage::Stage;
use crate::support::wait_for;

#[test]
fn what_was_printed_outlives_the_bus_and_the_host() {
    let mut stage = Stage::open();
    nothing_is_missing_after_the_bus_was_gone(&mut stage);
    what_a_dead_host_had_sent_is_read_and_the_rest_when_it_is_back(&mut stage);
}

fn nothing_is_missing_after_the_bus_was_gone(stage: &mut Stage) {
    let count = |from: u32| format!("for i in $(seq {from} {}); do echo $i; sleep 0.01; done", from + 99);
    let printed = stage.file("printed");
    let shell = format!("{}; {}; {}; touch {}", count(1), stage.until("away"), count(101), printed.display());
    let run = stage.run("red", "outage", &shell);
    let follower = stage.follow(&run);
    let mut seen = follower.sees("50");
    stage.cluster.nats.kill().unwrap();
    stage.release("away");
    wait_for("the run to print while nobody hears it", || printed.exists().then_some(()));
    stage.cluster.nats.start_again().unwrap();
    stage.wait_for_state(&run, "succeeded");
    let (rest, said) = follower.ends();
    seen.push("50".to_owned());
    seen.extend(rest);
    let all: Vec<String> = (1..=200).map(|number| number.to_string()).collect();
    assert_eq!((seen, said.as_str()), (all.clone(), ""));
    assert_eq!(stage.ask(&["run", "logs", &run]).lines().collect::<Vec<_>>(), all);
}

fn what_a_dead_host_had_sent_is_read_and_the_rest_when_it_is_back(stage: &mut Stage) {
    let shell = format!("{}; seq 1 100; {}", stage.until("heard"), stage.until("never"));
    let run = stage.run("blue", "doomed", &shell);
    stage.wait_for_state(&run, "running");
    let mut ear = stage.ear(&run);
    stage.release("heard");
    ear.wait_for("MSG");
    let follower = stage.follow(&run);
    follower.sees("100");
    stage.cluster.node("blue").unwrap().kill().unwrap();
    let all: Vec<String> = (1..=100).map(|number| number.to_string()).collect();
    let output = stage.try_ask(&["run", "logs", &run]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().collect::<Vec<_>>(), all);
    assert!(said.contains("the host blue, which does not answer"), "{said}");
    stage.wait_for_state(&run, "lost");
    let (rest, said) = follower.ends();
    assert!(rest.is_empty() && said.contains("the host blue, which does not answer"), "{rest:?} {said}");
    stage.cluster.node("blue").unwrap().launch().unwrap();
    stage.cluster.wait_for_members().unwrap();
    // It was given up meanwhile, and went on all the same: so does its log.
    stage.release("never");
    wait_for("the end of the log", || {
        let output = stage.try_ask(&["run", "logs", &run]);
        assert_eq!(String::from_utf8_lossy(&output.stdout).lines().collect::<Vec<_>>(), all);
        output.stderr.is_empty().then_some(())
    });
}
