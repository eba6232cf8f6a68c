//! `cronbus-shim`: supervises one shell run of a node, and outlives it. Nodes start it; it is of no use to people.
//!
//! All it does is in `cronbus_shim_kit::program`. It is an executable of its own because it is resident once for each run:
//! no runtime, no configuration, no network.

use std::process::ExitCode;

use cronbus_shim_kit::program;

#[expect(clippy::print_stderr, reason = "what it says is in the log of the run")]
fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.split_first() {
        Some((first, rest)) if first == program::WITHIN => {
            let Err(error) = program::enter(rest);
            eprintln!("cronbus-shim: the command could not be executed within its limits: {error}");
            ExitCode::from(program::WITHIN_EXIT_CODE)
        }
        _ => ExitCode::from(program::run()),
    }
}
