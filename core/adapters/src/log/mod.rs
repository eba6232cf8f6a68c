//! What runs print, in files.
//!
//! ```text
//!   data/log/2026-11-22/nightly-report/0199….log
//!            └ due, UTC └ job          └ run
//! ```
//!
//! A file is made with the first chunk: a run that prints nothing costs nothing. It can be read with `less`; what it is
//! made of is in [`frame`]. [`place`] names files, [`writing`] and [`reading`] do what they say, [`mod@file`] is the port.

mod file;
mod frame;
mod place;
mod reading;
mod writing;

pub use file::FileLog;
