//! The one executable of cronbus: node, command line and web.
//!
//! ```text
//!   main ─▶ arguments ─┬─▶ node ──▶ config, ports, actors, web, signals     the service
//!                      └─▶ ctl/… ──▶ client ──▶ REST of a node              the command line
//! ```
//!
//! The composition root is [`node`]: the only place that knows which implementation stands behind a port.

mod arguments;
mod cluster_key;
mod configuration;
mod ctl;
mod executable;
mod explain;
mod host;
mod node;
mod node_file;
mod outlook;
mod safe;
mod service_manager;
mod signal;
mod telemetry;
mod token;
mod web;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use cronbus_adapters::runner::{EXEC_AS, EXEC_AS_EXIT_CODE, exec_as};

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    if let [_, first, rest @ ..] = words.as_slice()
        && first == EXEC_AS
    {
        return become_another(rest);
    }
    let arguments = arguments::Arguments::parse();
    ctl::exit::code_of(ctl::dispatch::run(arguments))
}

/// How a node runs a job as another user: this executable, called by itself, turns into the job's shell. It stands
/// before the reading of the command line because nothing may be taken for a flag there.
fn become_another(arguments: &[OsString]) -> ExitCode {
    let Err(error) = exec_as(arguments);
    ctl::exit::complain(&error);
    ExitCode::from(u8::try_from(EXEC_AS_EXIT_CODE).unwrap_or(1))
}
