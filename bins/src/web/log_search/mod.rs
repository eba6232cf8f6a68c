//! Looking for a text in what the newest runs of a job printed: plain, whatever its case, line by line.
//!
//! Logs are read through their port, so that it is the same for files, for those of other hosts and for the bus. It is
//! bounded in runs, bytes, lines and time, and says where it stopped; nothing is kept of what was read.

mod scan;
mod search;
mod view;

pub(crate) use search::{Asked, search};
pub(crate) use view::{FoundLine, RunLines, SearchView, Stop};
