//! One run from its order to its outcome, and runs that are found again.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cronbus_core::id::RunId;
use cronbus_core::job::command::Shell;
use cronbus_core::job::{JobName, OnTimeout};
use cronbus_core::port::Clock;
use cronbus_core::port::log::Writer;
use cronbus_core::port::runner::{Order, Outlived, Reaped, Started, Stop};
use cronbus_core::port::spool::Process;
use cronbus_core::run::{Ending, Outcome};
use cronbus_core::secret;
use cronbus_core::time::Timestamp;
use cronbus_core::wire::Assignment;
use cronbus_shim_kit::file::{self, Reading};
use cronbus_shim_kit::native::Program;
use cronbus_shim_kit::{order, proc};
use futures::executor::block_on;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use super::super::plan::{Ground, Plan};
use super::super::user::Identity;
use super::crew::Crew;
use super::groups::{Groups, Made};
use super::line::Line;
use super::place::Place;
use super::threads::{Means, Threads};
use super::ward::{Abandoned, Concluded, Ward};
use crate::blocking;
use crate::runner::output::Recorder;
use crate::runner::{Settings, ShimSettings, stop};

/// How long the threads may take to let go of all runs: what they have read of them may have to be written.
const LEAVING: Duration = Duration::from_secs(5);

/// Work for a thread.
#[derive(Debug)]
pub(super) enum Work {
    Start(Box<Start>),
    Resume(Box<Resume>),
    Forget(Vec<RunId>),
}

/// A run that is to be started.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) command: Shell,
    pub(super) assignment: Arc<Assignment>,
    pub(super) secrets: secret::Values,
    pub(super) recorder: Box<Recorder>,
    pub(super) tell: mpsc::Sender<Started>,
    pub(super) line: Arc<Line>,
    pub(super) done: oneshot::Sender<Concluded>,
    pub(super) runtime: Handle,
    pub(super) kill_grace: Duration,
    pub(super) output_limit: u64,
}

/// Whose file is to be made.
pub(super) struct Assigned {
    pub(super) run: RunId,
    pub(super) job: String,
}

/// A run that is to be taken up.
#[derive(Debug)]
pub(super) struct Resume {
    pub(super) plan: file::Plan,
    pub(super) ward: Ward,
}

impl Start {
    pub(super) fn assigned(&self) -> Assigned {
        Assigned { run: self.assignment.run, job: self.assignment.job.definition.name.as_str().to_owned() }
    }

    /// What the shim is asked for. It ends a run for its timeout only where the job wants that.
    pub(super) fn order(&self, program: Program, group: Option<&Made>) -> order::Order {
        let definition = &self.assignment.job.definition;
        let timeout = definition.timeout.filter(|_| definition.on_timeout == OnTimeout::Kill);
        order::Order {
            program,
            timeout_ms: timeout.map_or(0, |timeout| millis(timeout.duration()).max(1)),
            grace_ms: millis(self.kill_grace),
            output_limit: self.output_limit,
            mask: self.secrets.mask(),
            group: group.map(Made::group),
        }
    }

    pub(super) fn into_ward(self, reading: Reading, plan: Plan) -> Ward {
        Ward {
            run: self.assignment.run,
            line: self.line,
            reading,
            recorder: self.recorder,
            plan: Some(Box::new(plan)),
            tell: Some(self.tell),
            started: None,
            done: self.done,
            runtime: self.runtime,
            is_looked_at: false,
            behind: None,
            alarm: None,
        }
    }

    /// It is over before it began.
    pub(super) fn never_began(mut self, ending: Ending, reason: String, now: Timestamp) {
        self.line.over();
        let _context = self.runtime.enter();
        block_on(self.recorder.note(&reason));
        let (output, _) = block_on(self.recorder.finish());
        let _ = self.done.send(Concluded::Over(Outcome { output, ..Outcome::bare(ending, None, now, reason) }));
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Runs processes under shims.
#[derive(Debug)]
pub(in crate::runner) struct Shims {
    clock: Arc<dyn Clock>,
    place: Place,
    groups: Groups,
    threads: Threads,
    /// The runs that have a shim, or had one and whose end is not settled.
    lines: Mutex<HashMap<RunId, Arc<Line>>>,
}

/// A run whose shim ended without saying how the run did.
#[derive(Debug)]
pub(in crate::runner) struct Left {
    abandoned: Box<Abandoned>,
}

/// Whoever lets go of a run in the middle, because its node's actor failed, finds it again.
struct LettingGo(Arc<Line>);

impl Drop for LettingGo {
    fn drop(&mut self) {
        self.0.let_go();
    }
}

impl Shims {
    /// # Errors
    /// When the folder cannot be made, `/dev/null` cannot be opened, or the system refuses threads.
    pub(in crate::runner) fn new(settings: &Settings, shims: &ShimSettings) -> io::Result<Self> {
        let ground = Ground {
            shell: settings.shell.clone(),
            path: settings.path.clone(),
            executable: settings.executable.to_string_lossy().into_owned(),
            own: Identity::own(),
        };
        let place = Place::open(&shims.folder)?;
        let means = Means {
            clock: Arc::clone(&settings.clock),
            ground: Arc::new(ground),
            no_input: Arc::new(File::open("/dev/null")?.into()),
            crew: Arc::new(Crew::new(&shims.executable)?),
            place: place.clone(),
            groups: shims.groups.clone(),
            boot: proc::boot_id().into(),
        };
        let threads = Threads::start(&means)?;
        Ok(Self { threads, clock: means.clock, place, groups: means.groups, lines: Mutex::default() })
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<RunId, Arc<Line>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn new_line(&self, run: RunId) -> Arc<Line> {
        let line = Arc::new(Line::new());
        self.lines().insert(run, Arc::clone(&line));
        line
    }

    /// Executes one shell command; see [`cronbus_core::port::Runner::run`].
    pub(in crate::runner) async fn run(&self, command: &Shell, order: Order) -> Result<Outcome, Left> {
        let Order { assignment, secrets, kill_grace, output_limit, log, started, stop } = order;
        let (done, concluded) = oneshot::channel();
        let line = self.new_line(assignment.run);
        let start = Start {
            command: command.clone(),
            assignment,
            recorder: Box::new(Recorder::new(Arc::clone(&self.clock), log, output_limit, secrets.mask())),
            secrets,
            tell: started,
            line: Arc::clone(&line),
            done,
            runtime: Handle::current(),
            kill_grace,
            output_limit,
        };
        self.threads.push(Work::Start(Box::new(start)));
        self.follow(line, concluded, stop).await
    }

    /// Waits for the end, and asks for it as it is told.
    async fn follow(
        &self,
        line: Arc<Line>,
        mut concluded: oneshot::Receiver<Concluded>,
        mut stop: watch::Receiver<Stop>,
    ) -> Result<Outcome, Left> {
        let _letting_go = LettingGo(Arc::clone(&line));
        let asking = async {
            line.stop(stop::asked(&mut stop).await);
            stop::hurried(&mut stop).await;
            line.stop(Stop::KillNow);
            std::future::pending::<()>().await;
        };
        let word = tokio::select! {
            biased;
            word = &mut concluded => word,
            () = asking => return Ok(self.failed()),
        };
        match word {
            Ok(Concluded::Over(outcome)) => Ok(outcome),
            Ok(Concluded::Abandoned(abandoned)) => Err(Left { abandoned }),
            // It was let go of: who takes it up next tells how it ends.
            Err(_) => {
                line.is_left();
                std::future::pending().await
            }
        }
    }

    fn failed(&self) -> Outcome {
        Outcome::bare(Ending::Failed, None, self.clock.now(), "the thread that had it in charge failed")
    }

    /// See [`cronbus_core::port::Runner::find`].
    pub(in crate::runner) async fn find(&self, run: RunId) -> Option<Outlived> {
        let place = self.place.clone();
        let found = blocking::elsewhere(move || {
            let Some(file) = place.open_file(run)? else { return Ok(None) };
            Ok(file::read_plan(&file)?.map(|plan| (plan, file::read_started(&file))))
        });
        let (plan, started) = match found.await {
            Ok(found) => found?,
            Err(error) => {
                tracing::warn!(%run, %error, "the file of a run could not be read");
                return None;
            }
        };
        let started_at = started.ok().flatten().map(|started| Timestamp::from_millis(started.at_ms));
        Some(Outlived { job: JobName::new(&plan.job).ok()?, started_at })
    }

    /// Takes a run up; see [`cronbus_core::port::Runner::resume`].
    pub(in crate::runner) async fn resume(
        &self,
        run: RunId,
        mut log: Box<dyn Writer>,
        stop: watch::Receiver<Stop>,
    ) -> Result<Outcome, Left> {
        let written = log.written().await;
        let place = self.place.clone();
        let opened = blocking::elsewhere(move || {
            let file = place.open_file(run)?.ok_or(io::ErrorKind::NotFound)?;
            let plan = file::read_plan(&file)?.ok_or(io::ErrorKind::InvalidData)?;
            Ok((file, plan))
        });
        let (written, (file, plan)) = match (written, opened.await) {
            (Ok(written), Ok(opened)) => (written, opened),
            (Err(error), _) => return Ok(self.lost(&error)),
            (_, Err(error)) => return Ok(self.lost(&error)),
        };
        let (done, concluded) = oneshot::channel();
        let line = self.new_line(run);
        let ward = Ward {
            run,
            line: Arc::clone(&line),
            reading: Reading::new(file, written.bytes.saturating_add(written.left_out)),
            recorder: Box::new(Recorder::resume(Arc::clone(&self.clock), log, plan.output_limit, written)),
            plan: None,
            tell: None,
            started: None,
            done,
            runtime: Handle::current(),
            is_looked_at: true,
            behind: None,
            alarm: None,
        };
        self.threads.push(Work::Resume(Box::new(Resume { plan, ward })));
        self.follow(line, concluded, stop).await
    }

    fn lost(&self, error: &dyn std::fmt::Display) -> Outcome {
        let reason = format!("its node ended while it ran, and what became of it cannot be read: {error}");
        Outcome::bare(Ending::Lost, None, self.clock.now(), reason)
    }

    /// Ends whoever is left in the control group of a run whose shim is gone.
    pub(in crate::runner) async fn empty(&self, run: RunId) {
        let groups = self.groups.clone();
        let ended = blocking::elsewhere(move || {
            groups.end(run);
            Ok(())
        });
        // There may be no such group.
        let _ = ended.await;
    }

    /// What is said of a run whose shim is gone, once its processes were looked for.
    pub(in crate::runner) async fn bury(&self, left: Left, reaped: Option<Reaped>) -> Outcome {
        let Abandoned { mut recorder, started_at, why, run, is_of_this_boot, .. } = *left.abandoned;
        let rest = match reaped {
            None if !is_of_this_boot => "nothing of its processes can be left",
            None => "whether it had been started is not known",
            Some(Reaped::Gone) => "nothing of its processes was left",
            Some(Reaped::Ended) => "what was left of its processes was ended",
            Some(Reaped::Left) => "its processes were left running",
        };
        let reason = format!("{why}; {rest}; how it ended is not known");
        tracing::warn!(%run, reason, "a run is lost");
        recorder.note(&reason).await;
        let (output, _) = recorder.finish().await;
        Outcome { output, ..Outcome::bare(Ending::Lost, started_at, self.clock.now(), reason) }
    }

    /// See [`cronbus_core::port::Runner::settled`].
    pub(in crate::runner) fn settled(&self, runs: &[RunId]) {
        let mut lines = self.lines();
        let had: Vec<RunId> = runs.iter().filter(|run| lines.remove(run).is_some()).copied().collect();
        drop(lines);
        if !had.is_empty() {
            self.threads.push(Work::Forget(had));
        }
    }

    /// Removes the files of runs that nobody asks for, unless they go on.
    pub(in crate::runner) async fn sweep(&self, wanted: &[RunId]) {
        let (place, groups, wanted) = (self.place.clone(), self.groups.clone(), wanted.to_vec());
        let swept = blocking::elsewhere(move || {
            groups.sweep(&wanted);
            for run in place.runs().into_iter().filter(|run| !wanted.contains(run)) {
                let goes_on =
                    |file: &File| file::read_plan(file).ok().flatten().is_some_and(|plan| proc::lives(plan.shim));
                if !place.open_file(run)?.is_some_and(|file| goes_on(&file)) {
                    place.remove(run);
                }
            }
            Ok(())
        });
        if let Err(error) = swept.await {
            tracing::warn!(%error, "the files of runs that are over could not be removed");
        }
    }

    /// See [`cronbus_core::port::Runner::leave`].
    pub(in crate::runner) async fn leave(&self) -> Vec<RunId> {
        let lines = std::mem::take(&mut *self.lines());
        let left: Vec<_> = lines.into_iter().filter(|(_, line)| line.leave()).collect();
        let all_left = futures::future::join_all(left.iter().map(|(_, line)| line.until_left()));
        if tokio::time::timeout(LEAVING, all_left).await.is_err() {
            tracing::warn!(
                "runs that go on were not let go of within {LEAVING:?}: some of their output may come twice"
            );
        }
        left.into_iter().map(|(run, _)| run).collect()
    }
}

impl Left {
    /// With what somebody else remembers of its process.
    pub(in crate::runner) fn or(mut self, remembered: Option<Process>) -> Self {
        self.abandoned.process = self.abandoned.process.or(remembered);
        self
    }

    /// Which run it is.
    pub(in crate::runner) fn run(&self) -> RunId {
        self.abandoned.run
    }

    /// Its leader, if it is known that it was started.
    pub(in crate::runner) fn process(&self) -> Option<Process> {
        self.abandoned.process.filter(|_| self.abandoned.is_of_this_boot)
    }
}
