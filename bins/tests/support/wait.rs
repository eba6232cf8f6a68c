//! Waiting for something to happen, with a deadline.

use std::time::{Duration, Instant};

/// Long enough for the slowest machine; nothing waits so long unless it is broken.
const DEADLINE: Duration = Duration::from_secs(120);

/// Waits until `look` finds something.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
