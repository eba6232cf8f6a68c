//! Sources over each other, and what they are told when they are wrong.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn sources(file: (&str, &str), variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Sources {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let (name, text) = file;
    let file = Some(SourceFile { name: name.to_owned(), text: text.to_owned() });
    Sources { file, variables: pairs(variables), flags: pairs(flags), host: vec!["10.0.0.2".to_owned()] }
}

fn check_errors(sources: &Sources, expected: &Expect) {
    let errors = Config::load(sources).expect_err("should be refused");
    expected.assert_eq(&errors.iter().map(|error| format!("{error}\n")).collect::<String>());
}

#[test]
fn without_any_source_it_is_the_default() {
    let loaded = Config::load(&Sources::default()).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert!(loaded.provenance.iter().all(|entry| entry.origin == Origin::Default));
    assert_eq!(loaded.provenance[0].key, "node.name");
}

#[test]
fn each_source_overrides_the_ones_before_and_is_named() {
    let loaded = Config::load(&sources(
        ("/etc/cronbus.toml", "[web]\nlisten = \"a:1\"\nmax_body = \"1MiB\"\n\n[node.labels]\ndisk = \"ssd\"\n[log]\n"),
        &[("CRONBUS_WEB__LISTEN", "b:2"), ("CRONBUS_EXECUTOR__SLOTS", "7"), ("CRONBUS_TOKEN", "x"), ("PATH", "y")],
        &[("web.listen", "c:3"), ("node.groups", "php, cron"), ("node.roles", "executor,dispatcher,scheduler")],
    ))
    .unwrap();
    assert_eq!(loaded.config.executor.slots, 7);
    let changed = loaded.provenance.iter().filter(|entry| entry.origin != Origin::Default);
    expect![[r#"
        node.roles = ["executor", "dispatcher", "scheduler"]  # flag
        node.groups = ["php", "cron"]  # flag
        node.labels = { "disk" = "ssd" }  # from file /etc/cronbus.toml, line 5
        web.listen = "c:3"  # flag
        web.max_body = "1MiB"  # from file /etc/cronbus.toml, line 3
        executor.slots = 7  # variable CRONBUS_EXECUTOR__SLOTS
    "#]]
    .assert_eq(&changed.map(|entry| format!("{entry}\n")).collect::<String>());
}

#[test]
fn all_faults_are_told_at_once_each_with_its_place() {
    check_errors(
        &sources(
            (
                "cronbus.toml",
                "stray = 1\n[web]\nlistne = \"a:1\"\nmax_body = 5\n[webb]\nlisten = \"a:1\"\n[executor]\n\
                 orphans = \"adopt\"\nkill_grace = 10\nslots = -1\nqueue = 0\n[monitr]\n[nothing.like.it]\nx = 1\n",
            ),
            &[
                ("CRONBUS_LOG__LEVEL", "loud"),
                ("CRONBUS_DATABASE__POOL", "many"),
                ("CRONBUS_WEB_LISTEN", "a:1"),
                ("CRONBUS_LOG__COLOUR", "red"),
            ],
            &[("node.labels", "disk"), ("node.roles", "chef"), ("node.name", "a b"), ("listen", "a:1")],
        ),
        &expect![[r#"
            there is no key `stray` (from file cronbus.toml, line 1)
            there is no key `web.listne`: did you mean `web.listen`? (from file cronbus.toml, line 3)
            `web.max_body` cannot be 5: `5` has no unit: write `5B`, or a number of KiB, MiB, GiB or TiB (from file cronbus.toml, line 4)
            there is no key `webb.listen`: did you mean `web.listen`? (from file cronbus.toml, line 6)
            `executor.orphans` cannot be "adopt": unknown variant `adopt`, expected `kill` or `leave` (from file cronbus.toml, line 8)
            `executor.kill_grace` cannot be 10: `10` has no unit after a number: write it like `10s` (or with ms, m, h, d, w) (from file cronbus.toml, line 9)
            `executor.slots` cannot be -1: invalid value: integer `-1`, write a whole number from 0 to 4294967295 (from file cronbus.toml, line 10)
            there is no key `monitr`: did you mean `monitor`? (from file cronbus.toml, line 12)
            there is no section `nothing`; there are node, web, oidc, health, database, bus, cluster, membership, guard, scheduler, dispatcher, executor, monitor, alerts, retention, audit, secrets, log (from file cronbus.toml, line 13)
            `database.pool` cannot be "many": write a whole number (variable CRONBUS_DATABASE__POOL)
            there is no key `CRONBUS_WEB_LISTEN`: did you mean `CRONBUS_WEB__LISTEN`? (variable CRONBUS_WEB_LISTEN)
            there is no key `log.colour` (variable CRONBUS_LOG__COLOUR)
            `node.labels` cannot be "disk": `disk` has no `=`: write k=v,k=v (flag)
            `node.roles` cannot be ["chef"]: unknown variant `chef`, expected one of `scheduler`, `dispatcher`, `executor`, `monitor`, `web` (flag)
            there is no key `listen`: did you mean `web.listen`? (flag)
            `node.name` cannot be "a b": use 1 to 64 letters, digits, `-`, `_` or `.`, starting with a letter or digit (flag)
            `log.level` cannot be "loud": write off, error, warn, info, debug or trace, or some for single modules: info,cronbus_core=debug (variable CRONBUS_LOG__LEVEL)
            `executor.queue` cannot be 0: allowed is 1 to 10000000 (from file cronbus.toml, line 11)
        "#]],
    );
}

#[test]
fn services_that_are_missing_or_do_not_go_together_are_refused_with_the_reason() {
    let urls = "[database]\nurl = \"postgres://u:secret@db\"\n[bus]\nurl = \"nats:bus\"\n[guard]\nurl = \"file:x\"\n";
    check_errors(
        &sources(("a.toml", urls), &[], &[("membership.url", "local:x")]),
        &expect![[r#"
            `database.url` cannot be "postgres://u:***@db": the name of a database must follow the host: postgres://HOST/DATABASE (from file a.toml, line 2)
            `bus.url` cannot be "nats:bus": `://` must follow its scheme (from file a.toml, line 4)
            `membership.url` cannot be "local:x": nothing may follow after local: (flag)
            `guard.url` cannot be "file:x": its scheme must be one of `local:`, `redis:`, `rediss:`, `redis-sentinel:`, `rediss-sentinel:`, `redis-cluster:`, `rediss-cluster:` (from file a.toml, line 6)
        "#]],
    );
    check_errors(
        &sources(("a.toml", ""), &[], &[("membership.url", "etcd://e")]),
        &expect![[r#"
            `bus.url` cannot be "local:": the local bus ends at this process and cannot reach the members found through etcd: set bus.url to nats://HOST or membership.url to local: (default)
            `database.url` cannot be "sqlite://": a SQLite file belongs to one host and the members found through etcd cannot share it: set database.url to mysql://… or postgres://… or membership.url to local: (default)
        "#]],
    );
}

#[test]
fn the_example_of_a_cluster_can_be_used_as_it_is() {
    let text = include_str!("../../../conf/cluster.toml");
    // As an executor would: whether its database is built into this version is not the question here.
    let executor = [("node.roles", "executor"), ("database.url", "sqlite://")];
    let loaded = Config::load(&sources(("conf/cluster.toml", text), &[], &executor)).unwrap();
    let url = |key: &str| loaded.provenance.iter().find(|entry| entry.key == key).unwrap().value.clone();
    assert_eq!(
        ["bus.url", "membership.url"].map(url),
        ["\"nats://nats-1:4222,nats-2:4222,nats-3:4222\"", "\"etcd://etcd-1:2379,etcd-2:2379,etcd-3:2379\""]
    );
}

#[test]
fn what_is_not_toml_is_told_with_its_line_and_without_its_text() {
    let text = "[database]\nurl = \"mysql://root:secret@x\n[log]\nlevel == 3\n";
    check_errors(
        &sources(("a.toml", text), &[], &[]),
        &expect![[r#"
            this is not TOML: invalid basic string, expected `"` (from file a.toml, line 2)
            this is not TOML: extra `=`, expected nothing (from file a.toml, line 4)
            this is not TOML: unexpected key or value, expected newline, `#` (from file a.toml, line 4)
        "#]],
    );
    let long = "#".repeat(MAX_FILE_BYTES + 1);
    check_errors(
        &sources(("a.toml", &long), &[], &[]),
        &expect![[r#"
        a configuration file has at most 1048576 bytes (from file a.toml, line 1)
    "#]],
    );
}

const SEED: &str = "[database]\nusername = root\npassword = root\nhost = localhost\nport = 3306\ndatabase = cron\n\
                    [redis]\nhost = 192.168.100.60\nport = 6381\n[machine]\nphp = 10.0.0.1|10.0.0.2\n";

#[test]
fn the_servers_of_a_conf_ini_are_used() {
    let loaded = Config::load(&sources(("conf/conf.ini", SEED), &[], &[])).unwrap();
    assert_eq!(loaded.config.database.url.as_str(), "mysql://root:root@localhost:3306/cron");
    assert_eq!(loaded.config.guard.url.as_str(), "redis://192.168.100.60:6381");
    assert!(loaded.config.database.migrate && loaded.config.node.groups.contains("php"));
    let groups = loaded.provenance.iter().find(|entry| entry.key == "node.groups").unwrap();
    assert_eq!(groups.origin.to_string(), "from file conf/conf.ini, line 11");
}

#[test]
fn a_conf_ini_is_accepted_with_its_servers_overridden() {
    let embedded =
        [("database.url", "sqlite://"), ("database.migrate", "false"), ("guard.url", "local:"), ("node.groups", "")];
    let loaded = Config::load(&sources(("conf/conf.ini", SEED), &[], &embedded)).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert_eq!(loaded.legacy.unwrap().machine_groups["php"], ["10.0.0.1", "10.0.0.2"]);
}

/// The manual with its examples of channels taken in.
fn examples() -> String {
    let live = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with([' ', '#']) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    DEFAULT_TOML.lines().map(live).collect()
}

#[test]
fn the_channels_of_the_manual_can_be_used_and_have_every_key() {
    use crate::alert::channel::KEYS;
    let loaded = Config::load(&sources(("default.toml", &examples()), &[], &[])).unwrap();
    let channels = &loaded.config.alerts.channel;
    assert_eq!(channels.len(), 12);
    let shown = loaded.provenance.iter().map(|entry| format!("{entry}\n")).collect::<String>();
    for (key, _) in KEYS.iter().filter(|(key, _)| !key.ends_with("_file")) {
        let is_there = [key.to_string(), format!("{key}_file")].iter().any(|key| shown.contains(&format!(".{key} = ")));
        assert!(is_there, "{key} is not explained");
    }
    assert!(
        shown.contains(r#"alerts.channel.slack.url_file = "/etc/cronbus/slack.url""#)
            && !shown.contains("access_token"),
        "{shown}"
    );
}

#[test]
fn keys_of_channels_come_from_every_source_and_secrets_are_not_shown() {
    let file =
        "[alerts.channel.Ops-Mail]\nkind = \"email\"\nhost = \"a\"\nfrom = \"a@b\"\nto = [\"c@d\"]\nuser = \"u\"\n";
    let variables = [
        ("CRONBUS_ALERTS__CHANNEL__OPS_MAIL__PASSWORD", "hush"),
        ("CRONBUS_ALERTS__CHANNEL__OPS_MAIL__PORT", "2525"),
        ("CRONBUS_ALERTS__CHANNEL__OPS_MAIL__TO", "e@f, g@h"),
        ("CRONBUS_ALERTS__CHANNEL__NEW__KIND", "slack"),
        ("CRONBUS_ALERTS__CHANNEL__NEW__URL", "https://hooks.example/hush"),
    ];
    let loaded = Config::load(&sources(("a.toml", file), &variables, &[])).unwrap();
    assert!(!format!("{loaded:?}").contains("hush"), "{loaded:?}");
    let lines = loaded.provenance.iter().filter(|entry| entry.key.starts_with("alerts.channel"));
    expect![[r#"
        alerts.channel.Ops-Mail.from = "a@b"  # from file a.toml, line 4
        alerts.channel.Ops-Mail.host = "a"  # from file a.toml, line 3
        alerts.channel.Ops-Mail.kind = "email"  # from file a.toml, line 2
        alerts.channel.Ops-Mail.password = "***"  # variable CRONBUS_ALERTS__CHANNEL__OPS_MAIL__PASSWORD
        alerts.channel.Ops-Mail.port = 2525  # variable CRONBUS_ALERTS__CHANNEL__OPS_MAIL__PORT
        alerts.channel.Ops-Mail.to = ["e@f","g@h"]  # variable CRONBUS_ALERTS__CHANNEL__OPS_MAIL__TO
        alerts.channel.Ops-Mail.user = "u"  # from file a.toml, line 6
        alerts.channel.new.kind = "slack"  # variable CRONBUS_ALERTS__CHANNEL__NEW__KIND
        alerts.channel.new.url = "https://hooks.example/***"  # variable CRONBUS_ALERTS__CHANNEL__NEW__URL
    "#]]
    .assert_eq(&lines.map(|entry| format!("{entry}\n")).collect::<String>());
}

#[test]
fn faults_of_channels_have_their_place() {
    let file = "[alerts]\nchannel.loose = 7\nurl = \"javascript:x\"\n[alerts.channel.\"a b\"]\nkind = \"slack\"\n[alerts.channel.none]\n\
                [alerts.channel.ops]\nkind = \"email\"\nhots = \"x\"\nfrom = \"a@b\"\nto = [\"c@d\\r\\nBcc: e@f\"]\npasword = \"hush\"\n";
    let variables = [
        ("CRONBUS_ALERTS__CHANNEL__OPS__PORT", "hush"),
        ("CRONBUS_ALERTS__CHANNEL__OPS", "x"),
        ("CRONBUS_ALERTS__CHANNEL__OPS__URL", "https://hush"),
    ];
    check_errors(
        &sources(("a.toml", file), &variables, &[]),
        &expect![[r#"
            `alerts.channel.loose` cannot be this: a channel is a table: [alerts.channel.NAME] (from file a.toml, line 2)
            `alerts.channel.ops.port` cannot be "hush": write a whole number (variable CRONBUS_ALERTS__CHANNEL__OPS__PORT)
            there is no key `CRONBUS_ALERTS__CHANNEL__OPS`: did you mean `CRONBUS_ALERTS__CHANNEL__NAME__KEY`? (variable CRONBUS_ALERTS__CHANNEL__OPS)
            `alerts.channel.a b` cannot be a channel: `a b` cannot name a channel: use 1 to 64 letters, digits, `-` or `_`, beginning with a letter or digit (from file a.toml, line 5)
            `alerts.channel.none.kind` cannot be left out: write one of email, webhook, slack, dingtalk, feishu, wecom, teams, pagerduty or sms (default)
            `alerts.channel.ops.host` cannot be left out: it must be given: the server that takes mail (from file a.toml, line 8)
            `alerts.channel.ops.to` cannot be ["c@d\r\nBcc: e@f"]: `c@dBcc: e@f` is no address: write name@host or Name <name@host> (from file a.toml, line 11)
            there is no key `alerts.channel.ops.hots`: did you mean `host`? (from file a.toml, line 9)
            there is no key `alerts.channel.ops.pasword`: did you mean `password`? (from file a.toml, line 12)
            there is no key `alerts.channel.ops.url` (variable CRONBUS_ALERTS__CHANNEL__OPS__URL)
            `alerts.url` cannot be "javascript:x": write https://HOST or http://HOST, perhaps with a path (from file a.toml, line 3)
        "#]],
    );
}

#[test]
fn the_mail_list_of_a_conf_ini_is_a_channel() {
    let text = format!(
        "{SEED}[alarm_mail_list]\ncron_mail = ops@example.com duty@example.com\nfrom_mail = cron@example.com\ncron_url = http://cron.example.com\n"
    );
    let loaded =
        Config::load(&sources(("conf.ini", &text), &[("CRONBUS_ALERTS__CHANNEL__ALARM_MAIL_LIST__HOST", "mail")], &[]))
            .unwrap();
    let name = crate::alert::ChannelName::new("alarm_mail_list").unwrap();
    let crate::alert::channel::Settings::Email(email) = &loaded.config.alerts.channel[&name].settings else { panic!() };
    assert_eq!((email.host.as_str(), email.port(), email.to.len()), ("mail", 25, 2));
    assert_eq!(loaded.config.alerts.url, "http://cron.example.com");
}

#[test]
fn whose_submissions_are_taken_is_a_word_or_a_flag() {
    use crate::config::Submit;
    let written =
        |text: &str| Config::load(&sources(("a.toml", text), &[], &[])).map(|loaded| loaded.config.bus.submit);
    assert_eq!(written(""), Ok(Submit::Auto));
    for (text, submit) in [("true", Submit::Always), ("false", Submit::Never), ("\"auto\"", Submit::Auto)] {
        assert_eq!(written(&format!("[bus]\nsubmit = {text}\n")), Ok(submit));
    }
    let by_variable = Config::load(&sources(("", ""), &[("CRONBUS_BUS__SUBMIT", "true")], &[])).unwrap();
    assert_eq!(by_variable.config.bus.submit, Submit::Always);
    assert!(written("[bus]\nsubmit = \"perhaps\"\n").unwrap_err()[0].to_string().contains("\"auto\", true or false"));
}

#[test]
fn passwords_are_not_shown() {
    let file = "[bus]\nurl = [\"nats://hunter2@bus\"]\n[membership]\nurl = \"etcd://hunter2@e\"\n";
    let flags = [("database.url", "mysql://root:hunter2@db/x"), ("guard.urk", "redis://:hunter2@r")];
    let errors = Config::load(&sources(("a.toml", file), &[], &flags)).unwrap_err();
    assert!(!format!("{errors:?}").contains("hunter2"), "{errors:?}");
    let loaded = Config::load(&sources(("", ""), &[("CRONBUS_CLUSTER__KEY", "hunter2")], &[])).unwrap();
    assert!(!format!("{loaded:?}").contains("hunter2"), "{loaded:?}");
    assert_eq!(loaded.config.cluster.key.reveal(), Some("hunter2"));
}

#[test]
fn every_range_has_a_key_and_holds_its_default() {
    let keys = Config::load(&Sources::default()).unwrap().provenance;
    let mut broken = Config::default();
    broken.database.pool = 0;
    broken.dispatcher.flush = crate::duration::Period::MAX;
    broken.web.max_body = crate::bytesize::ByteSize(1);
    let faults = check::ranges::check(&broken);
    assert_eq!(
        faults.iter().map(|fault| fault.key).collect::<Vec<_>>(),
        ["database.pool", "dispatcher.flush", "web.max_body"]
    );
    assert!(faults.iter().all(|fault| keys.iter().any(|entry| entry.key == fault.key)));
}

proptest! {
    #[test]
    fn arbitrary_text_is_answered(
        name in prop_oneof![Just("a.toml"), Just("a.ini")],
        text in prop_oneof![".{0,200}", "(\\[[a-z_]{0,9}\\]\n|[a-z_]{1,9} = [\"0-9a-z:/@#\\[\\]{},.-]{0,12}\n){0,12}"],
        key in "[A-Za-z_.]{0,20}",
        value in ".{0,40}",
        channel in "\\[alerts\\.channel\\.[a-z.\"]{0,5}\\]\n(kind = \"(email|slack|sms)\"\n)?([a-z_]{1,9} = [\"0-9a-z]{0,9}\n){0,4}",
    ) {
        let known = ["node.labels", "node.roles", "web.listen", "log.level", "executor.slots", "database.url"];
        let mut flags: Vec<_> = known.iter().map(|known| (*known, value.as_str())).collect();
        flags.push((&key, &value));
        let variable = format!("CRONBUS_{key}");
        let _ = Config::load(&sources(("a.toml", &channel), &[(&format!("CRONBUS_ALERTS__CHANNEL__{key}"), &value)], &[]));
        let _ = Config::load(&sources((name, &text), &[(&variable, &value)], &flags));
    }
}

#[test]
fn rules_of_alerts_name_what_there_is() {
    let load = |rules: &str| {
        let text = format!("[alerts.channel.ops]\nkind = \"slack\"\nurl = \"https://hooks.example/x\"\n{rules}");
        Config::load(&Sources { file: Some(SourceFile { name: "a.toml".to_owned(), text }), ..Sources::default() })
    };
    let loaded = load("[[alerts.rule]]\nname = 'a'\njobs = ['n-*']\nafter = 2\nchannels = ['ops']\n").unwrap();
    assert_eq!(loaded.config.alerts.rule.len(), 1);
    for (rule, reason) in [
        ("name = 'a'\nchannels = ['sms']", "there is no channel `sms` ([alerts.channel.sms]); there are: ops"),
        ("name = 'a'\nchannels = []", "at least one channel"),
        ("name = 'a'\nchannels = ['ops']\nevents = ['no_success']", "no_success needs no_success_for"),
        ("name = 'a'\nchannels = ['ops']\nevents = ['fail']", "unknown variant `fail`"),
        ("name = 'a'\nchannels = ['ops']\nescalate = { after = '1h', channels = ['x'] }", "no channel `x`"),
        ("name = 'a'\nchannels = ['ops']\n[[alerts.rule]]\nname = 'a'\nchannels = ['ops']", "two rules are named `a`"),
    ] {
        let errors = load(&format!("[[alerts.rule]]\n{rule}\n")).unwrap_err();
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|error| error.contains(reason) && error.contains("a.toml, line")), "{rule}: {said:?}");
    }
}
