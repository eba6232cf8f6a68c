//! Starting processes, what they are given, and what is kept of what they print.

use std::collections::BTreeMap;

use cronbus_core::job::Command;
use cronbus_core::job::command::Shell;
use cronbus_core::port::log::Stream;
use cronbus_core::port::runner::Stop;
use cronbus_core::run::Ending;

use crate::harness::{LIMITS, Limits, begin, begin_with, run, run_command, runner, shell};

#[tokio::test]
async fn the_exit_code_decides() {
    for (line, ending, exit_code, signal, reason) in [
        ("true", Ending::Succeeded, Some(0), None, ""),
        ("echo trouble >&2", Ending::Succeeded, Some(0), None, ""),
        ("exit 3", Ending::Failed, Some(3), None, ""),
        ("no-such-command-here", Ending::Failed, Some(127), None, "not found"),
        ("/etc/passwd", Ending::Failed, Some(126), None, "could not be executed"),
        ("kill -SEGV $$", Ending::Failed, None, Some(11), "SIGSEGV"),
        ("kill -KILL $$", Ending::Failed, None, Some(9), "SIGKILL"),
    ] {
        let (outcome, _) = run(line).await;
        assert_eq!((outcome.ending, outcome.exit_code, outcome.signal), (ending, exit_code, signal), "{line}");
        assert!(outcome.reason.contains(reason), "{line}: {}", outcome.reason);
        assert!(outcome.started_at.is_some() && outcome.ended_at >= outcome.started_at.unwrap(), "{line}");
    }
}

#[tokio::test]
async fn noop_succeeds_without_a_process() {
    let mut running = begin(&runner(), Command::Noop, LIMITS);
    assert!(running.started.recv().await.unwrap().process.is_none());
    let (outcome, kept) = running.outcome().await;
    assert_eq!((outcome.ending, outcome.usage), (Ending::Succeeded, None));
    assert!(kept.chunks().is_empty());
}

#[tokio::test]
async fn the_environment_is_clean() {
    let env = BTreeMap::from([("A".to_owned(), "1 2".to_owned()), ("AT".to_owned(), "{{attempt}}".to_owned())]);
    let (outcome, kept) = run_command(Command::Shell(Shell { env, ..shell("env") })).await;
    assert_eq!(outcome.ending, Ending::Succeeded);
    let text = kept.text(Stream::Stdout);
    let mut names: Vec<_> = text.lines().filter_map(|line| line.split('=').next()).collect();
    names.sort_unstable();
    // The last two are dash's own.
    let expected = [
        "A",
        "AT",
        "CRONBUS_ATTEMPT",
        "CRONBUS_DUE_AT",
        "CRONBUS_JOB",
        "CRONBUS_RUN_ID",
        "CRONBUS_SHARD_INDEX",
        "CRONBUS_SHARD_TOTAL",
        "HOME",
        "LOGNAME",
        "PATH",
        "SHELL",
        "USER",
    ];
    let names: Vec<_> = names.into_iter().filter(|name| !matches!(*name, "PWD" | "_" | "OLDPWD" | "SHLVL")).collect();
    assert_eq!(names, expected);
    for line in [
        "A=1 2",
        "AT=2",
        "PATH=/usr/bin:/bin",
        "SHELL=/bin/sh",
        "CRONBUS_JOB=test/job",
        "CRONBUS_SHARD_INDEX=1",
        "CRONBUS_SHARD_TOTAL=3",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in {text}");
    }
}

#[tokio::test]
async fn it_inherits_three_descriptors_and_no_ignored_signal() {
    // A listener without close-on-exec, as one handed over by a predecessor would be.
    let inherited = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    nix::fcntl::fcntl(&inherited, nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty())).unwrap();
    // The shell's successor looks at itself: a shell blocks all signals while it starts others, and may do so yet when they run.
    let (_, kept) = run("ls /proc/$$/fd; exec grep -E 'Sig(Ign|Blk)' /proc/self/status").await;
    let text = kept.text(Stream::Stdout);
    let (descriptors, signals): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.parse::<u32>().is_ok());
    assert_eq!(descriptors, ["0", "1", "2"]);
    // 32 and 33 are the C library's own; posix_spawn leaves them ignored, and nobody else can use them.
    let numbers = signals.iter().map(|line| u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap());
    assert_eq!(numbers.map(|set| set & !0x1_8000_0000).collect::<Vec<_>>(), [0, 0]);
}

#[tokio::test]
async fn it_leads_its_session_and_group() {
    let (_, kept) = run("cut -d' ' -f1,5,6 /proc/$$/stat").await;
    let text = kept.text(Stream::Stdout);
    let ids: Vec<_> = text.split_whitespace().collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| *id == ids[0]), "{text}");
}

#[tokio::test]
async fn stdin_is_empty_or_the_given_text() {
    let (_, kept) = run("wc -c").await;
    assert_eq!(kept.text(Stream::Stdout).trim(), "0");
    let stdin = "line\n".repeat(100_000);
    let (_, kept) = run_command(Command::Shell(Shell { stdin: stdin.clone(), ..shell("wc -c") })).await;
    assert_eq!(kept.text(Stream::Stdout).trim(), stdin.len().to_string());
    // Nobody reads it, nobody hangs.
    let (outcome, _) = run_command(Command::Shell(Shell { stdin, ..shell("true") })).await;
    assert_eq!(outcome.ending, Ending::Succeeded);
}

#[tokio::test]
async fn it_starts_in_its_directory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let cwd = Some(path.to_str().unwrap().to_owned());
    let (_, kept) = run_command(Command::Shell(Shell { cwd, ..shell("pwd") })).await;
    assert_eq!(kept.text(Stream::Stdout).trim(), path.to_str().unwrap());
    let (_, kept) = run_command(Command::Shell(Shell { cwd: None, ..shell("pwd; echo $HOME") })).await;
    let text = kept.text(Stream::Stdout);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], lines[1]);
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let shells = [
        (Shell { cwd: Some("/no/such/folder".to_owned()), ..shell("true") }, "cwd: /no/such/folder"),
        (Shell { cwd: Some("/etc/passwd".to_owned()), ..shell("true") }, "cwd: /etc/passwd"),
        (Shell { user: Some("no-such-user".to_owned()), ..shell("true") }, "no user `no-such-user`"),
        (shell("echo a\0b"), "NUL"),
        (shell("echo {{params.x}}"), "params"),
        (shell(&"x".repeat(200_000)), "longer than the system allows"),
        (Shell { env: BTreeMap::from([("SHELL".to_owned(), "/no/shell".to_owned())]), ..shell("true") }, "/no/shell"),
    ];
    for (command, part) in shells {
        let (outcome, kept) = run_command(Command::Shell(command)).await;
        assert_eq!((outcome.ending, outcome.started_at), (Ending::Failed, None), "{part}");
        assert!(outcome.reason.starts_with("could not be started: "), "{}", outcome.reason);
        assert!(outcome.reason.contains(part), "{}", outcome.reason);
        assert!(kept.text(Stream::System).contains(part));
    }
}

#[tokio::test]
async fn values_cannot_inject() {
    let evil = "'; touch /tmp/evil; echo $(id) \"`";
    let command = Command::Shell(shell("printf %s {{params.evil}}"));
    let (outcome, kept) = begin_with(&runner(), command, LIMITS, &[("evil", evil)]).outcome().await;
    assert_eq!(outcome.ending, Ending::Succeeded);
    assert_eq!(kept.text(Stream::Stdout), evil);
}

#[tokio::test]
async fn streams_keep_their_order_and_bytes() {
    let (outcome, kept) = run("printf 'a\\000\\377b'; printf 'err' >&2; printf 'c'").await;
    assert_eq!(kept.bytes(Stream::Stdout), b"a\0\xffbc");
    assert_eq!(kept.bytes(Stream::Stderr), b"err");
    assert_eq!((outcome.output.bytes, outcome.output.truncated), (8, false));
}

#[tokio::test]
async fn output_is_seen_while_it_runs() {
    let running = begin(&runner(), Command::Shell(shell("echo first; sleep 1000")), LIMITS);
    running.printed("first").await;
    running.stop.send(Stop::Kill).unwrap();
    assert_eq!(running.outcome().await.0.ending, Ending::Killed);
}

#[tokio::test]
async fn a_flood_keeps_head_and_tail() {
    let line = "echo begin; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo end";
    let limits = Limits { output: 100_000, ..LIMITS };
    let (outcome, kept) = begin(&runner(), Command::Shell(shell(line)), limits).outcome().await;
    assert_eq!(outcome.ending, Ending::Succeeded);
    assert_eq!((outcome.output.bytes, outcome.output.truncated), (50_000_000 + 11, true));
    let text = kept.text(Stream::Stdout);
    assert_eq!(text.len(), 100_000);
    assert!(text.starts_with("begin\nx") && text.ends_with("x\nend\n"));
    let note = kept.text(Stream::System);
    assert!(note.contains(&format!("{} bytes of output are left out here", 50_000_011 - 100_000)), "{note}");
}

#[tokio::test]
async fn what_is_left_in_the_background_is_told_of_and_left_alone() {
    let running = begin(&runner(), Command::Shell(shell("sleep 1000 & echo $!")), LIMITS);
    let run = running.run;
    let (outcome, kept) = running.outcome().await;
    assert_eq!(outcome.ending, Ending::Succeeded);
    assert!(kept.text(Stream::System).contains("left running in the background: 1 processes"), "{kept:?}");
    let left = crate::harness::processes_of(run);
    assert_eq!(left.len(), 1);
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(left[0] as i32), nix::sys::signal::Signal::SIGKILL).unwrap();
}

#[tokio::test]
async fn usage_is_measured() {
    let (outcome, _) = run("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done").await;
    let usage = outcome.usage.unwrap();
    assert!(usage.user_ms + usage.system_ms > 0, "{usage:?}");
    assert_eq!(usage.max_rss_bytes, 0, "this process is larger than a shell: nothing is known of the shell's memory");
}

#[tokio::test]
async fn memory_is_measured_beyond_what_this_process_uses() {
    let (outcome, _) = run("x=$(head -c 400000000 /dev/zero | tr '\\0' a); echo ${#x}").await;
    assert!(outcome.usage.unwrap().max_rss_bytes > 400_000_000, "{outcome:?}");
}

#[tokio::test]
async fn many_runs_at_once_all_end() {
    let runner = runner();
    let all: Vec<_> =
        (0..200).map(|number| begin(&runner, Command::Shell(shell(&format!("echo {number}"))), LIMITS)).collect();
    for (number, running) in all.into_iter().enumerate() {
        let (outcome, kept) = running.outcome().await;
        assert_eq!(outcome.ending, Ending::Succeeded);
        assert_eq!(kept.text(Stream::Stdout), format!("{number}\n"));
    }
}
