//! What runs print, in files.
//!
//! ```text
//!   data/log/2026-11-22/nightly-report/0199….log
//!            └ due, UTC └ job          └ run
//! ```
//!
//! A file is made with the first chunk: a run that prints nothing costs nothing. It can be read with `less`; what it is
//! made of is in [`frame`]. [`place`] names files, [`writing`] and [`reading`] do what they say, [`shown`] is the end of a log that is not kept
//! yet, [`keeping`] is what jobs say of how long, [`sweep`] removes what is older, [`mod@file`] is the port. In a cluster, [`shipping`] takes the files to where every node can read them.

mod file;
mod frame;
mod keeping;
mod place;
mod reading;
mod shipping;
mod shown;
mod sweep;
mod writing;

pub use file::FileLog;
pub(crate) use reading::LEFT_OUT;
pub use shipping::ClusterLog;
