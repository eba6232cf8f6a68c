//! What is allowed, one row for every rule.

use proptest::prelude::*;

use super::super::*;
use super::any_job::any_job;
use super::now;

/// The faults of a job that has `toml` beside its name, as one text.
fn faults(toml: &str) -> String {
    let command = if toml.contains("command") { "" } else { "command = { shell = \"true\" }\n" };
    let text = format!("name = \"a\"\n{command}{toml}");
    let jobs = read(&text, Format::Toml).map_err(|error| error.to_string()).unwrap();
    validate(&jobs[0], now()).iter().map(|fault| format!("{fault}\n")).collect()
}

#[test]
fn what_is_not_allowed_is_told_with_what_is() {
    for (toml, expected) in [
        ("schedule = '61 * * * *'", "schedule = \"61 * * * *\": minute"),
        ("schedule = '0 0 30 2 *'", "never fires"),
        ("schedule = '@at 2020-01-01T00:00:00Z'", "never fires again"),
        (
            "schedule = '0 0 1 1 *'\nvalid_until = '2026-12-01T00:00:00Z'",
            "no moment from now on while the job is valid",
        ),
        ("schedule = '0 0 1 1 *'\nvalid_from = '2199-12-31T00:00:00Z'", "no moment from now on while the job is valid"),
        ("timezone = 'Europe/Berln'", "timezone = \"Europe/Berln\": `Europe/Berln` is not an IANA time zone"),
        ("schedule = '@daily'\ntimezone = 'Mars'", "timezone = \"Mars\""),
        ("valid_from = '2027-01-01T00:00:00Z'\nvalid_until = '2027-01-01T00:00:00Z'", "later than valid_from"),
        ("timeout = '0s'", "timeout = \"0s\": it has to be longer than nothing"),
        ("start_deadline = '0s'", "start_deadline"),
        ("priority = 10", "priority = 10: it is a number from 0 to 9"),
        ("concurrency = 0", "at least 1"),
        ("overlap = 'queue'\nqueue_limit = 0", "queue_limit = 0"),
        ("limits = { memory = '1MiB' }", "limits.memory = \"1MiB\": no shell starts in less than 4MiB"),
        ("limits = { cpu = 0 }", "limits.cpu = 0.0: it is a number of processors from 0.01 to 4096"),
        ("limits = { processes = 0 }", "limits.processes = 0: it is a number from 1, the shell, to 4194304"),
        ("limits = { processes = 4194305 }", "limits.processes = 4194305"),
        ("limits = { cpu = 1 }\nisolation = 'inline'", "isolation = \"inline\": a run with limits"),
        ("limits = { cpu = 1 }\ncommand = { http = { url = 'http://a' } }", "only the processes of a shell command"),
        ("misfire = { policy = 'all', max = 0 }", "misfire.max = 0"),
        ("misfire = { window = '0s' }", "misfire.window"),
        ("retry = { max = 1001 }", "retry.max = 1001: it is a number from 0 to 1000"),
        ("retry = { jitter = 1.5 }", "retry.jitter = 1.5"),
        ("retry = { jitter = -0.1 }", "retry.jitter"),
        ("retry = { delay = '1h' }", "longer than max_delay, which is 10m"),
        ("retry = { max = 1, on = [] }", "retry.on"),
        ("retry = { on = [0] }", "exit code 0 is success"),
        ("command = { shell = ' ' }", "command.shell = \" \": there is no command"),
        ("command = { shell = 'echo {{jbo}}' }", "did you mean `job`?"),
        ("command = { shell = 'echo `{{job}}`' }", "within backquotes"),
        ("command = { shell = 'a', stdin = '{{x' }", "command.stdin"),
        ("command = { shell = 'a', user = 'a b' }", "command.user"),
        ("command = { shell = 'a', cwd = '' }", "command.cwd"),
        ("command = { shell = 'a', cwd = '/{{job}}' }", "placeholders are not filled in here"),
        ("command = { shell = 'a', env = { 'A-B' = '1' } }", "command.env.A-B"),
        ("command = { shell = 'a', env = { CRONBUS_X = '1' } }", "set by cronbus"),
        ("command = { shell = 'a', env = { A = '{{y}}' } }", "command.env.A"),
        (
            "schedule = '@daily'\ncommand = { shell = 'a {{params.dya}}' }\nparams = { day = '1' }",
            "did you mean `day`?",
        ),
        ("command = { http = { url = 'ftp://a' } }", "begin with http:// or https://"),
        ("command = { http = { url = 'http:///a' } }", "and a host"),
        ("command = { http = { url = 'http://a/b c' } }", "percent-encoded"),
        ("command = { http = { url = 'http://a', method = 'GET it' } }", "command.http.method"),
        ("command = { http = { url = 'http://a', headers = { 'a b' = 'c' } } }", "name of a header field"),
        ("command = { http = { url = 'http://a', headers = { a = \"b\\nc\" } } }", "one line"),
        ("command = { http = { url = 'http://a', expect_status = [] } }", "nothing would be success"),
        ("command = { http = { url = 'http://a', connect_timeout = '0s' } }", "command.http.connect_timeout"),
        ("params = { '1' = 'a' }", "params.1"),
        ("params = { a = '{{params.b}}' }", "may use the other placeholders only"),
        ("labels = { 'a b' = 'c' }", "labels.a b"),
        ("labels = { a = \"b\\nc\" }", "labels.a"),
        ("target = { group = '' }", "target.group"),
        ("target = { labels = { '*' = 'a' } }", "target.labels.*"),
        ("alerts = ['ops', 'ops']", "alerts[1] = \"ops\": this channel is named already"),
        ("alerts = ['a b']", "alerts[0]"),
        ("description = \"a\\u0000\"", "NUL"),
    ] {
        let told = faults(toml);
        assert!(told.contains(expected), "{toml}: {told}");
        assert_eq!(told.lines().count(), 1, "{toml}: {told}");
    }
}

#[test]
fn what_is_allowed_is_not_complained_about() {
    for toml in [
        "",
        "schedule = '@reboot'\nvalid_until = '2027-01-01T00:00:00Z'",
        "schedule = 'CRON_TZ=Asia/Tokyo H 3 * * 1-5'",
        "schedule = '0 0 ? * 2#1'\ndialect = 'quartz'",
        "schedule = '@every 30s'\nvalid_from = '2030-01-01T00:00:00Z'\nvalid_until = '2030-01-01T00:00:30Z'",
        "command = { shell = 'echo \"{{params.anything}}\"' }",
        "command = { http = { url = '{{params.url}}' } }",
        "command = { http = { url = 'HTTPS://a:8080/{{ job }}?d={{due_date}}', method = 'PATCH', headers = { x-y = '{{run_id}}' } } }",
        "retry = { max = 1000, jitter = 1.0, on = ['lost', 75] }",
        "target = { labels = { zone = 'a' }, broadcast = true }\nlabels = { mailto = 'ops@example.org, x' }",
        "queue_limit = 0",
        "limits = { memory = '4MiB', cpu = 2, processes = 1 }",
        "limits = { cpu = 0.01 }\nisolation = 'shim'",
    ] {
        assert_eq!(faults(toml), "", "{toml}");
    }
}

proptest! {
    #[test]
    fn any_job_is_answered(job in any_job()) {
        let faults = validate(&job, now());
        prop_assert!(faults.iter().all(|fault| !fault.field.is_empty() && !fault.message.is_empty()));
    }
}
