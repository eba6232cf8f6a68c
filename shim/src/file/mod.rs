//! The file of a run: all that outlives the node.
//!
//! ```text
//!       0   plan      which run, whose shim, on which boot of the machine     written by the node
//!    1024   started   the command's process, when                             written by the shim, from here on
//!    1280   hole      where the output goes on behind what was given back
//!    2048   exit      how it ended
//!    4096   output    records, one after the other ── head ──[ hole ]── tail
//! ```
//!
//! The first 4096 bytes are written when the file is made, before anything is started: how a run ended is written over
//! them and finds room on a disk that is full since. Each of the four slots, and each record, has a checksum: what was torn
//! by a power cut is no record. Output beyond the limit is given back to the file system from the middle (fallocate(2),
//! `PUNCH_HOLE`); *hole* says where what is kept goes on, and is written before that.
//!
//! [`slots`] and [`record`] are the form, [`writing`] is the shim's end, [`reading`] the node's.

mod exit;
mod reading;
mod record;
mod slots;
mod writing;

pub use exit::{End, Exit, Proof, Why};
pub use reading::{Piece, Reading};
pub use slots::{Plan, Started, create, read_exit, read_plan, read_started};
pub use writing::Writing;

#[cfg(test)]
pub(crate) fn tests_exit() -> Exit {
    exit::tests::exit(End::Ended(0))
}
