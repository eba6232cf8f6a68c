//! Values in their places: the table of names, and the shell itself as the judge of quoting.

use std::process::{Command as Process, Stdio};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::id::{Attempt, JobId, Shard, Slot};
use crate::job::{Command, Definition, Job, JobName, Params};
use crate::time::Timestamp;
use crate::wire::Assignment;

pub(super) fn params(pairs: &[(&str, &str)]) -> Params {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(super) fn assignment(own: Params, given: Params) -> Assignment {
    let due_at: Timestamp = "2026-11-22T20:30:00.250Z".parse().unwrap();
    let name = JobName::new("nightly/report").unwrap();
    let definition =
        Definition { timezone: "Asia/Shanghai".to_owned(), params: own, ..Definition::new(name, Command::Noop) };
    Assignment {
        run: Slot::new(JobId(7), due_at).run_id(Attempt(2)),
        handover: crate::wire::Handover::default(),
        job: Arc::new(Job::added(JobId(7), Arc::new(definition), "ann", due_at)),
        due_at,
        attempt: Attempt(2),
        shard: Shard(2),
        shards: 3,
        params: Some(Arc::new(given)),
        start_by: None,
        not_before: None,
        on_leave: false,
        secrets: None,
    }
}

#[test]
fn every_placeholder_has_its_value() {
    let own = params(&[("day", "{{due_date}}"), ("of", "{{job}}!"), ("lost", "own"), ("brace", "{{{{x}}")]);
    let assignment = assignment(own, params(&[("lost", "given"), ("raw", "{{job}}")]));
    let values = Values::of(&assignment);
    for (text, expected) in [
        ("{{due_date}}", "2026-11-23"),
        ("{{due_at}}", "2026-11-22T20:30:00.250Z"),
        ("{{run_id}}", &assignment.run.to_string()),
        ("{{attempt}}|{{ shard_index }}/{{shard_total}}", "2|1/3"),
        ("{{job}}", "nightly/report"),
        ("{{params.day}}", "2026-11-23"),
        ("{{params.of}}", "nightly/report!"),
        ("{{params.lost}}", "given"),
        ("{{params.raw}}", "{{job}}"),
        ("{{params.brace}}", "{{x}}"),
        ("a {{{{ b", "a {{ b"),
    ] {
        assert_eq!(render_plain(text, &values).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_filled_in_says_why() {
    let own = params(&[("loop", "{{params.loop}}"), ("wrong", "{{jobs}}"), ("nul", "a\0b")]);
    let mut assignment = assignment(own, params(&[("long", &"x".repeat(MAX_RENDERED))]));
    for (text, advice) in [
        ("{{params.absent}}", "add `absent` to the job's params"),
        ("{{params.loop}}", "may use the other placeholders only"),
        ("{{params.wrong}}", "did you mean `job`?"),
        ("{{params.nul}}", "NUL"),
        ("a\0", "NUL"),
        ("{{params.long}}.", "longer than 1048576 bytes"),
    ] {
        let values = Values::of(&assignment);
        let error = render_plain(text, &values).unwrap_err().to_string();
        assert!(error.contains(advice), "{text}: {error}");
        assert_eq!(render_shell(text, &values).unwrap_err().to_string(), error);
    }
    let job = Arc::make_mut(&mut assignment.job);
    Arc::make_mut(&mut job.definition).timezone = "Mars/Base".to_owned();
    let error = render_plain("{{due_date}}", &Values::of(&assignment)).unwrap_err().to_string();
    let job = Arc::make_mut(&mut assignment.job);
    Arc::make_mut(&mut job.definition).schedule = Some("CRON_TZ=Asia/Tokyo @daily".to_owned());
    assert_eq!(render_plain("{{due_date}}", &Values::of(&assignment)).as_deref(), Ok("2026-11-23"));
    assert!(error.contains("`Mars/Base`"), "{error}");
}

#[test]
fn the_quoting_around_a_placeholder_decides_how_it_is_quoted() {
    let assignment = assignment(params(&[("x", "it's")]), Params::new());
    let values = Values::of(&assignment);
    let quoted = r"'it'\''s'";
    for (text, expected) in [
        ("echo {{params.x}}", format!("echo {quoted}")),
        ("a{{params.x}}b", format!("a{quoted}b")),
        ("echo 'a {{params.x}} b'", r"echo 'a it'\''s b'".to_owned()),
        ("echo \"a {{params.x}} b\"", format!("echo \"a \"{quoted}\" b\"")),
        ("echo \"$HOME/$${{params.x}}\"", format!("echo \"$HOME/$$\"{quoted}\"\"")),
        ("echo \"\\\"{{params.x}}\"", format!("echo \"\\\"\"{quoted}\"\"")),
        ("echo \"$(date -d {{params.x}})\" {{params.x}}", format!("echo \"$(date -d {quoted})\" {quoted}")),
        ("x=${y:-z} $((1+(2))) {{params.x}}", format!("x=${{y:-z}} $((1+(2))) {quoted}")),
        ("a # don't\necho {{params.x}}", format!("a # don't\necho {quoted}")),
        ("a#don\\'t {{params.x}}", format!("a#don\\'t {quoted}")),
        ("case $a in b) echo {{params.x}};; esac", format!("case $a in b) echo {quoted};; esac")),
        ("echo `date` {{params.x}}", format!("echo `date` {quoted}")),
        ("(cd /; (a); echo {{params.x}}) < f", format!("(cd /; (a); echo {quoted}) < f")),
    ] {
        assert_eq!(render_shell(text, &values), Ok(expected), "{text}");
    }
}

#[test]
fn where_no_quoting_is_safe_a_placeholder_is_refused() {
    for (text, place) in [
        ("echo \\{{job}}", "right after a backslash"),
        ("echo \"\\{{job}}\"", "right after a backslash"),
        ("echo ${{job}}", "right after a `$`"),
        ("echo ${{{job}}}", "within `${…}`"),
        ("echo \"${x:-{{job}}}\"", "within `${…}`"),
        ("echo $((1 + {{attempt}}))", "in arithmetic"),
        ("((x = {{attempt}}))", "in arithmetic"),
        ("echo `ls {{job}}`", "within backquotes"),
        ("ls # {{job}}", "in a comment"),
        ("cat <<EOF\n{{job}}\nEOF\n", "here-document"),
        ("cat <<{{job}}", "here-document"),
        ("echo $'a\\'b' {{job}}", "after a `$'…'`"),
        ("echo \"${x#'a'}\" {{job}}", "after a quote within `${…}`"),
        ("echo \"$(case a in a) ls {{job}};; esac)\"", "after a `case`"),
        ("echo $\\\n(ls) {{job}}", "after an operator"),
    ] {
        let error = check_shell(text).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains("set a variable first"), "{text}: {error}");
    }
    let deep = format!("{}{{{{job}}}}", "$(".repeat(40));
    assert!(check_shell(&deep).unwrap_err().to_string().contains("too deep"));
}

/// What a real shell prints.
fn shell_prints(shell: &str, line: &str) -> String {
    let run = Process::new(shell).arg("-c").arg(line).stdin(Stdio::null()).stderr(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// Prints a mark only if it is executed, whatever it has to break out of.
const INJECTIONS: [&str; 8] = [
    "\nprintf %s%s MA RK\n",
    "'\nprintf %s%s MA RK\n'",
    "\"\nprintf %s%s MA RK\n\"",
    "$(printf %s%s MA RK)`printf %s%s MA RK`",
    "')\"}\nprintf %s%s MA RK\n#",
    "\\'; printf %s%s MA RK; #",
    ")); printf %s%s MA RK; ((",
    "EOF\nprintf %s%s MA RK\n",
];

/// Bits of shell that change how what follows is read.
fn shell_text() -> impl Strategy<Value = String> {
    let bits = [
        "'", "\"", "\\", "`", "$", "$(", ")", "(", "((", "))", "{", "}", "${", "#", " # ", "\n", " ", ";", "<<", "<<E",
        "E\n", "case ", " in ", "esac", "a", "x", "1", "=", "$((", "&", "|", "[", "]", "!", ":", "-", "echo ",
    ];
    proptest::collection::vec(proptest::sample::select(bits.to_vec()), 0..9).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_value_arrives_in_the_program_as_it_is(value in "([^\\x00]|['\"\\\\$`!\n ]){0,24}") {
        let assignment = assignment(Params::new(), params(&[("x", &value)]));
        let values = Values::of(&assignment);
        let places = [("{{params.x}}", ""), ("'{{params.x}}'", ""), ("\"{{params.x}}\"", ""), ("\"$(printf %s. {{params.x}})\"", ".")];
        for (text, end) in places {
            let line = render_shell(&format!("printf %s {text}"), &values).unwrap();
            prop_assert_eq!(shell_prints("sh", &line), format!("{value}{end}"), "{}", line);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_value_breaks_out_of_any_text(before in shell_text(), after in shell_text(), pick in 0..INJECTIONS.len()) {
        let assignment = assignment(Params::new(), params(&[("x", INJECTIONS[pick])]));
        let Ok(line) = render_shell(&format!("{before}{{{{params.x}}}}{after}"), &Values::of(&assignment)) else {
            return Ok(());
        };
        prop_assert!(!shell_prints("sh", &line).contains("MARK"), "{}", line);
    }
}
