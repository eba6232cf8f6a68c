//! What the runner's tests share: orders, a log in memory, a clock, waiting for conditions.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cronbus_adapters::runner::{LocalRunner, Settings, ShimSettings};
use cronbus_core::id::{Attempt, JobId, RunId, Shard};
use cronbus_core::job::command::Shell;
use cronbus_core::job::{Command, Definition, Job, JobName};
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Runner;
use cronbus_core::port::log::{Chunk, Error, Stream, Writer};
use cronbus_core::port::runner::{Order, Started, Stop};
use cronbus_core::run::Outcome;
use cronbus_core::time::Timestamp;
use cronbus_core::wire::Assignment;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Nothing here should take longer, on a machine however busy.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// What was written to a log.
#[derive(Clone, Debug, Default)]
pub struct Kept(Arc<Mutex<(Vec<Chunk>, bool)>>);

impl Kept {
    pub fn chunks(&self) -> Vec<Chunk> {
        self.0.lock().unwrap().0.clone()
    }
    pub fn bytes(&self, stream: Stream) -> Vec<u8> {
        self.chunks().iter().filter(|chunk| chunk.stream == stream).flat_map(|chunk| chunk.bytes.clone()).collect()
    }
    pub fn text(&self, stream: Stream) -> String {
        String::from_utf8_lossy(&self.bytes(stream)).into_owned()
    }
    pub fn is_closed(&self) -> bool {
        self.0.lock().unwrap().1
    }
}

#[async_trait]
impl Writer for Kept {
    async fn append(&mut self, chunks: &[Chunk]) -> Result<(), Error> {
        let mut kept = self.0.lock().unwrap();
        assert!(!kept.1, "a closed log is written to");
        kept.0.extend_from_slice(chunks);
        Ok(())
    }
    async fn close(&mut self) -> Result<(), Error> {
        self.0.lock().unwrap().1 = true;
        Ok(())
    }
}

/// A runner whose executable for switching users is `executable`.
pub fn runner_with(executable: &Path) -> LocalRunner {
    runner_of(executable, None)
}

/// A runner that has these supervisors for runs.
pub fn runner_of(executable: &Path, shims: Option<ShimSettings>) -> LocalRunner {
    LocalRunner::new(&Settings {
        shell: "/bin/sh".to_owned(),
        path: "/usr/bin:/bin".to_owned(),
        executable: executable.to_owned(),
        clock: Arc::new(SystemClock::start().unwrap()),
        shims,
    })
    .unwrap()
}

pub fn runner() -> Arc<LocalRunner> {
    Arc::new(runner_with(Path::new("/bin/false")))
}

pub fn shell(line: &str) -> Shell {
    Shell { line: line.to_owned(), cwd: Some("/".to_owned()), ..Shell::default() }
}

pub fn assignment(command: Command, params: &[(&str, &str)]) -> Arc<Assignment> {
    static NUMBER: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let due_at = Timestamp::from_seconds(1_795_338_000 + number);
    let nonce = format!("{}", std::process::id());
    let definition = Definition::new(JobName::new("test/job").unwrap(), command);
    Arc::new(Assignment {
        run: RunId::submission(due_at, JobId(number), &nonce),
        job: Arc::new(Job::added(JobId(number), Arc::new(definition), "tests", due_at)),
        due_at,
        handover: cronbus_core::wire::Handover::default(),
        attempt: Attempt(2),
        shard: Shard(2),
        shards: 3,
        params: Some(Arc::new(params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())),
        start_by: None,
        not_before: None,
        on_leave: false,
        secrets: None,
    })
}

/// A run under way.
pub struct Running {
    pub kept: Kept,
    pub stop: watch::Sender<Stop>,
    pub started: mpsc::Receiver<Started>,
    pub outcome: JoinHandle<Outcome>,
    pub run: RunId,
}

impl Running {
    pub async fn outcome(self) -> (Outcome, Kept) {
        let outcome = tokio::time::timeout(DEADLINE, self.outcome).await.expect("the run does not end").unwrap();
        assert!(self.kept.is_closed(), "the log was not closed");
        let sequences: Vec<u64> = self.kept.chunks().iter().map(|chunk| chunk.sequence).collect();
        assert!(sequences.is_sorted_by(|one, other| one < other), "{sequences:?}");
        drop(self.stop);
        (outcome, self.kept)
    }

    /// Waits until the log holds a text.
    pub async fn printed(&self, text: &str) {
        eventually(text, || self.kept.text(Stream::Stdout).contains(text)).await;
    }
}

/// The limits of a run, where a test cares.
#[derive(Clone, Copy)]
pub struct Limits {
    pub output: u64,
    pub grace: Duration,
}

pub const LIMITS: Limits = Limits { output: 1 << 20, grace: Duration::from_secs(20) };

pub fn begin(runner: &Arc<LocalRunner>, command: Command, limits: Limits) -> Running {
    begin_with(runner, command, limits, &[])
}

pub fn begin_with(runner: &Arc<LocalRunner>, command: Command, limits: Limits, params: &[(&str, &str)]) -> Running {
    begin_assigned(runner, assignment(command, params), limits)
}

pub fn begin_assigned(runner: &Arc<LocalRunner>, assignment: Arc<Assignment>, limits: Limits) -> Running {
    let (kept, run) = (Kept::default(), assignment.run);
    let (stop, stopped) = watch::channel(Stop::No);
    let (started, told) = mpsc::channel(1);
    let order = Order {
        assignment,
        secrets: cronbus_core::secret::Values::default(),
        kill_grace: limits.grace,
        output_limit: limits.output,
        log: Box::new(kept.clone()),
        started,
        stop: stopped,
    };
    let runner = Arc::clone(runner);
    let outcome = tokio::spawn(async move { runner.run(order).await });
    Running { kept, stop, started: told, outcome, run }
}

/// Runs a command line to its end.
pub async fn run(line: &str) -> (Outcome, Kept) {
    run_command(Command::Shell(shell(line))).await
}

pub async fn run_command(command: Command) -> (Outcome, Kept) {
    begin(&runner(), command, LIMITS).outcome().await
}

/// Waits for a condition.
pub async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < DEADLINE, "never came to pass: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Whether a process is there and is no zombie.
pub fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with(['Z', 'X']))
}

/// The living processes that were started in this run's environment.
pub fn processes_of(run: RunId) -> Vec<u32> {
    let mark = format!("CRONBUS_RUN_ID={run}");
    let pids = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let of_run = |pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes())
    };
    pids.filter(of_run).filter(|pid| is_alive(*pid)).collect()
}
