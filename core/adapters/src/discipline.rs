//! Whether anybody keeps the clock of this machine right: what the kernel was told by NTP, chrony or whoever does so.

#![allow(unsafe_code, reason = "adjtimex(2) has no safe wrapper")]

use std::time::Duration;

/// How the clock is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// Somebody keeps it; it is wrong by this at most, as the kernel believes.
    Kept(Duration),
    /// Nobody does.
    Free,
    /// The system does not say.
    Unknown,
}

/// Asks the kernel (adjtimex(2)); nothing is changed.
#[must_use]
pub fn of_the_clock() -> Discipline {
    // SAFETY: timex is a struct of integers, for which all bits zero are a value, and modes = 0 makes the call only read.
    let (state, told) = unsafe {
        let mut told: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&raw mut told), told)
    };
    match state {
        -1 => Discipline::Unknown,
        libc::TIME_ERROR => Discipline::Free,
        _ if told.status & libc::STA_UNSYNC != 0 => Discipline::Free,
        _ => Discipline::Kept(Duration::from_micros(u64::try_from(told.maxerror).unwrap_or(0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_answers() {
        // What it says depends on the machine.
        assert!(format!("{:?}", of_the_clock()).len() > 3);
    }
}
