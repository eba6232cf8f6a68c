//! Removing logs: by the age that the node says, or by what their jobs say.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cronbus_core::id::RunId;
use cronbus_core::job::LogKeep;
use cronbus_core::time::Timestamp;
use jiff::civil::Date;

use super::place;

/// How long after a day its empty folders are removed.
const SETTLED_AFTER: Duration = Duration::from_secs(2 * 86_400);

/// What is swept, and by which rules.
pub(super) struct Sweep<'a> {
    pub(super) folder: &'a Path,
    pub(super) now: Timestamp,
    /// How long logs are kept of jobs that say nothing.
    pub(super) age: Duration,
    /// What jobs say, by the name of their folders.
    pub(super) rules: &'a BTreeMap<String, LogKeep>,
    /// Logs that are being written, or are to be sent still, are left alone.
    pub(super) is_in_use: &'a dyn Fn(RunId) -> bool,
}

/// What was removed.
#[derive(Debug, Default)]
pub(super) struct Swept {
    /// How many logs.
    pub(super) count: u64,
    /// Those that went by what their job says, though others of their age stay.
    pub(super) by_rule: Vec<RunId>,
    /// Folders of jobs with rules that have no log any more.
    pub(super) empty: Vec<String>,
}

impl Sweep<'_> {
    /// Removes what need not be kept any more, and the folders that are empty then.
    pub(super) fn run(&self) -> io::Result<Swept> {
        let days = days(self.folder)?;
        let mut swept = Swept::default();
        for (date, day) in &days {
            if *date <= place::day_of(self.now - self.age) {
                self.by_age(day, &mut swept)?;
            }
        }
        for (name, rule) in self.rules {
            self.by_rule(&days, name, *rule, &mut swept)?;
        }
        for (_, day) in self.settled(&days) {
            remove_if_empty(day)?;
        }
        Ok(swept)
    }

    /// The days in whose folders hardly anybody begins a log any more: who does must find its folder there.
    fn settled<'d>(&self, days: &'d [(Date, PathBuf)]) -> impl Iterator<Item = &'d (Date, PathBuf)> {
        let limit = place::day_of(self.now - SETTLED_AFTER);
        days.iter().filter(move |(date, _)| *date < limit)
    }

    fn by_age(&self, day: &Path, swept: &mut Swept) -> io::Result<()> {
        let before = self.now - self.age;
        for job in fs::read_dir(day)? {
            let job = job?;
            let has_rule = job.file_name().to_str().is_some_and(|name| self.rules.contains_key(name));
            if has_rule || !job.file_type()?.is_dir() {
                continue;
            }
            for (run, path) in logs(&job.path())? {
                if run.due_at() < before {
                    fs::remove_file(&path)?;
                    swept.count += 1;
                }
            }
            remove_if_empty(&job.path())?;
        }
        Ok(())
    }

    fn by_rule(&self, days: &[(Date, PathBuf)], name: &str, rule: LogKeep, swept: &mut Swept) -> io::Result<()> {
        let mut found: BTreeMap<RunId, PathBuf> = BTreeMap::new();
        for (_, day) in days {
            found.extend(logs(&day.join(name))?);
        }
        let expired: Vec<RunId> = rule.expired(found.keys().rev().copied(), self.now, self.age).collect();
        let expired = expired.into_iter().filter(|run| !(self.is_in_use)(*run));
        let mut left = found.len();
        for run in expired {
            let Some(path) = found.get(&run) else { continue };
            fs::remove_file(path)?;
            left -= 1;
            swept.count += 1;
            swept.by_rule.push(run);
        }
        for (_, day) in self.settled(days) {
            remove_if_empty(&day.join(name))?;
        }
        if left == 0 {
            swept.empty.push(name.to_owned());
        }
        Ok(())
    }
}

/// The folders of days.
fn days(folder: &Path) -> io::Result<Vec<(Date, PathBuf)>> {
    let mut days = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let date = path.file_name().and_then(|name| name.to_str()?.parse().ok());
        days.extend(date.filter(|_| path.is_dir()).map(|date| (date, path)));
    }
    Ok(days)
}

/// The logs in the folder of a job; none where there is no such folder.
fn logs(folder: &Path) -> io::Result<Vec<(RunId, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut logs = Vec::new();
    for entry in entries {
        let path = entry?.path();
        logs.extend(place::run_of(&path).map(|run| (run, path)));
    }
    Ok(logs)
}

fn remove_if_empty(folder: &Path) -> io::Result<()> {
    match fs::remove_dir(folder) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound) => Err(error),
        _ => Ok(()),
    }
}
