//! The machine's clock, and the thread that keeps time.
//!
//! The timers of an async runtime count whole milliseconds and wake late when the runtime is busy; a run should start
//! within a millisecond of its due moment. So one thread does nothing but sleep until the next moment that somebody
//! waits for, and wakes them. It looks at the wall clock at least once a second while somebody waits for it, since the
//! wall clock may be set ahead.
//!
//! This is the only file that reads the wall clock.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;

use super::queue::Queue;
use crate::port::Clock;
use crate::time::Timestamp;

/// The longest time within which the wall clock may be set ahead unnoticed, while somebody waits for it.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The machine's wall clock and monotonic clock. Dropping it ends its thread.
#[derive(Debug)]
pub struct SystemClock {
    keeper: Arc<Keeper>,
    sleepers: AtomicU64,
}

impl SystemClock {
    /// Starts the timekeeper.
    ///
    /// # Errors
    /// When the machine refuses another thread.
    pub fn start() -> io::Result<Self> {
        let keeper = Arc::new(Keeper::new());
        let inside = keeper.clone();
        std::thread::Builder::new().name("timekeeper".to_owned()).spawn(move || inside.run())?;
        Ok(Self { keeper, sleepers: AtomicU64::new(0) })
    }

    fn until(&self, moment: Moment) -> Sleep<'_> {
        Sleep { keeper: &self.keeper, moment, sleeper: self.sleepers.fetch_add(1, Relaxed) }
    }
}

impl Drop for SystemClock {
    fn drop(&mut self) {
        self.keeper.waiting().closed = true;
        self.keeper.changed.notify_one();
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        wall()
    }

    fn monotonic(&self) -> Duration {
        self.keeper.monotonic()
    }

    async fn sleep_until(&self, at: Timestamp) {
        self.until(Moment::Wall(i128::from(at.millis()) * 1_000_000)).await;
    }

    async fn sleep(&self, period: Duration) {
        self.until(Moment::Monotonic(self.monotonic().saturating_add(period))).await;
    }
}

/// What the machine's clock says, for what people only read. Whoever decides by time asks the [`Clock`] he is given.
#[must_use]
pub fn wall() -> Timestamp {
    let millis = wall_nanos().div_euclid(1_000_000);
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// The wall clock, in nanoseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else asks")]
fn wall_nanos() -> i128 {
    match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i128::try_from(after.as_nanos()).unwrap_or(i128::MAX),
        Err(before) => i128::try_from(before.duration().as_nanos()).map_or(i128::MIN, |nanos| -nanos),
    }
}

/// When a sleep ends.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// Nanoseconds since the Unix epoch, by the wall clock.
    Wall(i128),
    /// Time since the clock was started.
    Monotonic(Duration),
}

/// Those who sleep.
#[derive(Debug, Default)]
struct Waiting {
    wall: Queue<i128>,
    monotonic: Queue<Duration>,
    closed: bool,
}

/// What sleepers and the timekeeper's thread share.
#[derive(Debug)]
struct Keeper {
    started: Instant,
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

impl Keeper {
    fn new() -> Self {
        Self { started: Instant::now(), waiting: Mutex::default(), changed: Condvar::new() }
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, moment: Moment) -> bool {
        match moment {
            Moment::Wall(at) => wall_nanos() >= at,
            Moment::Monotonic(at) => self.monotonic() >= at,
        }
    }

    fn insert(&self, moment: Moment, sleeper: u64, waker: &Waker) {
        let mut waiting = self.waiting();
        let is_first = match moment {
            Moment::Wall(at) => waiting.wall.insert(at, sleeper, waker.clone()),
            Moment::Monotonic(at) => waiting.monotonic.insert(at, sleeper, waker.clone()),
        };
        drop(waiting);
        if is_first {
            self.changed.notify_one();
        }
    }

    fn remove(&self, moment: Moment, sleeper: u64) {
        let mut waiting = self.waiting();
        match moment {
            Moment::Wall(at) => waiting.wall.remove(at, sleeper),
            Moment::Monotonic(at) => waiting.monotonic.remove(at, sleeper),
        }
    }

    /// The timekeeper's thread.
    fn run(&self) {
        let mut woken = Vec::new();
        let mut waiting = self.waiting();
        while !waiting.closed {
            waiting.wall.due(wall_nanos(), &mut woken);
            waiting.monotonic.due(self.monotonic(), &mut woken);
            waiting = if woken.is_empty() {
                self.wait(waiting)
            } else {
                // Woken without the lock: a waker may do anything, even sleep again.
                drop(waiting);
                woken.drain(..).for_each(Waker::wake);
                self.waiting()
            };
        }
    }

    fn wait<'a>(&self, waiting: MutexGuard<'a, Waiting>) -> MutexGuard<'a, Waiting> {
        match self.until_next(&waiting) {
            None => self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            Some(time) => self.changed.wait_timeout(waiting, time).unwrap_or_else(PoisonError::into_inner).0,
        }
    }

    fn until_next(&self, waiting: &Waiting) -> Option<Duration> {
        let wall = waiting.wall.first().map(|at| {
            let nanos = at.saturating_sub(wall_nanos()).max(0);
            u64::try_from(nanos).map_or(LOOK_AGAIN, Duration::from_nanos).min(LOOK_AGAIN)
        });
        let monotonic = waiting.monotonic.first().map(|at| at.saturating_sub(self.monotonic()));
        wall.into_iter().chain(monotonic).min()
    }
}

/// One sleep. It is on the timekeeper's list from its first poll until it is over or dropped.
struct Sleep<'a> {
    keeper: &'a Keeper,
    moment: Moment,
    sleeper: u64,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        if self.keeper.is_over(self.moment) {
            return Poll::Ready(());
        }
        self.keeper.insert(self.moment, self.sleeper, task.waker());
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.keeper.remove(self.moment, self.sleeper);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite;

    #[tokio::test]
    async fn keeps_the_contract_of_clocks() {
        suite::clock::keeps_its_contract(&SystemClock::start().unwrap()).await;
    }

    #[tokio::test]
    async fn a_dropped_sleep_leaves_nothing_behind() {
        let clock = SystemClock::start().unwrap();
        let long = Duration::from_secs(3600);
        for _ in 0..10 {
            let both = futures::future::join(clock.sleep(long), clock.sleep_until(clock.now() + long));
            assert!(tokio::time::timeout(Duration::from_millis(1), both).await.is_err());
        }
        let waiting = clock.keeper.waiting();
        assert_eq!((waiting.wall.first(), waiting.monotonic.first()), (None, None));
    }

    #[test]
    fn the_thread_ends_with_the_clock() {
        let clock = SystemClock::start().unwrap();
        let keeper = Arc::downgrade(&clock.keeper);
        drop(clock);
        let patience = Instant::now();
        while keeper.upgrade().is_some() {
            assert!(patience.elapsed() < Duration::from_secs(30), "the timekeeper still runs");
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_wall_clock_is_looked_at_again_within_a_second() {
        let keeper = Keeper::new();
        keeper.insert(Moment::Wall(i128::MAX), 1, Waker::noop());
        assert_eq!(keeper.until_next(&keeper.waiting()), Some(LOOK_AGAIN));
        keeper.insert(Moment::Monotonic(Duration::ZERO), 2, Waker::noop());
        assert_eq!(keeper.until_next(&keeper.waiting()), Some(Duration::ZERO));
    }
}
