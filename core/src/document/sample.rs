//! The sample that every new node starts with: it has to be readable, allowed, and kept by every format.

use super::*;
use crate::time::Timestamp;

#[test]
fn the_sample_jobs_are_allowed() {
    let text = include_str!("../../../conf/sample-jobs.toml");
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let jobs = read_valid(text, Format::of("sample-jobs.toml", text), now).map_err(|error| error.to_string()).unwrap();
    assert!((5..=8).contains(&jobs.len()));
    assert!(jobs.iter().all(|job| !job.description.is_empty()));
    for format in [Format::Toml, Format::Yaml, Format::Json] {
        assert_eq!(read(&write(&jobs, format).unwrap(), format), Ok(jobs.clone()), "{format}");
    }
}

/// The commented job that shows every field, uncommented `times` times.
fn everything(times: usize) -> String {
    let text = include_str!("../../../conf/sample-jobs.toml");
    let (_, after) = text.split_once("# Every field").unwrap();
    let uncomment =
        |line: &str| (0..times).fold(line.to_owned(), |line, _| line.strip_prefix("# ").unwrap_or(&line).to_owned());
    after.lines().skip(2).map(|line| uncomment(line) + "\n").collect()
}

#[test]
fn the_sample_shows_every_field_there_is() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let shell = everything(1);
    let jobs = read_valid(&shell, Format::Toml, now).map_err(|error| error.to_string()).unwrap();
    assert_eq!(jobs.len(), 1);
    // Without the lines of the shell command, what is commented twice is the other command.
    let shell_only = ["shell", "stdin", "user", "cwd", "env", "limits", "[job.command]"];
    let http: String = everything(2)
        .lines()
        .filter(|line| !shell_only.iter().any(|key| line.starts_with(key)))
        .map(|line| format!("{line}\n"))
        .collect();
    let jobs = read_valid(&http, Format::Toml, now).map_err(|error| error.to_string()).unwrap();
    assert!(matches!(jobs[0].command, crate::job::Command::Http(_)));
    for (path, keys) in super::keys::TABLES {
        for key in keys {
            assert!(shell.contains(&format!("{key} =")) || shell.contains(&format!("[job.{key}")), "{path}.{key}");
        }
    }
}
