//! The clock of this machine: whether somebody keeps it right, and whether it jumps while one looks.

use std::time::Duration;

use cronbus_adapters::discipline::{Discipline, of_the_clock};
use cronbus_core::port::Clock;

use super::finding::Finding;

/// How long to look.
const LOOK: Duration = Duration::from_millis(300);

/// A wall clock that moved so much more or less than time did, was set.
const JUMP_MS: i64 = 50;

/// A kernel that believes its clock to be this wrong has not heard from anybody for long.
const WRONG: Duration = Duration::from_secs(1);

/// What is found about it.
pub(super) async fn look(clock: &dyn Clock) -> Vec<Finding> {
    vec![kept(of_the_clock()), steady(clock).await]
}

fn kept(discipline: Discipline) -> Finding {
    let advice = "have it kept right: systemd-timesyncd, chrony or ntpd. A machine of a cloud may do so by itself";
    match discipline {
        Discipline::Kept(error) if error > WRONG => {
            Finding::warn("clock", format!("may be wrong by {} ms", error.as_millis()), advice)
        }
        Discipline::Kept(error) => Finding::ok("clock", format!("is kept right, to {} ms", error.as_millis())),
        Discipline::Free => Finding::warn("clock", "the kernel does not know of anybody who keeps it right", advice),
        Discipline::Unknown => Finding::ok("clock", "the system does not say whether it is kept right"),
    }
}

/// Whether the wall clock goes as fast as time does.
async fn steady(clock: &dyn Clock) -> Finding {
    let (wall, monotonic) = (clock.now(), clock.monotonic());
    tokio::time::sleep(LOOK).await;
    let passed = clock.monotonic().saturating_sub(monotonic);
    let passed = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
    judged(clock.now().millis_since(wall).saturating_sub(passed))
}

fn judged(jumped_ms: i64) -> Finding {
    if jumped_ms.saturating_abs() < JUMP_MS {
        return Finding::ok("clock steady", "it was not set while it was looked at");
    }
    let detail = format!("it was set by {jumped_ms} ms while it was looked at");
    Finding::warn("clock steady", detail, "have it disciplined instead of set: two programs may fight over it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctl::doctor::finding::Level;

    #[test]
    fn a_clock_that_is_free_wrong_or_set_is_told_of() {
        for (found, level) in [
            (kept(Discipline::Kept(Duration::from_millis(3))), Level::Ok),
            (kept(Discipline::Kept(Duration::from_secs(3))), Level::Warn),
            (kept(Discipline::Free), Level::Warn),
            (kept(Discipline::Unknown), Level::Ok),
            (judged(-49), Level::Ok),
            (judged(-3_600_000), Level::Warn),
        ] {
            assert_eq!(found.level, level, "{found:?}");
        }
    }
}
