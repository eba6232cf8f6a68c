//! What [`Clock`] promises. That jumps of the wall clock are noticed can only be tried where a test may set it.

use std::time::Duration;

use futures::FutureExt;

use crate::port::Clock;
use crate::time::Timestamp;

const SHORT: Duration = Duration::from_millis(20);

/// All of it.
pub async fn keeps_its_contract(clock: &dyn Clock) {
    a_moment_past_is_not_waited_for(clock);
    nobody_wakes_early(clock).await;
    the_monotonic_clock_never_goes_back(clock);
}

fn a_moment_past_is_not_waited_for(clock: &dyn Clock) {
    for past in [Timestamp::EPOCH, Timestamp::from_millis(i64::MIN), clock.now()] {
        assert_eq!(clock.sleep_until(past).now_or_never(), Some(()), "{past}");
    }
    assert_eq!(clock.sleep_until(Timestamp::MAX).now_or_never(), None);
    assert_eq!(clock.sleep(Duration::MAX).now_or_never(), None);
}

async fn nobody_wakes_early(clock: &dyn Clock) {
    let at = clock.now() + SHORT;
    clock.sleep_until(at).await;
    assert!(clock.now() >= at, "woken at {} instead of {at}", clock.now());
    let before = clock.monotonic();
    clock.sleep(SHORT).await;
    assert!(clock.monotonic() >= before + SHORT);
}

fn the_monotonic_clock_never_goes_back(clock: &dyn Clock) {
    let mut last = clock.monotonic();
    for _ in 0..1000 {
        let now = clock.monotonic();
        assert!(now >= last);
        last = now;
    }
}
