//! No-op runs end to end: due, guarded, made durable, handed over the bus, spooled, executed, reported, recorded.
//!
//! With `--runs N`, N jobs are due at one instant. With `--rate R --seconds S`, R jobs are due every second, spread over
//! it, whether or not anybody keeps up (an open loop). Beside it, on the same disk, the bare rate at which the same rows
//! can be inserted into the same kind of store.
//!
//! ```text
//!   arguments ── what is asked        plan ── what is due when, and the jobs for it
//!   embedded ─── a node in this process, its truth in SQLite or in memory
//!   cluster ──── servers and nodes, each a process of its own
//!   rows ─────── what the database says in the end, and the result that follows from it
//! ```

mod arguments;
mod cluster;
mod embedded;
mod plan;
mod processes;
mod rows;

use arguments::Mode;
pub(crate) use arguments::{Arguments, LOOKAHEAD_MS};

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match arguments.mode {
        Mode::Embedded | Mode::Memory => embedded::run(arguments),
        Mode::Cluster => cluster::run(arguments),
    }
}
