//! What `/proc` says of processes (proc(5)). Sends no signals.

use crate::Process;

/// One line of `/proc/<pid>/stat`, as far as it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The process.
    pub process: Process,
    /// One letter: `R`, `S`, `D`, `Z`…
    pub state: char,
    /// Its parent.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
}

impl Stat {
    /// Reads it; `None` when there is no such process.
    #[must_use]
    pub fn read(pid: u32) -> Option<Self> {
        Self::parse(pid, &std::fs::read(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The name in parentheses may hold anything, so that the fields are counted from the last parenthesis on.
    fn parse(pid: u32, stat: &[u8]) -> Option<Self> {
        let end_of_name = stat.iter().rposition(|byte| *byte == b')')?;
        let mut fields = std::str::from_utf8(stat.get(end_of_name + 1..)?).ok()?.split_ascii_whitespace();
        let state = fields.next()?.chars().next()?;
        let parent = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().unwrap_or(0);
        let start_ticks = fields.nth(22 - 6)?.parse().ok()?;
        Some(Self { process: Process { pid, start_ticks }, state, parent, group })
    }

    /// Whether it has ended and was not waited for.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// Whether exactly this process lives: a later one with its number does not count, nor one that has ended.
#[must_use]
pub fn lives(process: Process) -> bool {
    Stat::read(process.pid).is_some_and(|stat| stat.process == process && !stat.is_over())
}

/// All processes whose parent is `parent`.
#[must_use]
pub fn children_of(parent: u32) -> Vec<Stat> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(Stat::read).filter(|stat| stat.parent == parent).collect()
}

/// Names this run of the machine: another one after each boot (random(4)).
#[must_use]
pub fn boot_id() -> String {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.trim().chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_confuse() {
        let stat = b"7 (a) S 1 (b) c) S 5 6 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4711 9";
        let read = Stat::parse(7, stat).unwrap();
        assert_eq!((read.parent, read.group, read.process.start_ticks), (5, 6, 4711));
        for bad in [&b"7 (a"[..], b"7 (a) S", b"7 (a) S x 6 7", b""] {
            assert_eq!(Stat::parse(7, bad), None);
        }
    }

    #[test]
    fn this_process_lives_and_another_of_its_number_does_not() {
        let stat = Stat::read(std::process::id()).unwrap();
        assert!(lives(stat.process));
        assert!(!lives(Process { start_ticks: stat.process.start_ticks + 1, ..stat.process }));
    }
}
