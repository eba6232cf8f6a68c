//! What is read, and what is said about what is not.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::super::*;
use super::{job, now};
use crate::job::{Command, Overlap};

#[expect(clippy::needless_pass_by_value, reason = "as expect-test is written")]
fn check(text: &str, format: Format, expected: Expect) {
    let answer = match read_valid(text, format, now()) {
        Ok(jobs) => jobs.iter().map(|job| format!("{job:?}\n")).collect(),
        Err(error) => format!("{error}\n"),
    };
    expected.assert_eq(&answer);
}

#[test]
fn the_same_job_in_three_languages() {
    let mut expected = job("backup");
    expected.schedule = Some("0 3 * * *".to_owned());
    expected.overlap = Overlap::Replace;
    expected.valid_from = Some("2026-12-01T00:00:00Z".parse().unwrap());
    for (text, format) in [
        (
            "[[job]]\nname = \"backup\"\nschedule = \"0 3 * * *\"\ncommand = { shell = \"true\" }\noverlap = 2\n\
             valid_from = 2026-12-01T08:00:00+08:00",
            Format::Toml,
        ),
        (
            "name = \"backup\"\nschedule = \"0 3 * * *\"\ncommand.shell = \"true\"\noverlap = \"replace\"\nvalid_from = \"2026-12-01T00:00:00Z\"",
            Format::Toml,
        ),
        (
            "job:\n- name: backup\n  schedule: 0 3 * * *\n  command:\n    shell: 'true'\n  overlap: replace\n  valid_from: 2026-12-01T00:00:00Z",
            Format::Yaml,
        ),
        (
            "- {name: backup, schedule: '0 3 * * *', command: {shell: \"true\"}, overlap: 2, valid_from: '2026-12-01T00:00:00Z'}",
            Format::Yaml,
        ),
        (
            r#"{"job":[{"name":"backup","schedule":"0 3 * * *","command":{"shell":"true"},"overlap":2,"valid_from":"2026-12-01T00:00:00Z"}]}"#,
            Format::Json,
        ),
        (
            r#"[{"name":"backup","schedule":"0 3 * * *","command":{"shell":"true"},"overlap":"2","valid_from":"2026-12-01T00:00:00Z"}]"#,
            Format::Json,
        ),
    ] {
        assert_eq!(read_valid(text, format, now()), Ok(vec![expected.clone()]), "{text}");
        assert_eq!(Format::of("-", text), format, "{text}");
    }
}

#[test]
fn every_fault_is_told_with_its_place() {
    let text = "[[job]]
name = \"good\"
command = { shell = \"true\" }

[[job]]
name = \"bad\"
shedule = \"0 3 * * *\"
timeout = \"5x\"
overlap = \"skipp\"
routing = \"rondom\"
priority = \"high\"
[job.command]
shel = \"true\"
[job.command.env]
A = 1
[job.retry]
delay = 5
max = 3
on = [\"failed\", \"lots\"]

[[job]]
schedule = 5
timezone = \"Europe/Berlin\"

[[job]]
name = \"7\"
command = { http = { url = \"http://a\", expect_status = [200, 1000] } }
target = { group = \"a\", node = \"b\" }
";
    check(
        text,
        Format::Toml,
        expect![[r#"
            line 7: job[1].shedule (`bad`) = "0 3 * * *": there is no such key in a job; did you mean `schedule`? (there are name, description, schedule, dialect, timezone, dst, valid_from, valid_until, command, target, routing, timeout, on_timeout, kill_grace, isolation, limits, overlap, queue_limit, misfire, retry, start_deadline, priority, concurrency, log, enabled, params, labels, alerts)
            line 8: job[1].timeout (`bad`) = "5x": `5x` is not a duration: write numbers with the units w, d, h, m, s, ms, like 250ms, 30s, 1h30m or 7d
            line 9: job[1].overlap (`bad`) = "skipp": `skipp` is none of skip, replace, healthy, allow and queue; did you mean `skip`?
            line 10: job[1].routing (`bad`) = "rondom": `rondom` is none of round_robin, least_loaded, random, hash and failover; did you mean `random`?
            line 11: job[1].priority (`bad`) = "high": write a whole number from 0 to 255
            line 13: job[1].command.shel (`bad`) = "true": there is no such key in `command`; did you mean `shell`? (there are shell, stdin, user, cwd, env, http, noop)
            line 15: job[1].command.env.A (`bad`) = 1: write a text, in quotes
            line 17: job[1].retry.delay (`bad`) = 5: `5` has no unit after a number: write it like `5s` (or with ms, m, h, d, w)
            line 19: job[1].retry.on[1] (`bad`) = "lots": it is no ending that can be tried again: write failed, timed_out, lost, or an exit code up to 255
            line 21: job[2].name: a job needs a name: write `name = "…"`, unique over all jobs
            line 21: job[2].command: a job needs a command: write `command = { shell = "…" }` or `command = { http = { url = "…" } }`
            line 22: job[2].schedule = 5: write a text, in quotes
            line 26: job[3].name (`7`) = "7": `7` cannot name a job: use 1 to 128 letters, digits, `-`, `_`, `.` or `/`, starting with a letter or digit
            line 27: job[3].command.http.expect_status[1] (`7`) = 1000: write a code or a range within 100 to 599, like 204 or "200-299"
            line 28: job[3].target (`7`) = {"group":"a","node":"b"}: write one of `node`, `group` and `labels`, not several
        "#]],
    );
}

#[test]
fn what_is_of_another_kind_is_told_how_it_is_written() {
    let text = "\
[[job]]
name = \"a\"
command = \"ls\"
misfire = \"never\"
params = \"x\"
alerts = \"ops\"
enabled = \"maybe\"
dialect = \"cron\"
schedule = \"@every '5 minutes'\"

[foo]
x = 1
";
    let (jobs, stray) = text.split_once("[foo]").unwrap();
    check(
        jobs,
        Format::Toml,
        expect![[r#"
            line 3: job[0].command (`a`) = "ls": write { shell = "…" }, { http = { url = "…" } } or { noop = true }
            line 4: job[0].misfire (`a`) = "never": write a table, like { policy = "latest" }
            line 5: job[0].params (`a`) = "x": write a table, like { day = "{{due_date}}" }
            line 6: job[0].alerts (`a`) = "ops": write a list, like ["…"]
            line 7: job[0].enabled (`a`) = "maybe": write true or false
            line 8: job[0].dialect (`a`) = "cron": `cron` is none of unix and quartz
        "#]],
    );
    check(
        &format!("{jobs}[foo]{stray}"),
        Format::Toml,
        expect![[r#"
            line 11: foo: beside the list `job` a document has nothing else
        "#]],
    );
}

#[test]
fn yaml_faults_have_lines_too() {
    check(
        "job:\n  - name: a\n    command: {shell: x}\n  - name: a\n    command:\n      shell: x\n    retry:\n      max: 3\n      jitter: 2\n",
        Format::Yaml,
        expect![[r#"
            line 4: job[1].name (`a`) = "a": another job of the document, job[0], has this name; names are unique
        "#]],
    );
    check(
        "job:\n  - name: a\n    timeout: 5x\n    command: {noop: true}\n",
        Format::Yaml,
        expect![[r#"
        line 3: job[0].timeout (`a`) = "5x": `5x` is not a duration: write numbers with the units w, d, h, m, s, ms, like 250ms, 30s, 1h30m or 7d
    "#]],
    );
}

#[test]
fn documents_without_jobs_are_refused() {
    for (text, format) in [
        ("", Format::Toml),
        ("", Format::Yaml),
        ("{}", Format::Json),
        ("jobs: []", Format::Yaml),
        ("5", Format::Json),
        ("job = 5", Format::Toml),
        ("[job]\nname = \"a\"", Format::Toml),
    ] {
        let error = read(text, format).unwrap_err().to_string();
        assert!(error.contains("job"), "{text}: {error}");
    }
    assert_eq!(read("job = []", Format::Toml), Ok(Vec::new()));
    check(
        "jobs: []\nnames: {}\n",
        Format::Yaml,
        expect![[r#"
        line 1: jobs: beside the list `job` a document has nothing else; did you mean `job`?
        line 2: names: beside the list `job` a document has nothing else
    "#]],
    );
}

#[test]
fn what_is_no_language_at_all_is_told_with_its_line() {
    check(
        "[[job]]\nname = a\n",
        Format::Toml,
        expect![[r#"
        line 2: this is not TOML: string values must be quoted, expected literal string
    "#]],
    );
    check(
        "job:\n  - name: [a\n",
        Format::Yaml,
        expect![[r#"
        line 3: this is not YAML that can be used: while parsing a flow sequence, expected ',' or ']' at line 3, column 1
    "#]],
    );
    check(
        "{\n\"job\": [}\n",
        Format::Json,
        expect![[r#"
        line 2: this is not JSON: expected value at line 2 column 9
    "#]],
    );
    check(
        "{\"name\": \"a\",\n\"name\": \"b\"}",
        Format::Json,
        expect![[r#"
        line 2: this is not JSON: the key `name` is there twice; keep one at line 2 column 6
    "#]],
    );
    check(
        "name: a\nname: b\n",
        Format::Yaml,
        expect![[r#"
        line 2: this is not YAML that can be used: duplicate mapping key: name at line 2, column 1
    "#]],
    );
}

#[test]
fn a_few_lines_never_become_gigabytes() {
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let previous = format!("*a{}", level - 1);
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![previous; 10].join(","));
    }
    let deep = [("[", Format::Json), ("[", Format::Yaml), ("{a: ", Format::Yaml), ("a=[", Format::Toml)];
    assert!(read(&bomb, Format::Yaml).is_err());
    for (open, format) in deep {
        assert!(read(&open.repeat(100_000), format).is_err(), "{open}");
    }
    assert!(read(&" ".repeat(MAX_BYTES + 1), Format::Json).unwrap_err().to_string().contains("split it"));
    let many = format!("[{}{{}}]", "{},".repeat(MAX_JOBS));
    assert!(read(&many, Format::Json).unwrap_err().to_string().contains("at most 100000"));
    let faulty = read(&format!("[{}{{}}]", "{},".repeat(999)), Format::Json).unwrap_err();
    assert_eq!((faulty.problems.len(), faulty.left_out), (100, 1900));
}

#[test]
fn one_job_of_a_request_is_read_by_its_fields() {
    let read = |text: &str| definition(&serde_json::from_str(text).unwrap());
    assert_eq!(read(r#"{"name":"a","command":{"noop":true}}"#).unwrap().command, Command::Noop);
    let faults = read(r#"{"name":"a b","comand":{},"retry":{"max":-1}}"#).unwrap_err();
    let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["comand", "command", "name", "retry.max"]);
    assert!(read("[]").is_err() && read("null").is_err());
}

/// Text made of what documents are made of.
fn any_document() -> impl Strategy<Value = String> {
    let bits = [
        "[[job]]\n",
        "job:\n",
        "- ",
        "name",
        ": ",
        " = ",
        "\"a\"",
        "command",
        "{",
        "}",
        "[",
        "]",
        "\n",
        "  ",
        ",",
        "shell",
        "noop",
        "true",
        "retry",
        "max",
        "5",
        "-1",
        "1e999",
        "nan",
        "&a ",
        "*a",
        "<<: *a",
        "|\n",
        "'",
        "\"",
        "#",
        "!!binary ",
        "---\n",
        "\u{feff}",
        "\t",
        "2026-11-22",
        "~",
        "é",
        "\u{0}",
    ];
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(bits.to_vec()), 0..24).prop_map(|bits| bits.concat()),
        "\\PC{0,60}",
    ]
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any_document()) {
        for format in [Format::Toml, Format::Yaml, Format::Json, Format::of("", &text)] {
            let _ = read_valid(&text, format, now());
        }
    }
}
