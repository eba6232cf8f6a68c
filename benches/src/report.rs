//! What all measurements share: saying what is done, memory of this process, percentiles, the last line.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this tool is for")]

use std::ops::{Add, Sub};

use serde::Serialize;

/// Says what is being done.
pub(crate) fn say(what: &str) {
    eprintln!("{what}");
}

/// Prints the result: the last line.
pub(crate) fn result(value: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(value)?);
    Ok(())
}

/// The resident memory of this process in bytes; 0 where `/proc` is missing.
pub(crate) fn resident_bytes() -> u64 {
    resident_bytes_of(std::process::id())
}

/// The resident memory of a process in bytes; 0 where it or `/proc` is missing.
pub(crate) fn resident_bytes_of(process: u32) -> u64 {
    status_field(process, "VmRSS:")
}

/// The largest resident memory this process ever had, in bytes; 0 where `/proc` is missing.
pub(crate) fn peak_resident_bytes() -> u64 {
    status_field(std::process::id(), "VmHWM:")
}

fn status_field(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// The nearest-rank percentile of sorted values; 0 of none.
pub(crate) fn percentile(sorted: &[i64], percent: usize) -> i64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

/// `count` in `seconds`, as a rate.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
pub(crate) fn rate(count: usize, seconds: f64) -> f64 {
    (count as f64 / seconds.max(1e-9)).round()
}

/// How long a clock tick of `/proc/self/stat` is, in microseconds: proc(5) counts in hundredths of a second.
const TICK_US: u64 = 10_000;

/// The processes that this one started and that live.
fn living_children() -> impl Iterator<Item = (std::path::PathBuf, Vec<u64>)> {
    let own = u64::from(std::process::id());
    let folders = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    let stats = folders.filter_map(|folder| {
        let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
        let fields = stat.rsplit(')').next()?.split_whitespace().skip(1);
        Some((folder, fields.map(|field| field.parse().unwrap_or(0)).collect::<Vec<u64>>()))
    });
    stats.filter(move |(_, fields)| fields.first() == Some(&own))
}

/// What they and those they waited for used, in clock ticks.
fn of_living_children() -> u64 {
    // Fields 14 to 17 of proc(5), counted from field 4 on.
    living_children().map(|(_, fields)| fields.iter().skip(14 - 4).take(4).sum::<u64>()).sum()
}

/// The largest memory of one of them, in KiB: resident, and its proportional share.
pub(crate) fn memory_of_children() -> (u64, u64) {
    let read = |text: &str, name: &str| -> u64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    };
    let each = living_children().map(|(folder, _)| {
        let text = std::fs::read_to_string(folder.join("smaps_rollup")).unwrap_or_default();
        (read(&text, "Rss:"), read(&text, "Pss:"))
    });
    each.max().unwrap_or((0, 0))
}

/// CPU time of this process and of its children, those that live with them, in clock ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    own: u64,
    children: u64,
}

impl Cpu {
    /// What was used so far; nothing where `/proc` is missing.
    pub(crate) fn used() -> Self {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        // Fields 14 to 17 of proc(5), counted from field 3 on.
        let mut times = fields.skip(14 - 3).map(|field| field.parse().unwrap_or(0));
        let mut two = || times.next().unwrap_or(0) + times.next().unwrap_or(0);
        let (own, waited_for) = (two(), two());
        Self { own, children: waited_for + of_living_children() }
    }

    /// What each of `count` had, in microseconds: of this process, and of its children.
    pub(crate) fn micros_each(self, count: usize) -> (f64, f64) {
        let each = |ticks: u64| rate(usize::try_from(ticks * TICK_US).unwrap_or(0), rate(count, 1.0));
        (each(self.own), each(self.children))
    }
}

impl Add for Cpu {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { own: self.own + other.own, children: self.children + other.children }
    }
}

impl Sub for Cpu {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { own: self.own.saturating_sub(other.own), children: self.children.saturating_sub(other.children) }
    }
}
