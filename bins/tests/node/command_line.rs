//! What a person does with the commands.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use crate::support::{Node, cronbus, wait_for};

#[test]
fn a_job_is_added_run_watched_changed_and_deleted() {
    let node = Node::start();
    node.ask(&[
        "job",
        "add",
        "count/up",
        "--shell",
        "for i in 1 2 3; do echo $i; done",
        "--param",
        "a=x",
        "-s",
        "0 3 * * *",
    ]);
    let run = node.ask(&["job", "run", "count/up", "--param", "a=b", "--wait"]).trim().to_owned();
    assert_eq!(node.ask(&["run", "logs", "-f", &run]), "1\n2\n3\n");
    assert_eq!(node.ask(&["run", "logs", &run]), "1\n2\n3\n");

    let runs = node.ask_json(&["run", "list", "--job", "count/up"]);
    assert_eq!(
        (&runs[0]["id"], &runs[0]["state"], &runs[0]["code"]),
        (&json!(run), &json!("succeeded"), &json!(10001))
    );
    assert_eq!((&runs[0]["job"], &runs[0]["trigger"]), (&json!("count/up"), &json!("manual")));
    assert_eq!(node.ask_json(&["job", "history", "count/up", "--state", "failed"]), json!([]));

    node.ask(&["job", "edit", "count/up", "--set", "priority=9", "--set", "timezone=Asia/Shanghai"]);
    let job = node.ask_json(&["job", "show", "count/up"]);
    assert_eq!((&job["revision"], &job["priority"], &job["timezone"]), (&json!(2), &json!(9), &json!("Asia/Shanghai")));
    let next = node.ask_json(&["job", "next", "count/up", "-n", "2"]);
    assert!(next["next"][1].as_str().unwrap().ends_with("T03:00:00+08:00"), "{next}");

    node.ask(&["job", "pause", "count/up", "--note", "holiday"]);
    assert!(node.ask(&["job", "list"]).contains("paused"));
    node.ask(&["job", "resume", "count/up"]);
    node.ask(&["job", "rm", "count/up"]);
    assert_eq!(node.ask_json(&["job", "list"]), json!([]));
    assert_eq!(node.ask_json(&["run", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(node.ask_json(&["nodes", "list"])[0]["name"], "test");
}

#[test]
fn a_rule_fires_and_what_fails_says_why() {
    let node = Node::start();
    node.ask(&["job", "add", "tick", "--shell", "echo no >&2; exit 7", "-s", "* * * * * *"]);
    let run = wait_for("two scheduled runs", || {
        let runs = node.ask_json(&["run", "list", "--job", "tick", "--state", "failed"]);
        (runs.as_array().unwrap().len() >= 2).then(|| runs[0].clone())
    });
    assert_eq!((&run["trigger"], &run["exit_code"], &run["code"]), (&json!("schedule"), &json!(7), &json!(10002)));
    let logs = node.try_ask(&["run", "logs", run["id"].as_str().unwrap()]);
    assert_eq!((logs.stdout.as_slice(), logs.stderr.as_slice()), (&b""[..], &b"no\n"[..]));
    let waited = node.try_ask(&["job", "run", "tick", "--wait"]);
    assert_eq!(waited.status.code(), Some(1));
}

#[test]
fn a_run_is_killed() {
    let node = Node::start();
    let run = node.run_shell("long", "sleep 1000");
    node.wait_for_run(&run, &["running"]);
    node.ask(&["run", "kill", &run]);
    assert_eq!(node.wait_for_run(&run, &["killed", "failed", "succeeded"])["state"], "killed");
    assert!(node.ask(&["run", "kill", &run]).contains("over already"));
}

#[test]
fn the_same_key_gives_the_same_run() {
    let node = Node::start();
    node.ask(&["job", "add", "once", "--noop"]);
    let run = || node.ask(&["job", "run", "once", "--idempotency-key", "k"]);
    assert_eq!(run(), run());
    assert_eq!(node.ask_json(&["run", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn what_stands_in_the_way_is_told_in_words_of_the_command_line() {
    let node = Node::start();
    node.ask(&["job", "add", "report", "--shell", "echo {{params.day}}"]);
    node.ask(&["job", "add", "other", "--noop"]);
    let run = node.ask(&["job", "run", "other", "--idempotency-key", "k"]).trim().to_owned();
    for (words, says) in [
        (&["job", "run", "report", "--param", "dya=1"][..], "did you mean `day`?"),
        (&["job", "run", "report", "--idempotency-key", "k"], run.as_str()),
        (&["job", "show", "nobody"], "`cronbus job list`"),
        (&["run", "show", "01935e9d-0000-8000-8000-000000000000"], "`cronbus run list`"),
        (&["nodes", "drain", "nobody"], "`cronbus nodes list`"),
    ] {
        let output = node.try_ask(words);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {told}");
        assert!(told.contains(says) && !told.contains("/api/"), "{words:?}: {told}");
    }

    let added = node.try_ask(&["job", "add", "far", "--noop", "--target", "group=php"]);
    assert!(String::from_utf8_lossy(&added.stderr).contains("group `php`"));
    assert!(node.ask(&["job", "list"]).contains("no node"));
    let asked = node.try_ask(&["job", "run", "far"]);
    let far = String::from_utf8(asked.stdout).unwrap().trim().to_owned();
    assert!(String::from_utf8_lossy(&asked.stderr).contains("it is not among the job's target"));
    assert!(node.ask(&["run", "show", &far]).contains("it is not among the job's target"));
    assert!(node.ask(&["run", "list"]).contains("waits: "));
    node.ask(&["run", "kill", &far]);

    let deleted = node.ask(&["job", "rm", "other"]);
    assert!(deleted.contains("`cronbus job history 2`"), "{deleted}");
    for job in ["other", "2"] {
        assert_eq!(node.ask_json(&["job", "history", job])[0]["id"], json!(run), "{job}");
    }
}

#[test]
fn output_is_told_once_it_is_known() {
    let node = Node::start();
    let run = node.run_shell("long", "echo hello; sleep 1000");
    node.wait_for_run(&run, &["running"]);
    assert_eq!(node.ask_json(&["run", "show", &run])["output"], json!(null));
    assert!(!node.ask(&["run", "show", &run]).contains("bytes"));
    node.ask(&["run", "kill", &run]);
    let killed = node.wait_for_run(&run, &["killed"]);
    assert_eq!(killed["output"]["bytes"], 6, "{killed}");
}

#[test]
fn a_crontab_is_imported_again_without_a_change_and_exported_whole() {
    let node = Node::start();
    let crontab = "# cleans up\n*/5 * * * * true\nnonsense\n@daily echo hi % there\n";
    let import = || {
        let mut child = cronbus(&node.data())
            .args(["import", "crontab", "-", "--timezone", "Europe/Berlin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(crontab.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let first = import();
    let told = String::from_utf8(first.stdout).unwrap();
    assert!(told.contains("refused") && told.contains("2 added"), "{told}");
    assert_eq!(first.status.code(), Some(1), "a line was refused, and whoever asks has to know");
    assert!(String::from_utf8(import().stdout).unwrap().contains("nothing to do"));

    let exported = node.data().join("jobs.toml");
    std::fs::write(&exported, node.ask(&["export"])).unwrap();
    let file = exported.to_str().unwrap();
    assert!(node.ask(&["apply", "-f", file, "--prune", "--dry-run"]).contains("nothing to do"));
    std::fs::write(&exported, "[[job]]\nname = \"only\"\ncommand = { noop = true }\n").unwrap();
    let plan = node.ask(&["apply", "-f", file, "--prune"]);
    assert!(plan.contains("+ only") && plan.contains("1 added, 0 changed, 2 deleted"), "{plan}");
}

#[test]
fn exit_codes_and_messages_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for (words, code, says) in [
        (&["job", "list", "--server", "http://127.0.0.1:1"][..], 1, "start one with `cronbus node`"),
        (&["cron", "explain", "61 * * * *"], 2, "schedule"),
        (&["cron", "explain", "@daily", "--tz", "Mars/One"], 2, "timezone"),
        (&["job", "frobnicate"], 2, "frobnicate"),
        (&["job", "add", "x"], 2, "--shell"),
        (&["config", "check", "/does/not/exist"], 1, "/does/not/exist"),
        (&["node", "--roles", "painter"], 2, "scheduler"),
    ] {
        let output = cronbus(folder.path()).args(words).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {told}");
        assert!(told.contains(says), "{words:?}: {told}");
    }
    for words in [&["--help"][..], &["completions", "bash"], &["config", "print"], &["cron", "explain", "0 9 * * 1-5"]]
    {
        let output = cronbus(folder.path()).args(words).output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "{words:?}");
    }
}
