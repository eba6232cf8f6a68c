//! `cronbus-shim`: supervises one shell run of a node, and outlives it. Nodes start it; it is of no use to people.
//!
//! All it does is in `cronbus_shim_kit::program`. It is an executable of its own because it is resident once for each run:
//! no runtime, no configuration, no network.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cronbus_shim_kit::program::run())
}
