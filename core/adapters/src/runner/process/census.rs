//! Who is alive: a snapshot of `/proc`, shared by all who ask at the same time, and the question which of its processes
//! belong to a run. Sends no signals.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;

use cronbus_core::port::spool::Process;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::environment::RUN_ID;

/// How much of a process's environment is searched for the run id.
const ENVIRONMENT_LIMIT: u64 = 256 * 1024;

/// One living process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Living {
    /// Its number and start.
    pub process: Process,
    /// One letter of proc(5): `R`, `S`, `D`…
    pub state: char,
    /// Its parent.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// Its session.
    pub session: u32,
    /// The run in whose environment it was started, where that can be read.
    pub run: Option<String>,
}

impl Living {
    /// Reads `/proc/<pid>`; `None` when the process has ended, waited for or not.
    pub(super) fn read(pid: u32) -> Option<Self> {
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        let mut living = Self::parse(pid, &stat)?;
        living.run = run_of(pid);
        Some(living)
    }

    /// Reads a line of `/proc/<pid>/stat`. The name in parentheses may hold anything, so that the fields are counted
    /// from the last parenthesis on.
    fn parse(pid: u32, stat: &[u8]) -> Option<Self> {
        let end_of_name = stat.iter().rposition(|byte| *byte == b')')?;
        let fields = std::str::from_utf8(stat.get(end_of_name + 1..)?).ok()?;
        let mut fields = fields.split_ascii_whitespace();
        let state = fields.next()?.chars().next()?;
        if matches!(state, 'Z' | 'X' | 'x') {
            return None;
        }
        let (parent, group, session) = (number(fields.next())?, number(fields.next())?, number(fields.next())?);
        let start_ticks = fields.nth(22 - 7)?.parse().ok()?;
        Some(Self { process: Process { pid, start_ticks }, state, parent, group, session, run: None })
    }
}

/// The start of a child of ours, in clock ticks since boot; also of one that has ended and was not waited for.
pub(super) fn start_ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let end_of_name = stat.iter().rposition(|byte| *byte == b')')?;
    let fields = std::str::from_utf8(stat.get(end_of_name + 1..)?).ok()?;
    fields.split_ascii_whitespace().nth(22 - 3)?.parse().ok()
}

/// A kernel thread shows its group as 0; what does not fit is nobody's.
fn number(field: Option<&str>) -> Option<u32> {
    field?.parse::<i64>().ok().map(|number| u32::try_from(number).unwrap_or(0))
}

fn run_of(pid: u32) -> Option<String> {
    let file = std::fs::File::open(format!("/proc/{pid}/environ")).ok()?;
    let mut environment = Vec::new();
    file.take(ENVIRONMENT_LIMIT).read_to_end(&mut environment).ok()?;
    let value = environment.split(|byte| *byte == 0).find_map(|entry| {
        let (name, value) = entry.split_at_checked(RUN_ID.len())?;
        (name == RUN_ID.as_bytes()).then(|| value.strip_prefix(b"=")).flatten()
    })?;
    std::str::from_utf8(value).ok().map(str::to_owned)
}

/// All living processes at one moment.
#[derive(Debug, Default)]
pub(super) struct Snapshot(Vec<Living>);

impl Snapshot {
    fn take() -> Self {
        let Ok(entries) = std::fs::read_dir("/proc") else { return Self::default() };
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let own = std::process::id();
        Self(pids.filter(|pid| *pid != own).filter_map(Living::read).collect())
    }

    /// The processes of a family: of its session or group, started in its run's environment, or descended from one of
    /// these.
    pub(super) fn members(&self, family: &Family) -> Vec<Living> {
        let mut known: HashSet<u32> =
            self.0.iter().filter(|one| self.belongs(one, family)).map(|one| one.process.pid).collect();
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        for one in &self.0 {
            children.entry(one.parent).or_default().push(one.process.pid);
        }
        let mut unvisited: Vec<u32> = known.iter().copied().collect();
        while let Some(parent) = unvisited.pop() {
            let born = children.get(&parent).into_iter().flatten();
            unvisited.extend(born.filter(|child| known.insert(**child)));
        }
        self.0.iter().filter(|one| known.contains(&one.process.pid)).cloned().collect()
    }

    /// The family of a leader that is not our child, because a former life of this node started it; `None` when nothing
    /// of it is left. A session whose leader has ended counts only when a run's id is found in it: sessions of daemons
    /// have lost their leader too, and its number may have been given out twice since.
    pub(super) fn family_left_by(&self, leader: Process) -> Option<Family> {
        let nameless = Family { leader, run: None };
        let members = self.members(&nameless);
        let run = members.iter().find_map(|one| one.run.clone());
        let leads = members.iter().any(|one| one.process == leader);
        (leads || run.is_some()).then_some(Family { leader, run })
    }

    fn belongs(&self, one: &Living, family: &Family) -> bool {
        let of_run = family.run.is_some() && one.run == family.run;
        let leader = family.leader.pid;
        of_run || (one.session == leader || one.group == leader) && !self.is_replaced(family.leader)
    }

    /// Whether a later process has the leader's number. The kernel gives a number away only when no session and no
    /// group is called by it any more, so that nothing of the leader's is left then.
    fn is_replaced(&self, leader: Process) -> bool {
        self.0.iter().any(|one| one.process.pid == leader.pid && one.process.start_ticks != leader.start_ticks)
    }
}

/// What makes processes belong together.
#[derive(Clone, Debug)]
pub(super) struct Family {
    /// The leader of their session and group.
    pub leader: Process,
    /// The run id in their environment.
    pub run: Option<String>,
}

/// Takes snapshots, one at a time: who asks while one is being taken gets the next, together with all others who wait.
/// A thousand runs that are ended at once cost a few scans, not thousands.
#[derive(Debug, Default)]
pub(super) struct Census {
    latest: Mutex<Option<(Instant, Arc<Snapshot>)>>,
}

impl Census {
    /// A snapshot begun after this call.
    pub(super) async fn take(&self) -> Arc<Snapshot> {
        let asked_at = Instant::now();
        let mut latest = self.latest.lock().await;
        if let Some((begun_at, snapshot)) = latest.as_ref()
            && *begun_at >= asked_at
        {
            return Arc::clone(snapshot);
        }
        let begun_at = Instant::now();
        let snapshot = Arc::new(tokio::task::spawn_blocking(Snapshot::take).await.unwrap_or_default());
        *latest = Some((begun_at, Arc::clone(&snapshot)));
        snapshot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(pid: u32, parent: u32, group: u32, session: u32, run: Option<&str>) -> Living {
        let process = Process { pid, start_ticks: u64::from(pid) * 10 };
        Living { process, state: 'S', parent, group, session, run: run.map(str::to_owned) }
    }

    fn family(pid: u32, start_ticks: u64, run: Option<&str>) -> Family {
        Family { leader: Process { pid, start_ticks }, run: run.map(str::to_owned) }
    }

    fn pids(snapshot: &Snapshot, family: &Family) -> Vec<u32> {
        snapshot.members(family).iter().map(|one| one.process.pid).collect()
    }

    #[test]
    fn a_family_is_session_group_run_and_descendants() {
        let snapshot = Snapshot(vec![
            one(1, 0, 1, 1, None),
            one(10, 1, 10, 10, Some("a")),
            one(11, 10, 11, 10, None),
            one(12, 1, 10, 12, None),
            one(13, 1, 13, 13, Some("a")),
            one(14, 13, 14, 14, None),
            one(20, 1, 20, 20, Some("b")),
        ]);
        assert_eq!(pids(&snapshot, &family(10, 100, Some("a"))), [10, 11, 12, 13, 14]);
        assert_eq!(pids(&snapshot, &family(10, 100, None)), [10, 11, 12]);
    }

    #[test]
    fn a_later_process_with_the_same_number_is_left_alone() {
        let snapshot = Snapshot(vec![one(10, 1, 10, 10, None), one(11, 10, 10, 10, None)]);
        assert_eq!(pids(&snapshot, &family(10, 99, Some("a"))), [0_u32; 0]);
    }

    #[test]
    fn a_name_with_parentheses_does_not_confuse() {
        let stat = b"7 (a) S 1 (b) c) S 5 6 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4711 9";
        let living = Living::parse(7, stat).unwrap();
        assert_eq!((living.parent, living.group, living.session), (5, 6, 7));
        assert_eq!(living.process, Process { pid: 7, start_ticks: 4711 });
        for bad in [&b"7 (a"[..], b"7 (a) S", b"7 (a) S x 6 7", b""] {
            assert_eq!(Living::parse(7, bad), None);
        }
    }

    #[test]
    fn this_process_is_found_by_its_number() {
        let pid = std::process::id();
        assert_eq!(Living::read(pid).unwrap().process.start_ticks, start_ticks(pid).unwrap());
    }
}
