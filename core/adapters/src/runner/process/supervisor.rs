//! One process from its order to its outcome. The threads start it, read it and see its end; here is what is rare: an
//! end that has to be brought about, and the search for who is left.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::job::command::Shell;
use cronbus_core::port::Clock;
use cronbus_core::port::runner::{Order, Reaped, Stop};
use cronbus_core::port::spool::Process;
use cronbus_core::run::{Ending, Outcome, Output};
use cronbus_core::time::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use super::census::{Census, Family};
use super::charge::{Concluded, Log, Unsaid};
use super::kill::{Ladder, Proof};
use super::leash::{Hold, Leash};
use super::native::Waited;
use super::plan::Ground;
use super::queue::Start;
use super::threads::{Means, Threads};
use super::user::Identity;
use super::verdict::{self, Verdict};
use crate::runner::Settings;
use crate::runner::output::Recorder;
use crate::runner::stop;

/// Runs processes.
#[derive(Debug)]
pub(in crate::runner) struct Supervisor {
    clock: Arc<dyn Clock>,
    census: Census,
    threads: Threads,
}

/// The end of a process that was brought about.
#[derive(Debug)]
struct Stopped {
    why: Stop,
    /// What became of its family; absent when it had not been started.
    proof: Option<Proof>,
}

/// The end of its process, as its thread tells it.
type Word = Result<Concluded, oneshot::error::RecvError>;

/// Whoever lets go of a run in the middle, because its node's actor failed, leaves nothing running unwatched.
struct Abandoning(Arc<Leash>);

impl Drop for Abandoning {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl Supervisor {
    /// # Errors
    /// When `/dev/null` cannot be opened, or the system refuses threads.
    pub(in crate::runner) fn new(settings: &Settings) -> std::io::Result<Self> {
        let ground = Ground {
            shell: settings.shell.clone(),
            path: settings.path.clone(),
            executable: settings.executable.to_string_lossy().into_owned(),
            own: Identity::own(),
        };
        let means = Means {
            clock: Arc::clone(&settings.clock),
            ground: Arc::new(ground),
            no_input: Arc::new(File::open("/dev/null")?.into()),
        };
        let threads = Threads::start(&means)?;
        Ok(Self { clock: means.clock, census: Census::default(), threads })
    }

    /// Executes one shell command; see [`cronbus_core::port::Runner::run`].
    pub(in crate::runner) async fn run(&self, command: &Shell, order: Order) -> Outcome {
        let Order { assignment, secrets, kill_grace, output_limit, log, started, mut stop } = order;
        let run = assignment.run;
        let (done, mut concluded) = oneshot::channel();
        let leash = Arc::new(Leash::new());
        let _abandoning = Abandoning(Arc::clone(&leash));
        self.threads.push(Start {
            command: command.clone(),
            assignment,
            recorder: Box::new(Recorder::new(Arc::clone(&self.clock), log, output_limit, secrets.mask())),
            secrets,
            started,
            leash: Arc::clone(&leash),
            done,
            runtime: Handle::current(),
        });
        let family = |leader| Family { leader, run: Some(run.to_string()) };
        let (word, stopped) = tokio::select! {
            biased;
            word = &mut concluded => (word, None),
            why = stop::asked(&mut stop) => self.stop(why, &leash, &mut concluded, kill_grace, &mut stop, family).await,
        };
        match word {
            Ok(concluded) => self.conclude(concluded, stopped, family).await,
            Err(_) => Outcome::bare(Ending::Failed, None, self.clock.now(), "the thread that had it in charge failed"),
        }
    }

    /// Brings the end of a process about, unless that comes by itself meanwhile.
    async fn stop(
        &self,
        why: Stop,
        leash: &Leash,
        concluded: &mut oneshot::Receiver<Concluded>,
        grace: Duration,
        stop: &mut watch::Receiver<Stop>,
        family: impl Fn(Process) -> Family,
    ) -> (Word, Option<Stopped>) {
        let leader = loop {
            match leash.hold() {
                Hold::Held(leader) => break leader,
                Hold::TooLate => return (concluded.await, None),
                Hold::TooEarly => {}
            }
            tokio::select! {
                biased;
                word = &mut *concluded => return (word, Some(Stopped { why, proof: None })),
                () = leash.began() => {}
            }
        };
        let family = family(leader);
        let ladder = Ladder::new(&self.census, &family, Some(leash));
        let proof = match why {
            Stop::KillNow => ladder.kill().await,
            _ => ladder.terminate(grace, stop::hurried(stop)).await,
        };
        leash.let_go();
        (concluded.await, Some(Stopped { why, proof: Some(proof) }))
    }

    async fn conclude(
        &self,
        concluded: Concluded,
        stopped: Option<Stopped>,
        family: impl Fn(Process) -> Family,
    ) -> Outcome {
        let Concluded { process, started_at, ended_at, waited, log } = concluded;
        let verdict = waited.map_or_else(|| unknown(process), |waited| Verdict::of(waited.status));
        let (mut recorder, unsaid) = match log {
            Log::Closed(output, failure) => return outcome(verdict, started_at, ended_at, waited, output, failure),
            Log::Open(recorder, unsaid) => (recorder, unsaid),
        };
        let verdict = match unsaid {
            Unsaid::NotStarted(why) => Verdict::without_process(Ending::Failed, format!("could not be started: {why}")),
            Unsaid::Withdrawn => withdrawn(stopped),
            Unsaid::Stopped => brought_about(verdict, stopped),
            Unsaid::Followers => {
                self.tell_of_followers(process.map(family), &mut recorder).await;
                let (output, failure) = recorder.finish().await;
                return outcome(verdict, started_at, ended_at, waited, output, failure);
            }
        };
        recorder.note(&verdict.reason).await;
        let (output, failure) = recorder.finish().await;
        outcome(verdict, started_at, self.clock.now(), waited, output, failure)
    }

    /// What a command left running in the background when it ended by itself is left alone, as cron does; people are
    /// told.
    async fn tell_of_followers(&self, family: Option<Family>, recorder: &mut Recorder) {
        let Some(family) = family else { return };
        let followers = self.census.take().await.members(&family).len();
        if followers > 0 {
            let text = format!(
                "left running in the background: {followers} processes of group {}; what they print from now on is lost",
                family.leader.pid
            );
            recorder.note(&text).await;
        }
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

fn outcome(
    verdict: Verdict,
    started_at: Option<Timestamp>,
    ended_at: Timestamp,
    waited: Option<Waited>,
    output: Output,
    failure: Option<String>,
) -> Outcome {
    Outcome {
        ending: verdict.ending,
        started_at,
        ended_at,
        exit_code: verdict.exit_code,
        signal: verdict.signal,
        reason: with_failure(verdict.reason, failure),
        usage: waited.as_ref().map(verdict::usage),
        output,
    }
}

fn withdrawn(stopped: Option<Stopped>) -> Verdict {
    let (ending, word) = stop::ending(stopped.map_or(Stop::Kill, |stopped| stopped.why));
    Verdict::without_process(ending, format!("{word} before it started"))
}

fn brought_about(verdict: Verdict, stopped: Option<Stopped>) -> Verdict {
    let Some(Stopped { why, proof: Some(proof) }) = stopped else { return verdict };
    let (ending, word) = stop::ending(why);
    Verdict { ending, reason: format!("{word}: {proof}"), ..verdict }
}

/// The verdict on a process that nobody could wait for: one that the kernel holds, or that somebody else waited for.
fn unknown(process: Option<Process>) -> Verdict {
    let number = process.map_or(0, |process| process.pid);
    let reason = format!("process {number} could not be waited for: how it ended is unknown");
    Verdict::without_process(Ending::Failed, reason)
}

pub(super) fn with_failure(reason: String, failure: Option<String>) -> String {
    match failure {
        None => reason,
        Some(failure) if reason.is_empty() => format!("its output was not kept: {failure}"),
        Some(failure) => format!("{reason}; its output was not kept: {failure}"),
    }
}
