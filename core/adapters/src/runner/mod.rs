//! Executing runs on this machine: the runner port on processes and HTTP calls.
//!
//! ```text
//!                         ┌── shell ──▶ process/ ──┐
//!   order ──▶ LocalRunner ┼── http  ──▶ http/    ──┼──▶ output/ ──▶ log
//!                         └── noop                 └──▶ outcome
//! ```
//!
//! Nothing here decides whether or when something runs; that is the executor's.

mod http;
mod local;
mod output;
mod process;
mod stop;

pub use local::{LocalRunner, Settings, ShimSettings};
pub(crate) use process::file_of;
pub use process::{EXEC_AS, EXEC_AS_EXIT_CODE, ExecAsError, Groups, exec_as};
