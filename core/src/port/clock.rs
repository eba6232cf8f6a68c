//! What time it is. The only way for the scheduler to know.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::time::Timestamp;

/// A wall clock and a monotonic one.
///
/// The wall clock may jump in both directions; whoever cares compares it with the monotonic one.
#[async_trait]
pub trait Clock: Send + Sync + Debug {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment of this process; never goes back, and does not notice changes of the wall clock.
    fn monotonic(&self) -> Duration;

    /// Returns once the wall clock shows `at` or later, at once if it already does.
    ///
    /// When the wall clock is set ahead past `at` meanwhile, it returns within a second of that; when it is set back,
    /// it waits on.
    async fn sleep_until(&self, at: Timestamp);

    /// Returns after `period` of monotonic time.
    async fn sleep(&self, period: Duration);
}
