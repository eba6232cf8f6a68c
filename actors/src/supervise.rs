//! Keeps actors alive: starts each from its factory, starts it again when it crashed, and gives the node up when that
//! does not help.
//!
//! actix does not do this: a panic anywhere in an actor closes its address for good, its `Supervisor` does not restart
//! it, and while the panic unwinds, actix calls `stopping` and `stopped` of the broken actor, where a second panic
//! would end the process. So the actor's future is driven here, under a catch of its own: a panic in a handler, in a
//! timer, in a future that the actor spawned, in `started` or in the factory is a crash of that incarnation. It is
//! dropped without another call into it, and the next one is built from nothing but what the factory holds.
//!
//! An incarnation that ends by itself (`ctx.stop()`) is taken for a crash as well: an actor ends when it is told to.
//!
//! What an actor *knows* is not kept: the factory's actor has to rebuild it from the store. What a panic may have left
//! half done in shared values is theirs to survive.

use std::any::Any;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use actix::dev::ContextFut;
use actix::{Actor, ActorContext, AsyncContext, Context};
use actix_rt::ArbiterHandle;
use futures::FutureExt;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::mailbox::{Gauges, Inlet, Reader};

/// How often and how fast an actor is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartPolicy {
    /// After this many restarts within `window`, the next crash gives the node up.
    pub max_restarts: u32,
    /// How far back restarts count.
    pub window: Duration,
    /// The pause before the first restart within the window; it doubles with each further one.
    pub backoff_initial: Duration,
    /// The longest pause.
    pub backoff_max: Duration,
}

impl Default for RestartPolicy {
    fn default() -> Self {
        Self {
            max_restarts: 5,
            window: Duration::from_secs(60),
            backoff_initial: Duration::from_millis(100),
            backoff_max: Duration::from_secs(5),
        }
    }
}

/// An actor that could not be kept alive. The node should end: without it, it promises what it cannot hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {actor} crashed again after {restarts} restarts within {window:?}, the last time with: {reason}")]
pub struct GaveUp {
    /// Which actor.
    pub actor: Arc<str>,
    /// How often it was started again within the window.
    pub restarts: u32,
    /// The window.
    pub window: Duration,
    /// What the last panic said.
    pub reason: String,
}

/// How an actor's supervision ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was told to stop, or nobody could reach it any more.
    Stopped,
    /// It crashed too often.
    GaveUp(GaveUp),
    /// The thread that it lived on ended.
    Abandoned,
}

/// Starts actors on one arbiter under one policy.
#[derive(Clone)]
pub struct Supervisor {
    arbiter: ArbiterHandle,
    policy: RestartPolicy,
    on_give_up: Arc<dyn Fn(&GaveUp) + Send + Sync>,
}

impl Supervisor {
    /// Actors will live on `arbiter`; `on_give_up` is called there when one of them crashed too often.
    #[must_use]
    pub fn new(
        arbiter: ArbiterHandle,
        policy: RestartPolicy,
        on_give_up: impl Fn(&GaveUp) + Send + Sync + 'static,
    ) -> Self {
        Self { arbiter, policy, on_give_up: Arc::new(on_give_up) }
    }

    /// The same for actors that live on another thread.
    #[must_use]
    pub fn on(&self, arbiter: ArbiterHandle) -> Self {
        Self { arbiter, ..self.clone() }
    }

    /// Starts the actor that reads `inlet`, as `factory` builds it, and keeps it alive until the result is stopped or
    /// dropped. The factory runs on the arbiter's thread, once for each incarnation.
    pub fn start<A, F>(&self, inlet: Inlet<A>, factory: F) -> Supervised
    where
        A: Actor<Context = Context<A>>,
        F: Fn() -> A + Send + 'static,
    {
        let (stop, stopping) = watch::channel(());
        let (tell_ending, ending) = watch::channel(None);
        let watched = Supervision {
            gauges: inlet.gauges().clone(),
            policy: self.policy,
            on_give_up: self.on_give_up.clone(),
            stopping,
        };
        self.arbiter.spawn_fn(move || {
            actix_rt::spawn(async move {
                let ending = watched.run(inlet, factory).await;
                tell_ending.send_replace(Some(ending));
            });
        });
        Supervised { stop: Some(stop), ending }
    }
}

impl std::fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supervisor").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// An actor that is kept alive. Dropping this stops it.
#[derive(Debug)]
#[must_use = "an actor is stopped when its `Supervised` is dropped"]
pub struct Supervised {
    stop: Option<watch::Sender<()>>,
    ending: watch::Receiver<Option<Ending>>,
}

impl Supervised {
    /// Stops the actor for good, once what it is doing at the moment is done. Its mailbox closes; messages that wait
    /// there are dropped.
    pub fn stop(&mut self) {
        self.stop = None;
    }

    /// Waits until the actor has ended for good.
    pub async fn ended(&self) -> Ending {
        let mut ending = self.ending.clone();
        let told = ending.wait_for(Option::is_some).await;
        told.ok().and_then(|ending| ending.clone()).unwrap_or(Ending::Abandoned)
    }
}

/// What happens to one actor over all its incarnations.
struct Supervision {
    gauges: Arc<Gauges>,
    policy: RestartPolicy,
    on_give_up: Arc<dyn Fn(&GaveUp) + Send + Sync>,
    stopping: watch::Receiver<()>,
}

/// How one incarnation ended.
enum Life {
    Over,
    Crashed(String),
}

impl Supervision {
    async fn run<A, F>(mut self, inlet: Inlet<A>, factory: F) -> Ending
    where
        A: Actor<Context = Context<A>>,
        F: Fn() -> A,
    {
        let inlet = Rc::new(RefCell::new(inlet));
        let mut restarts = Restarts::new(self.policy);
        loop {
            let reason = match self.live(&inlet, &factory).await {
                Life::Over => return Ending::Stopped,
                Life::Crashed(reason) => reason,
            };
            let Some(pause) = restarts.next(Instant::now()) else {
                return self.give_up(reason);
            };
            self.gauges.restarted();
            tracing::error!(actor = %self.gauges.name(), reason, ?pause, "the actor crashed and will be started again");
            tokio::select! {
                biased;
                () = told_to_stop(&mut self.stopping) => return Ending::Stopped,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Builds one incarnation and drives it to its end.
    async fn live<A, F>(&mut self, inlet: &Rc<RefCell<Inlet<A>>>, factory: &F) -> Life
    where
        A: Actor<Context = Context<A>>,
        F: Fn() -> A,
    {
        let actor = match caught(factory) {
            Ok(actor) => actor,
            Err(reason) => return Life::Crashed(reason),
        };
        let mut context = Context::new();
        context.spawn(Reader(inlet.clone()));
        let mut body = Body(Some(Box::new(context.into_future(actor))));
        tokio::select! {
            biased;
            () = told_to_stop(&mut self.stopping) => {
                body.stop();
                Life::Over
            }
            end = body.run() => match end {
                Ok(()) if inlet.borrow().is_finished() => Life::Over,
                Ok(()) => Life::Crashed("it stopped without being told to".to_owned()),
                Err(reason) => Life::Crashed(reason),
            }
        }
    }

    fn give_up(&self, reason: String) -> Ending {
        let Self { gauges, policy, .. } = self;
        let gave_up =
            GaveUp { actor: gauges.name().clone(), restarts: policy.max_restarts, window: policy.window, reason };
        tracing::error!(actor = %gave_up.actor, reason = %gave_up, "the actor is given up");
        (self.on_give_up)(&gave_up);
        Ending::GaveUp(gave_up)
    }
}

async fn told_to_stop(stopping: &mut watch::Receiver<()>) {
    // Nothing is ever sent: the sender is dropped.
    while stopping.changed().await.is_ok() {}
}

/// The future of one incarnation: actix's context with the actor in it. `None` after its end.
struct Body<A: Actor<Context = Context<A>>>(Option<Box<ContextFut<A, Context<A>>>>);

impl<A: Actor<Context = Context<A>>> Body<A> {
    async fn run(&mut self) -> Result<(), String> {
        poll_fn(|task| {
            let Some(running) = &mut self.0 else {
                return Poll::Ready(Ok(()));
            };
            match caught(|| running.poll_unpin(task)) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(())) => Poll::Ready(Ok(())),
                Err(reason) => Poll::Ready(Err(reason)),
            }
        })
        .await
    }

    /// Ends it in order: `stopping` and `stopped` of the actor are called, nothing else of it.
    fn stop(&mut self) {
        let Some(running) = &mut self.0 else { return };
        running.ctx().stop();
        let mut task = std::task::Context::from_waker(std::task::Waker::noop());
        if let Err(reason) = caught(|| running.poll_unpin(&mut task)) {
            tracing::error!(reason, "an actor crashed while it was stopped");
        }
    }
}

impl<A: Actor<Context = Context<A>>> Drop for Body<A> {
    fn drop(&mut self) {
        let Some(mut running) = self.0.take() else { return };
        // Dropping a context that is not terminated polls it again, with the broken actor in it.
        running.ctx().terminate();
        if let Err(reason) = caught(|| drop(running)) {
            tracing::error!(reason, "an actor crashed while it was dropped");
        }
    }
}

/// Runs `act`; a panic in it becomes an error with what the panic said. Whatever `act` had borrowed is dropped by the
/// callers above without being looked at again, which is what makes the assertion true.
fn caught<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(act)).map_err(|panic| said(panic.as_ref()))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without words").to_owned()
}

/// Remembers the restarts within the window.
struct Restarts {
    policy: RestartPolicy,
    recent: VecDeque<Instant>,
}

impl Restarts {
    const fn new(policy: RestartPolicy) -> Self {
        Self { policy, recent: VecDeque::new() }
    }

    /// The pause before a restart after a crash at `now`; `None` when there were too many.
    fn next(&mut self, now: Instant) -> Option<Duration> {
        while self.recent.front().is_some_and(|&at| now.duration_since(at) > self.policy.window) {
            self.recent.pop_front();
        }
        let before = u32::try_from(self.recent.len()).unwrap_or(u32::MAX);
        if before >= self.policy.max_restarts {
            return None;
        }
        self.recent.push_back(now);
        let factor = 2_u32.saturating_pow(before);
        Some(self.policy.backoff_initial.saturating_mul(factor).min(self.policy.backoff_max))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    use actix::{AsyncContext, Handler, Message};

    use super::*;
    use crate::mailbox::{Error, Mailbox, open};

    const SECOND: Duration = Duration::from_secs(1);

    /// Runs `test` on an actix system of one thread whose time stands still and jumps to the next timer when idle.
    pub(crate) fn on_paused_time(test: impl Future<Output = ()>) {
        let paused = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        actix_rt::System::with_tokio_rt(paused).block_on(test);
    }

    /// Starts an actor on the current thread and never gives it up.
    pub(crate) fn start<A: Actor<Context = Context<A>>>(
        inlet: Inlet<A>,
        factory: impl Fn() -> A + Send + 'static,
    ) -> Supervised {
        let policy = RestartPolicy { max_restarts: u32::MAX, ..RestartPolicy::default() };
        Supervisor::new(actix_rt::Arbiter::current(), policy, |_| {}).start(inlet, factory)
    }

    /// Counts messages of its incarnation, and fails in every way there is.
    struct Frail {
        born: u32,
        handled: u32,
        log: Log,
    }

    type Log = Arc<std::sync::Mutex<Vec<&'static str>>>;

    impl Actor for Frail {
        type Context = Context<Self>;
        fn stopped(&mut self, _: &mut Self::Context) {
            self.log.lock().unwrap().push("stopped");
        }
    }

    impl Drop for Frail {
        fn drop(&mut self) {
            self.log.lock().unwrap().push("dropped");
        }
    }

    #[derive(Message, Clone, Copy, Debug)]
    #[rtype(result = "()")]
    enum Fail {
        InHandler,
        InFuture,
        ByStopping,
    }

    impl Handler<Fail> for Frail {
        type Result = ();
        fn handle(&mut self, how: Fail, ctx: &mut Self::Context) {
            match how {
                Fail::InHandler => panic!("as told, in the handler"),
                Fail::InFuture => {
                    ctx.run_later(Duration::ZERO, |_, _| panic!("as told, in a timer"));
                }
                Fail::ByStopping => ctx.stop(),
            }
        }
    }

    #[derive(Message)]
    #[rtype(result = "Option<(u32, u32)>")]
    struct WhichLife;

    impl Handler<WhichLife> for Frail {
        type Result = Option<(u32, u32)>;
        fn handle(&mut self, _: WhichLife, _: &mut Self::Context) -> Self::Result {
            self.handled += 1;
            Some((self.born, self.handled))
        }
    }

    fn frail(policy: RestartPolicy, given_up: &Arc<AtomicU32>) -> (Mailbox<Frail>, Supervised, Log) {
        let (mailbox, inlet) = open("frail", 8);
        let given_up = given_up.clone();
        let supervisor = Supervisor::new(actix_rt::Arbiter::current(), policy, move |_| {
            given_up.fetch_add(1, SeqCst);
        });
        let log = Log::default();
        let (births, notes) = (AtomicU32::new(0), log.clone());
        let alive = supervisor.start(inlet, move || Frail {
            born: births.fetch_add(1, SeqCst) + 1,
            handled: 0,
            log: notes.clone(),
        });
        (mailbox, alive, log)
    }

    #[test]
    fn every_kind_of_crash_is_followed_by_a_new_life_and_clones_go_on_working() {
        on_paused_time(async {
            let (mailbox, _alive, log) = frail(RestartPolicy::default(), &Arc::default());
            for (life, how) in (1..).zip([Fail::InHandler, Fail::InFuture, Fail::ByStopping]) {
                assert_eq!(mailbox.ask(WhichLife, SECOND).await, Ok(Some((life, 1))));
                mailbox.tell(how).await.unwrap();
                // Waits for the crash, so that the next question is not handled before it.
                while mailbox.gauges().status().restarts < u64::from(life) {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            assert_eq!(mailbox.clone().ask(WhichLife, SECOND).await, Ok(Some((4, 1))));
            // Only the one that stopped in order was called again.
            assert_eq!(*log.lock().unwrap(), ["dropped", "dropped", "stopped", "dropped"]);
        });
    }

    #[test]
    fn a_crash_loses_the_message_it_was_over_and_no_other() {
        on_paused_time(async {
            let (mailbox, _alive, _) = frail(RestartPolicy::default(), &Arc::default());
            let (crash, next) =
                futures::join!(mailbox.ask(Fail::InHandler, SECOND), mailbox.ask(WhichLife, 9 * SECOND));
            assert!(matches!(crash, Err(Error::Closed { .. })), "{crash:?}");
            assert_eq!(next, Ok(Some((2, 1))));
            let status = mailbox.gauges().status();
            assert_eq!((status.queued, status.handled, status.restarts), (0, 1, 1));
        });
    }

    #[test]
    fn too_many_crashes_within_the_window_give_the_actor_up() {
        on_paused_time(async {
            let policy = RestartPolicy { max_restarts: 2, ..RestartPolicy::default() };
            let given_up = Arc::default();
            let (mailbox, alive, _) = frail(policy, &given_up);
            for _ in 0..3 {
                mailbox.tell(Fail::InHandler).await.unwrap();
            }
            let Ending::GaveUp(last) = alive.ended().await else { panic!("it lives") };
            assert_eq!((last.restarts, last.reason.as_str()), (2, "as told, in the handler"));
            assert_eq!(given_up.load(SeqCst), 1);
            assert!(matches!(mailbox.ask(WhichLife, SECOND).await, Err(Error::Closed { .. })));
        });
    }

    #[test]
    fn a_factory_that_panics_is_tried_again() {
        on_paused_time(async {
            let (mailbox, inlet) = open("frail", 8);
            let tries = AtomicU32::new(0);
            let _alive = start(inlet, move || {
                assert!(tries.fetch_add(1, SeqCst) >= 3, "not yet");
                Frail { born: 9, handled: 0, log: Log::default() }
            });
            assert_eq!(mailbox.ask(WhichLife, 60 * SECOND).await, Ok(Some((9, 1))));
        });
    }

    #[test]
    fn stopping_is_no_crash_even_while_it_waits_to_restart() {
        on_paused_time(async {
            let (mailbox, mut alive, log) = frail(RestartPolicy::default(), &Arc::default());
            mailbox.ask(WhichLife, SECOND).await.unwrap();
            alive.stop();
            assert_eq!(alive.ended().await, Ending::Stopped);
            assert_eq!(*log.lock().unwrap(), ["stopped", "dropped"]);

            let (mailbox, mut alive, _) = frail(RestartPolicy::default(), &Arc::default());
            mailbox.ask(Fail::InHandler, SECOND).await.unwrap_err();
            alive.stop();
            assert_eq!(alive.ended().await, Ending::Stopped);
        });
    }

    #[test]
    fn an_actor_nobody_can_reach_ends() {
        on_paused_time(async {
            let (mailbox, alive, _) = frail(RestartPolicy::default(), &Arc::default());
            drop(mailbox);
            assert_eq!(alive.ended().await, Ending::Stopped);
        });
    }

    #[test]
    fn an_actor_on_another_thread_ends_with_it() {
        actix_rt::System::new().block_on(async {
            let (mailbox, inlet) = open("frail", 8);
            let arbiter = actix_rt::Arbiter::new();
            let supervisor = Supervisor::new(arbiter.handle(), RestartPolicy::default(), |_| {});
            let alive = supervisor.start(inlet, || Frail { born: 1, handled: 0, log: Log::default() });
            assert_eq!(mailbox.ask(WhichLife, 30 * SECOND).await, Ok(Some((1, 1))));
            arbiter.stop();
            assert_eq!(alive.ended().await, Ending::Abandoned);
            assert!(matches!(mailbox.ask(WhichLife, 30 * SECOND).await, Err(Error::Closed { .. })));
        });
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_old_restarts_are_forgotten() {
        on_paused_time(async {
            let policy = RestartPolicy {
                max_restarts: 4,
                window: 60 * SECOND,
                backoff_initial: SECOND,
                backoff_max: 3 * SECOND,
            };
            let mut restarts = Restarts::new(policy);
            let now = Instant::now();
            let pauses: Vec<_> = (0..5).map(|_| restarts.next(now).map(|pause| pause.as_secs())).collect();
            assert_eq!(pauses, [Some(1), Some(2), Some(3), Some(3), None]);
            assert_eq!(restarts.next(now + 61 * SECOND), Some(SECOND));
        });
    }
}
