//! What the end that a shim wrote means for its run.

use std::time::Duration;

use cronbus_core::bytesize::ByteSize;
use cronbus_core::port::runner::Stop;
use cronbus_core::run::{Ending, Usage};
use cronbus_shim_kit::file::{End, Exit, Proof, Why};
use cronbus_shim_kit::group::OutOfMemory;
use nix::errno::Errno;
use nix::sys::signal::Signal;

use super::super::kill;
use super::super::plan::Plan;
use super::super::spawn;
use super::super::verdict::Verdict;
use crate::runner::stop;

/// The verdict, and whether it is also said in the log.
pub(super) fn verdict(exit: &Exit, leader: u32, plan: Option<&Plan>) -> (Verdict, bool) {
    let natural = match exit.end {
        End::NotStarted(number) => return (not_started(Errno::from_raw(number), plan), true),
        End::Ended(status) => Verdict::of(status),
        End::Stuck => {
            let reason = format!("process {leader} could not be waited for: how it ended is unknown");
            Verdict::without_process(Ending::Failed, reason)
        }
    };
    match &exit.proof {
        None => match exit.out_of_memory {
            Some(out_of_memory) => (Verdict { reason: told_of_memory(out_of_memory), ..natural }, true),
            None => (natural, false),
        },
        Some(proof) => {
            let (ending, word) = stop::ending(asked(proof.why));
            (Verdict { ending, reason: format!("{word}: {}", told(proof, leader)), ..natural }, true)
        }
    }
}

fn told_of_memory(OutOfMemory { killed, limit }: OutOfMemory) -> String {
    let limit = if limit == 0 { String::new() } else { format!(", which is {}", ByteSize(limit)) };
    format!("out of memory: its processes needed more than limits.memory{limit}; the system killed {killed} of them")
}

const fn asked(why: Why) -> Stop {
    match why {
        Why::Killed => Stop::Kill,
        Why::KilledNow => Stop::KillNow,
        Why::TimedOut => Stop::TimedOut,
    }
}

fn told(proof: &Proof, leader: u32) -> kill::Proof {
    let signal = Signal::try_from(proof.signal).unwrap_or(Signal::SIGKILL);
    kill::Proof::told(leader, signal, Duration::from_millis(proof.took_ms), proof.named.clone())
}

fn not_started(errno: Errno, plan: Option<&Plan>) -> Verdict {
    let why = plan.map_or_else(|| errno.desc().to_owned(), |plan| spawn::refusal(plan, errno));
    Verdict::without_process(Ending::Failed, format!("could not be started: {why}"))
}

/// What the run used; nothing of one that was not started.
pub(super) fn usage(exit: &Exit) -> Option<Usage> {
    matches!(exit.end, End::Ended(_)).then(|| Usage {
        user_ms: exit.user_ms,
        system_ms: exit.system_ms,
        max_rss_bytes: exit.max_rss_kib.saturating_mul(1024),
    })
}

/// Why output is not in the log, if some is not.
pub(super) fn unwritten(exit: &Exit) -> Option<String> {
    (exit.unwritten > 0).then(|| {
        format!(
            "{} bytes could not be written to the run's file: {}",
            exit.unwritten,
            Errno::from_raw(exit.write_error).desc()
        )
    })
}
