//! What runs print, on every host: the file where a run executes stays the truth, and is sent to a stream of the bus as
//! it grows.
//!
//! ```text
//!   where it runs                                                         where it is read
//!   run ─▶ file ─▶ desk: what is due ─▶ shipper ─▶ cronbus.v1.log.<run> ─▶ reader ─▶ REST, command line
//!           │      (after a moment, or     (some at a time, each run            │
//!           │       when there is enough)   its turn, acknowledged)             │ what is not there yet, and the tail
//!           └──────────────────────────────── host answers ◀────────────────────┘ that is not kept yet
//! ```
//!
//! * What is written waits for nobody: a bus that is away, or slow, costs a run nothing. What is still to be sent is a
//!   part of a file, and a file is bounded by the run's limit.
//! * A run that prints nothing has no file, and no message. What a short run prints is one message.
//! * [`markers`] remember on disk which files are not sent to their end; how far each is, the stream itself knows. So a
//!   node that was killed goes on where it was acknowledged last.
//! * [`piece`] is what a message holds, [`desk`] and [`shipper`] send, [`reader`] and [`cursors`] read, [`host`] asks and
//!   answers for what is in no stream, [`cluster`] is the port.

mod cluster;
mod cursors;
mod desk;
mod host;
mod markers;
mod piece;
mod reader;
mod shipper;

pub use cluster::ClusterLog;
pub(super) use desk::Desk;
pub(super) use markers::Markers;
