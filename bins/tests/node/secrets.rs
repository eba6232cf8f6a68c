//! Secrets, from being set to being printed by a job that should not have: nowhere on the disk of the node as they are.

use std::fs;
use std::process::{Output, Stdio};

use crate::support::{Node, cronbus, holding};

const VALUE: &str = "correct-horse-battery";

fn set(node: &Node, name: &str, value: &str) -> Output {
    let file = node.data().with_extension("value");
    fs::write(&file, value).unwrap();
    let mut command = cronbus(&node.data());
    let command = command.args(["secret", "set", name]).stdin(fs::File::open(&file).unwrap());
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    fs::remove_file(file).unwrap();
    output
}

#[test]
fn a_job_is_given_its_secret_and_nobody_reads_it_afterwards() {
    let node = Node::start();
    let told = set(&node, "key", VALUE);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    // Without a line end between the pieces, the value comes in two parts; the last line proves that it arrived.
    let line = format!(
        "x={{{{secret.key}}}}; printf '%s' \"${{x%battery}}\"; sleep 0.2; echo battery; echo \"$x\" | base64; \
         echo \"$x\" >&2; test \"$x\" = {} && echo it arrived",
        "correct-'horse'-battery"
    );
    let run = node.run_shell("print", &line);
    node.wait_for_run(&run, &["succeeded"]);
    let log = node.ask(&["run", "logs", &run]);
    assert!(log.contains("••••") && log.contains("it arrived"), "{log}");
    assert!(!log.contains(VALUE), "{log}");
    let encoded = "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5";
    for words in [
        ["run", "show", &run, "--json"].as_slice(),
        &["job", "show", "print", "--json"],
        &["secret", "list", "--json"],
        &["audit", "list", "--json"],
        &["run", "logs", &run],
    ] {
        let told = node.ask(words);
        assert!(!told.contains(VALUE) && !told.contains(encoded), "{words:?}: {told}");
    }
    assert!(!node.log().contains(VALUE));
    for text in [VALUE, encoded] {
        assert_eq!(holding(&node.data(), text.as_bytes()), Vec::<String>::new(), "{text}");
    }

    assert!(set(&node, "key", "another-value").status.success());
    let run = node.ask(&["job", "run", "print"]).trim().to_owned();
    node.wait_for_run(&run, &["failed"]);
    node.ask(&["secret", "delete", "key", "--force"]);
    let run = node.ask(&["job", "run", "print"]).trim().to_owned();
    let failed = node.wait_for_run(&run, &["failed"]);
    assert!(failed["reason"].as_str().unwrap().contains("there is no secret `key` any more"), "{failed}");
}

#[test]
fn a_value_is_no_argument_and_a_job_names_what_is_there() {
    let node = Node::start();
    assert!(!node.try_ask(&["secret", "set", "key", VALUE]).status.success());
    let refused = node.try_ask(&["job", "add", "a", "--shell", "echo {{secret.key}}"]);
    assert!(!refused.status.success());
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("cronbus secret set key"), "{told}");
    assert!(!set(&node, "key", "abc").status.success(), "too short");
}
