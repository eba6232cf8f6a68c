//! The manual pages and completions that packages ship: each command has a page, and the programs that read them take them.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::cronbus;

/// The names of the commands below `words`, as their help lists them.
fn commands_below(words: &[String]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let help = cronbus(folder.path()).args(words).arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    let Some((_, list)) = text.split_once("Commands:\n") else { return Vec::new() };
    let lines = list.lines().take_while(|line| !line.is_empty());
    // What goes on in the next line is indented further.
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.map(|line| line.split_whitespace().next().unwrap().to_owned()).filter(|name| name != "help").collect()
}

/// Every command there is, as its words.
fn all_commands() -> Vec<Vec<String>> {
    let (mut found, mut next) = (Vec::new(), vec![Vec::new()]);
    while let Some(words) = next.pop() {
        let below = commands_below(&words);
        next.extend(below.into_iter().map(|name| [words.clone(), vec![name]].concat()));
        found.push(words);
    }
    found
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

fn completions(shell: &str, folder: &Path) -> std::path::PathBuf {
    let output = cronbus(folder).args(["completions", shell]).output().unwrap();
    assert!(output.status.success() && !output.stdout.is_empty(), "{}", told(&output));
    let path = folder.join(shell);
    std::fs::write(&path, output.stdout).unwrap();
    path
}

#[test]
fn every_command_has_a_page_that_mandoc_finds_nothing_wrong_with() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man");
    let written = cronbus(folder.path()).arg("man").arg(&pages).output().unwrap();
    assert!(written.status.success(), "{}", told(&written));
    let mut paths: Vec<_> = std::fs::read_dir(&pages).unwrap().map(|entry| entry.unwrap().path()).collect();
    let commands = all_commands();
    assert!(commands.len() > 40, "{commands:?}");
    for words in &commands {
        let name = [vec!["cronbus".to_owned()], words.clone()].concat().join("-");
        assert!(paths.contains(&pages.join(format!("{name}.1"))), "{name} has no page");
    }
    assert_eq!(paths.len(), commands.len(), "pages of nothing");
    paths.sort();
    let lint = Command::new("mandoc").args(["-T", "lint", "-W", "warning"]).args(&paths).output().unwrap();
    assert!(lint.status.success(), "{}", told(&lint));
}

#[test]
fn bash_completes_commands_flags_and_names_of_shells() {
    let folder = tempfile::tempdir().unwrap();
    let script = completions("bash", folder.path());
    for (line, expected) in [
        ("cronbus job ad", "add"),
        ("cronbus nodes un", "undrain"),
        ("cronbus node --dat", "--data-dir"),
        ("cronbus completions zs", "zsh"),
    ] {
        let asked = r#"
            source "$1"; COMP_LINE=$2; COMP_POINT=${#2}; read -ra COMP_WORDS <<<"$2"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _cronbus cronbus "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\n' "${COMPREPLY[@]}""#;
        let output =
            Command::new("bash").args(["--norc", "-c", asked, "bash"]).arg(&script).arg(line).output().unwrap();
        assert_eq!(told(&output).trim(), expected, "{line}");
    }
}

#[test]
fn zsh_and_fish_can_read_theirs_where_they_are_installed() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["zsh", "fish"] {
        let script = completions(shell, folder.path());
        let Ok(there) = Command::new(shell).arg("--version").stdout(Stdio::null()).status() else { continue };
        assert!(there.success());
        let output = Command::new(shell).arg("-n").arg(&script).output().unwrap();
        assert!(output.status.success(), "{shell}: {}", told(&output));
    }
}
