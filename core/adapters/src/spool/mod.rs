//! The executor's memory on disk: append-only segments of checked records.
//!
//! ```text
//!   data/spool/ 00000007.spool   sealed: deleted once nothing older and nothing of it is unacknowledged
//!               00000008.spool   sealed
//!               00000009.spool   active: every append is one write(2) to its end
//!               lock             held by the node that uses the folder
//!               *.damaged        what could not be read, set aside
//! ```
//!
//! A write is in the page cache when it returns: it survives the end of the process, kill -9 included, not a power cut.
//! After a power cut the newest entries may be missing; the runs they were about are answered for by the store.
//!
//! [`record`] is the form of an entry, [`reading`] finds entries in a segment however damaged, [`state`] knows which
//! segments are still needed, [`mod@file`] writes.

mod file;
mod reading;
mod record;
mod state;

pub use file::FileSpool;
