//! Running as another user. Whoever runs the tests as root sees the switch, whoever does not sees the refusal.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use cronbus_adapters::runner::{EXEC_AS, EXEC_AS_EXIT_CODE, exec_as};
use cronbus_core::job::Command;
use cronbus_core::job::command::Shell;
use cronbus_core::port::log::Stream;
use cronbus_core::run::Ending;

use crate::harness::{LIMITS, begin, runner_with, shell};

/// Stands for the node's executable: a script that calls [`becomes_another_user`] of this test program.
fn executable(folder: &std::path::Path) -> std::path::PathBuf {
    let path = folder.join("cronbus");
    let tests = std::env::current_exe().unwrap();
    let call =
        format!("#!/bin/sh\nexec {} user::becomes_another_user --exact --nocapture -- \"$@\"\n", tests.display());
    std::fs::write(&path, call).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The hidden subcommand, when it is called by that script; nothing otherwise.
#[test]
fn becomes_another_user() {
    let arguments: Vec<OsString> = std::env::args_os().skip_while(|word| word != EXEC_AS).skip(1).collect();
    if !arguments.is_empty() {
        let Err(error) = exec_as(&arguments);
        eprintln!("{error}");
        std::process::exit(EXEC_AS_EXIT_CODE);
    }
}

async fn run_as(user: &str, command: Shell) -> (cronbus_core::run::Outcome, crate::harness::Kept) {
    let folder = tempfile::tempdir().unwrap();
    let runner = Arc::new(runner_with(&executable(folder.path())));
    let command = Command::Shell(Shell { user: Some(user.to_owned()), ..command });
    begin(&runner, command, LIMITS).outcome().await
}

fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

#[tokio::test]
async fn another_user_is_switched_to_completely() {
    let line = "id -u; id -g; id -G; echo $HOME $LOGNAME; cut -d' ' -f1,5,6 /proc/$$/stat; ls /proc/$$/fd";
    let (outcome, kept) = run_as("nobody", shell(line)).await;
    if !is_root() {
        assert!(outcome.reason.contains("may not run anything as `nobody`"), "{}", outcome.reason);
        return;
    }
    assert_eq!(outcome.ending, Ending::Succeeded, "{}", outcome.reason);
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    let text = kept.text(Stream::Stdout);
    let lines: Vec<_> = text.lines().skip_while(|line| *line != nobody.uid.to_string()).collect();
    assert_eq!(lines[1..3], [nobody.gid.to_string(), nobody.gid.to_string()], "{text}");
    assert_eq!(lines[3], format!("{} nobody", nobody.dir.display()));
    let ids: Vec<_> = lines[4].split(' ').collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{text}");
    assert_eq!(lines[5..], ["0", "1", "2"]);
}

#[tokio::test]
async fn the_way_back_is_closed() {
    if !is_root() {
        return;
    }
    let (outcome, kept) = run_as("nobody", shell("cat /etc/shadow; grep -E '^(Uid|Gid)' /proc/self/status")).await;
    assert_eq!(outcome.ending, Ending::Succeeded, "{}", outcome.reason);
    assert!(kept.text(Stream::Stderr).contains("Permission denied"));
    let text = kept.text(Stream::Stdout);
    let ids: Vec<&str> = text.lines().filter(|line| line.starts_with("Uid") || line.starts_with("Gid")).collect();
    assert!(ids.len() == 2 && ids.iter().all(|line| !line.split_whitespace().any(|id| id == "0")), "{text}");
}

#[tokio::test]
async fn a_directory_the_user_may_not_enter_is_told() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let cwd = Some(folder.path().to_str().unwrap().to_owned());
    let (outcome, kept) = run_as("nobody", Shell { cwd, ..shell("pwd") }).await;
    assert_eq!((outcome.ending, outcome.exit_code), (Ending::Failed, Some(EXEC_AS_EXIT_CODE)));
    assert!(kept.text(Stream::Stderr).contains("could not enter"), "{kept:?}");
}

#[tokio::test]
async fn its_own_user_needs_no_switch() {
    let own = nix::unistd::Uid::effective().to_string();
    let (outcome, kept) = run_as(&own, shell("id -u")).await;
    assert_eq!(outcome.ending, Ending::Succeeded);
    assert_eq!(kept.text(Stream::Stdout).trim(), own);
}
