//! Crontabs as they are found on machines, and any text at all.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::job::{Command, Definition, MisfirePolicy, Overlap};

fn read(text: &str, kind: Kind) -> Import {
    import(text, &Options { kind, timezone: "Europe/Berlin", prefix: "" })
}

/// One line for every line: what it became, and what is special about it.
fn shown(import: &Import) -> String {
    import.lines.iter().map(|line| format!("{} {}\n", line.number, shown_line(line))).collect()
}

fn shown_line(line: &Line) -> String {
    let became = match &line.became {
        Became::Job(job) => shown_job(job),
        Became::Environment => "environment".to_owned(),
        Became::Comment => "comment".to_owned(),
        Became::Blank => "blank".to_owned(),
        Became::Refused(reason) => format!("refused: {reason}"),
    };
    if line.note.is_empty() { became } else { format!("{became} ({})", line.note) }
}

fn shown_job(job: &Definition) -> String {
    let Command::Shell(shell) = &job.command else { return "?".to_owned() };
    let mut text =
        format!("{}: {} [{}] $ {}", job.name, job.schedule.as_deref().unwrap_or("-"), job.timezone, shell.line);
    if !shell.stdin.is_empty() {
        text += &format!(" < {:?}", shell.stdin);
    }
    if let Some(user) = &shell.user {
        text += &format!(" as {user}");
    }
    if let Some(cwd) = &shell.cwd {
        text += &format!(" in {cwd}");
    }
    if !shell.env.is_empty() {
        text += &format!(" with {}", shell.env.keys().cloned().collect::<Vec<_>>().join(", "));
    }
    if !job.labels.is_empty() {
        text += &format!(" labels {:?}", job.labels);
    }
    if !job.description.is_empty() {
        text += &format!(" — {:?}", job.description);
    }
    text
}

#[expect(clippy::needless_pass_by_value, reason = "as expect-test is written")]
fn check(text: &str, kind: Kind, expected: Expect) {
    expected.assert_eq(&shown(&read(text, kind)));
}

#[test]
fn debian_system_crontab() {
    let text = include_str!("../../tests/crontabs/debian-etc-crontab");
    assert_eq!(Kind::detect("-", text), Kind::System);
    check(
        text,
        Kind::System,
        expect![[r#"
            1 comment
            2 comment
            3 comment
            4 comment
            5 comment
            6 blank
            7 environment (variable of the jobs below)
            8 comment
            9 comment
            10 blank
            11 comment
            12 comment
            13 comment
            14 comment
            15 comment
            16 comment
            17 comment
            18 comment
            19 run-parts-cron-hourly: 17 * * * * [Europe/Berlin] $ cd / && run-parts --report /etc/cron.hourly as root with SHELL
            20 run-parts-cron-daily: 25 6 * * * [Europe/Berlin] $ test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; } as root with SHELL
            21 run-parts-cron-weekly: 47 6 * * 7 [Europe/Berlin] $ test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; } as root with SHELL
            22 run-parts-cron-monthly: 52 6 1 * * [Europe/Berlin] $ test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.monthly; } as root with SHELL
            23 comment
        "#]],
    );
}

#[test]
fn debian_cron_d() {
    let text = include_str!("../../tests/crontabs/debian-cron-d");
    check(
        text,
        Kind::System,
        expect![[r#"
            1 e2scrub-all-cron: 30 3 * * 0 [Europe/Berlin] $ test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron as root
            2 e2scrub-all: 10 3 * * * [Europe/Berlin] $ test -e /run/systemd/system || SERVICE_MODE=1 /sbin/e2scrub_all -A -r as root
            3 blank
            4 comment
            5 comment
            6 comment
            7 comment
            8 comment
            9 comment
            10 comment
            11 comment
            12 comment
            13 comment
            14 comment
            15 blank
            16 comment
            17 sessionclean: 09,39 * * * * [Europe/Berlin] $ [ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi as root — "Look for and purge old sessions every 30 minutes"
            18 blank
            19 comment
            20 environment (variable of the jobs below)
            21 invoke-rc-d: 30 7-23 * * * [Europe/Berlin] $ [ -x /etc/init.d/anacron ] && if [ ! -d /run/systemd/system ]; then /usr/sbin/invoke-rc.d anacron start >/dev/null; fi as root with SHELL
            22 blank
            23 comment
            24 environment (variable of the jobs below)
            25 environment (variable of the jobs below)
            26 certbot: 0 */12 * * * [Europe/Berlin] $ test -x /usr/bin/certbot -a \! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew --no-random-sleep-on-renew as root with PATH, SHELL
            27 blank
            28 comment
            29 comment
            30 checkarray: 57 0 * * 0 [Europe/Berlin] $ if [ -x /usr/share/mdadm/checkarray ] && [ $(date +%d) -le 7 ]; then /usr/share/mdadm/checkarray --cron --all --idle --quiet; fi as root with PATH, SHELL — "By default, run at 00:57 on every Sunday, but do nothing unless the day of\nthe month is less than or equal to 7."
            31 blank
            32 debian-sa1: 5-55/10 * * * * [Europe/Berlin] $ command -v debian-sa1 > /dev/null && debian-sa1 1 1 as root with PATH, SHELL
            33 munin-cron: */5 * * * * [Europe/Berlin] $ if [ -x /usr/bin/munin-cron ]; then /usr/bin/munin-cron; fi as munin with PATH, SHELL
        "#]],
    );
}

#[test]
fn a_long_mixed_user_crontab() {
    let text = include_str!("../../tests/crontabs/mixed-user");
    assert_eq!(Kind::detect("-", text), Kind::User);
    check(
        text,
        Kind::User,
        expect![[r#"
            1 comment
            2 comment
            3 comment
            4 comment
            5 comment
            6 comment
            7 environment (kept as the label `mailto`; output is kept with the run instead of mailed: name an alert channel in `alerts` to be told of failures)
            8 environment (variable of the jobs below)
            9 blank
            10 comment
            11 comment
            12 comment
            13 comment
            14 backup-sh: 30 2 * * * [Europe/Berlin] $ /home/ann/bin/backup.sh --keep 7 > "$HOME/log/backup-$(date +%F).log" 2>&1 with MAILTO, PATH labels {"mailto": "ops@example.org"} — "Nightly backup of the shop's database,\nkept for a week"
            15 blank
            16 tunnel-sh: @reboot [Europe/Berlin] $ sleep 30 && /home/ann/bin/tunnel.sh with MAILTO, PATH labels {"mailto": "ops@example.org"} (runs once when a node starts)
            17 rails: @hourly [Europe/Berlin] $ cd /srv/app && bin/rails runner 'Cart.sweep' with MAILTO, PATH labels {"mailto": "ops@example.org"}
            18 cron-php: */10 8-18 * * MON-FRI [Europe/Berlin] $ php -q /srv/shop/cron.php >/dev/null with MAILTO, PATH labels {"mailto": "ops@example.org"}
            19 mail: 0 9 1,15 * * [Europe/Berlin] $ mail -s "Reports are due" ann < "Dear Ann,\n\nplease send the reports.\n" with MAILTO, PATH labels {"mailto": "ops@example.org"}
            20 comment
            21 docker: 15 4 * * sun [Europe/Berlin] $ docker ps --format '{{{{.Names}}' | xargs -r docker restart with MAILTO, PATH labels {"mailto": "ops@example.org"}
            22 blank
            23 environment (variable of the jobs below, whose commands run in /bin/bash)
            24 environment (variable of the jobs below, and their working directory)
            25 environment (rules below are read in America/New_York)
            26 comment
            27 etl-py: 5 16 * * 1-5 [America/New_York] $ source venv/bin/activate && python3 etl.py --day "$(date +'%Y-%m-%d')" |& tee -a etl.log in /srv/etl with HOME, MAILTO, PATH, SHELL labels {"mailto": "ops@example.org"} — "after Wall Street closes"
            28 backup-sh-2: @weekly [America/New_York] $ /home/ann/bin/backup.sh --full in /srv/etl with HOME, MAILTO, PATH, SHELL labels {"mailto": "ops@example.org"}
            29 environment (nobody gets mail, as here; output is kept with the run)
            30 environment (LOGNAME is not taken over: as with cron it follows from the user who runs the job)
            31 environment (variable of the jobs below; as with cron it does not move their rules (CRON_TZ does))
            32 echo: 0 0 1 jan * [America/New_York] $ echo 'Happy new year' in /srv/etl with HOME, MAILTO, PATH, SHELL, TZ
            33 refused: schedule: hour `25`: `25` is not 0-23, a range a-b, a step */n, * or H
        "#]],
    );
}

#[test]
fn odd_lines() {
    let text = "\u{feff}* * * * * a\r\n\t \r\n@REBOOT b\r\n-5 4 * * * c\r\n@fortnightly d\r\n0 0 30 2 * e\r\nnonsense\r\n\
                CRON_TZ=Mars/Base\r\n1 1 1 1 1 f\r\nCRON_TZ=\r\n1 1 1 1 1 g\u{fffd}\r\n61 * * * * h\r\n* * * * * i\0\r\n\
                @every_minute j\r\n* * * * * %";
    check(
        text,
        Kind::User,
        expect![[r#"
            1 a: * * * * * [Europe/Berlin] $ a
            2 blank
            3 b: @reboot [Europe/Berlin] $ b (runs once when a node starts)
            4 c: 5 4 * * * [Europe/Berlin] $ c (the `-` before the rule, which keeps cron from logging it, is left out)
            5 refused: schedule: `@fortnightly` is not a known name: write one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @reboot, `@every 5m` or `@at 2026-12-01T08:00:00Z`
            6 refused: schedule: `0 0 30 2 *` never fires: no moment from 1970 to 2199 matches; check the day against the month and the year (only leap years have a February 29)
            7 refused: it is neither `NAME = value` nor an entry: five fields or a name like @daily, then a command
            8 refused: `Mars/Base` is not an IANA time zone: the entries below would run at other times
            9 refused: CRON_TZ above is `Mars/Base`, which is not an IANA time zone
            10 environment (rules below are read in the machine's time zone)
            11 g: 1 1 1 1 1 [Europe/Berlin] $ g�
            12 refused: schedule: minute `61`: `61` is not 0-59, a range a-b, a step */n, * or H
            13 refused: it contains a NUL character, which no command can carry
            14 j: * * * * * [Europe/Berlin] $ j
            15 refused: command.shell: there is no command in it
        "#]],
    );
}

#[test]
fn a_user_that_cannot_be_one_is_refused() {
    check(
        "1 * * * * /bin/x y\n1 * * * * app$ y\n",
        Kind::System,
        expect![[r#"
             1 refused: the user before the command: it cannot be a user: write a name or a number, or leave it out
             2 y-2: 1 * * * * [Europe/Berlin] $ y as app$
        "#]],
    );
}

#[test]
fn what_is_too_long_or_too_much_is_refused_alone() {
    let text = format!("* * * * * {}\n* * * * * b\n", "a".repeat(70_000));
    let imported = read(&text, Kind::User);
    assert_eq!((imported.jobs().count(), imported.refused().count()), (1, 1));
    let many = read(&"* * * * * a\n".repeat(10_010), Kind::User);
    assert_eq!((many.jobs().count(), many.refused().count()), (10_000, 10));
}

#[test]
fn jobs_behave_as_under_cron() {
    let imported = read("0 3 * * * a", Kind::User);
    let job = imported.jobs().next().unwrap();
    assert_eq!((job.overlap, job.misfire.policy, job.timeout), (Overlap::Allow, MisfirePolicy::Skip, None));
    assert!(job.enabled && job.retry.max == 0);
}

/// A line made of what crontabs are made of, and of what they are not.
fn any_line() -> impl Strategy<Value = String> {
    let bits = [
        "*",
        "*/5",
        " ",
        "\t",
        "0",
        "59",
        "-",
        "@daily",
        "@reboot",
        "root",
        "a.sh",
        "%",
        "\\%",
        "{{",
        "}}",
        "#",
        "=",
        "A=",
        "'",
        "\"",
        "MAILTO=",
        "CRON_TZ=",
        "SHELL=/bin/bash",
        "UTC",
        "\r",
        "\u{0}",
        "é",
        "1-5",
        "mon",
        "\\",
    ];
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(bits.to_vec()), 0..16).prop_map(|bits| bits.concat()),
        "\\PC{0,60}",
    ]
}

proptest! {
    #[test]
    fn every_line_of_any_text_has_one_answer(lines in proptest::collection::vec(any_line(), 0..12), system: bool) {
        let text = lines.join("\n");
        let kind = if system { Kind::System } else { Kind::User };
        let imported = read(&text, kind);
        prop_assert_eq!(imported.lines.len(), text.lines().count());
        prop_assert!(imported.lines.iter().zip(1..).all(|(line, number)| line.number == number));
        let mut names: Vec<_> = imported.jobs().map(|job| job.name.clone()).collect();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), imported.jobs().count());
        let now = crate::time::Timestamp::from_seconds(1_800_000_000);
        prop_assert!(imported.jobs().all(|job| crate::document::validate(job, now).is_empty()));
        prop_assert_eq!(&imported, &read(&text, kind));
    }

    #[test]
    fn arbitrary_text_is_answered(text in any::<String>()) {
        let imported = read(&text, Kind::detect("", &text));
        prop_assert!(imported.lines.len() <= text.len());
    }

    #[test]
    fn a_valid_entry_is_kept_exactly(
        minute in 0..60, hour in 0..24, day in 1..29, command in "[a-z/]{1,8}( [a-z0-9{}$'\"<>|;&().=-]{1,12}){0,4}",
        blank in "[ \t]{1,3}", user in "[a-z_][a-z0-9_-]{0,8}",
    ) {
        let text = format!("{minute}{blank}{hour} {day}{blank}* *{blank}{user}{blank}{command}");
        let imported = read(&text, Kind::System);
        let job = imported.jobs().next().unwrap();
        let expected = format!("{minute} {hour} {day} * *");
        prop_assert_eq!(job.schedule.as_deref(), Some(expected.as_str()));
        let Command::Shell(shell) = &job.command else { panic!("not a command") };
        prop_assert_eq!(shell.user.as_deref(), Some(user.as_str()));
        prop_assert_eq!(&shell.line.replace("{{{{", "{{"), &command);
        prop_assert!(crate::template::params_used(&shell.line).unwrap().is_empty());
    }
}
