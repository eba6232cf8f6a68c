//! One process from its start to the proof of its end.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::job::command::Shell;
use cronbus_core::port::Clock;
use cronbus_core::port::log::Stream;
use cronbus_core::port::runner::{Order, Reaped, Started, Stop};
use cronbus_core::port::spool::Process;
use cronbus_core::run::{Ending, Outcome};
use cronbus_core::time::Timestamp;
use cronbus_core::wire::Assignment;
use tokio::sync::{Semaphore, watch};

use super::census::{Census, Family};
use super::kill::{Ladder, Proof};
use super::leader::{Leader, Watch};
use super::plan::{Ground, Plan};
use super::pump::{Pipe, Pipes};
use super::spawn::{self, Spawned};
use super::user::Identity;
use super::verdict::{self, Verdict};
use crate::runner::Settings;
use crate::runner::output::Recorder;
use crate::runner::stop;

/// Runs processes.
#[derive(Debug)]
pub(in crate::runner) struct Supervisor {
    clock: Arc<dyn Clock>,
    ground: Arc<Ground>,
    census: Census,
    /// As many processes are started at a time as there are processors: each start holds a thread until its program is
    /// loaded, and more of them only wait for each other.
    starts: Semaphore,
    no_input: Arc<OwnedFd>,
}

/// How a process came to its end.
enum End {
    ByItself,
    Stopped(Stop, Proof),
}

/// A process at work.
struct Alive {
    leader: Leader,
    watch: Watch,
    pipes: Pipes,
    started_at: Timestamp,
}

impl Supervisor {
    /// # Errors
    /// When `/dev/null` cannot be opened.
    pub(in crate::runner) fn new(settings: &Settings) -> std::io::Result<Self> {
        let ground = Ground {
            shell: settings.shell.clone(),
            path: settings.path.clone(),
            executable: settings.executable.to_string_lossy().into_owned(),
            own: Identity::own(),
        };
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            clock: Arc::clone(&settings.clock),
            ground: Arc::new(ground),
            census: Census::default(),
            starts: Semaphore::new(processors),
            no_input: Arc::new(File::open("/dev/null")?.into()),
        })
    }

    /// Executes one shell command; see [`cronbus_core::port::Runner::run`].
    pub(in crate::runner) async fn run(&self, command: &Shell, order: Order) -> Outcome {
        let Order { assignment, kill_grace, output_limit, log, started, mut stop } = order;
        let mut recorder = Recorder::new(Arc::clone(&self.clock), log, output_limit);
        let mut alive = match self.start(command, &assignment).await {
            Ok(alive) => alive,
            Err(reason) => return self.not_started(recorder, &reason).await,
        };
        let process = alive.leader.process();
        // Whoever asked for it may be gone; the run goes on.
        let _ = started.try_send(Started { at: alive.started_at, process: Some(process) });
        let family = Family { leader: process, run: Some(assignment.run.to_string()) };
        let Alive { leader, watch, pipes, .. } = &mut alive;
        let end = pipes.drain(&mut recorder, self.supervise(leader, watch, &family, kill_grace, &mut stop)).await;
        self.conclude(alive, end, &family, recorder).await
    }

    async fn start(&self, command: &Shell, assignment: &Arc<Assignment>) -> Result<Alive, String> {
        let _permit = self.starts.acquire().await.map_err(|_| "the node is shutting down".to_owned())?;
        let (command, assignment) = (command.clone(), Arc::clone(assignment));
        let (ground, no_input) = (Arc::clone(&self.ground), Arc::clone(&self.no_input));
        let spawned = tokio::task::spawn_blocking(move || spawn(&command, &assignment, &ground, &no_input))
            .await
            .map_err(|error| error.to_string())??;
        let started_at = self.clock.now();
        let refused = |error: std::io::Error| format!("it could not be watched: {error}");
        let Spawned { leader, pidfd, stdout, stderr } = spawned;
        Ok(Alive {
            leader,
            watch: Watch::new(pidfd).map_err(refused)?,
            pipes: Pipes {
                stdout: Pipe::new(Stream::Stdout, stdout).map_err(refused)?,
                stderr: Pipe::new(Stream::Stderr, stderr).map_err(refused)?,
            },
            started_at,
        })
    }

    async fn supervise(
        &self,
        leader: &Leader,
        watch: &Watch,
        family: &Family,
        grace: Duration,
        stop: &mut watch::Receiver<Stop>,
    ) -> End {
        let why = tokio::select! {
            biased;
            () = watch.ended() => return End::ByItself,
            why = stop::asked(stop) => why,
        };
        let ladder = Ladder::new(&self.census, family, Some(leader));
        let proof = match why {
            Stop::KillNow => ladder.kill().await,
            _ => ladder.terminate(grace, stop::hurried(stop)).await,
        };
        End::Stopped(why, proof)
    }

    async fn conclude(&self, mut alive: Alive, end: End, family: &Family, mut recorder: Recorder) -> Outcome {
        let waited = alive.leader.wait();
        let (ending, reason) = match &end {
            End::ByItself => {
                self.tell_of_followers(&alive.leader, family, &mut recorder).await;
                (None, String::new())
            }
            End::Stopped(why, proof) => {
                let (ending, word) = stop::ending(*why);
                let reason = format!("{word}: {proof}");
                recorder.note(&reason).await;
                (Some(ending), reason)
            }
        };
        let verdict = waited.map_or_else(|| unknown(family.leader), |waited| Verdict::of(waited.status));
        let (output, failure) = recorder.finish().await;
        let reason = if ending.is_some() { reason } else { verdict.reason };
        Outcome {
            ending: ending.unwrap_or(verdict.ending),
            started_at: Some(alive.started_at),
            ended_at: self.clock.now(),
            exit_code: verdict.exit_code,
            signal: verdict.signal,
            reason: with_failure(reason, failure),
            usage: waited.as_ref().map(verdict::usage),
            output,
        }
    }

    /// What a command left running in the background when it ended by itself is left alone, as cron does; people are
    /// told.
    async fn tell_of_followers(&self, leader: &Leader, family: &Family, recorder: &mut Recorder) {
        if !leader.has_followers() {
            return;
        }
        let followers = self.census.take().await.members(family).len();
        if followers > 0 {
            let text = format!(
                "left running in the background: {followers} processes of group {}; what they print from now on is lost",
                family.leader.pid
            );
            recorder.note(&text).await;
        }
    }

    async fn not_started(&self, mut recorder: Recorder, reason: &str) -> Outcome {
        let reason = format!("could not be started: {reason}");
        recorder.note(&reason).await;
        let (output, failure) = recorder.finish().await;
        let reason = with_failure(reason, failure);
        Outcome { output, ..Outcome::bare(Ending::Failed, None, self.clock.now(), reason) }
    }

    /// Deals with what a former life of the node left behind; see [`cronbus_core::port::Runner::reap`].
    pub(in crate::runner) async fn reap(&self, process: Process, grace: Duration, kill: bool) -> Reaped {
        let snapshot = self.census.take().await;
        let Some(family) = snapshot.family_left_by(process) else { return Reaped::Gone };
        if !kill {
            return Reaped::Left;
        }
        let proof = Ladder::new(&self.census, &family, None).terminate(grace, std::future::pending()).await;
        tracing::info!(process_group = process.pid, %proof, "ended what a former life of this node left behind");
        if proof.is_complete() { Reaped::Ended } else { Reaped::Left }
    }
}

/// What happens on a thread that may block.
fn spawn(command: &Shell, assignment: &Assignment, ground: &Ground, no_input: &OwnedFd) -> Result<Spawned, String> {
    let plan = Plan::new(command, assignment, ground)?;
    if command.stdin.is_empty() {
        return spawn::spawn(&plan, no_input.as_fd());
    }
    let text = spawn::readable_text(&command.stdin)?;
    spawn::spawn(&plan, text.as_fd())
}

/// The verdict on a process that nobody could wait for: one that the kernel holds, or that somebody else waited for.
fn unknown(process: Process) -> Verdict {
    let reason = format!("process {} could not be waited for: how it ended is unknown", process.pid);
    Verdict { ending: Ending::Failed, exit_code: None, signal: None, reason }
}

fn with_failure(reason: String, failure: Option<String>) -> String {
    match failure {
        None => reason,
        Some(failure) if reason.is_empty() => format!("its output was not kept: {failure}"),
        Some(failure) => format!("{reason}; its output was not kept: {failure}"),
    }
}
