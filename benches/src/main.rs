//! Measurements of cronbus. Each prints what it does on standard error and one JSON line, the result, last on standard
//! output. What was measured and tried is in `benches/README.md`; nothing here asserts a time.

mod cron;
mod e2e;
mod guard;
mod herd;
mod node;
mod register;
mod report;
mod spawn;
mod store;
mod timeline;

use clap::{Parser, Subcommand};

/// Measures cronbus; the last line printed is the result as JSON.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// No-op runs from their due moment to their durable outcome.
    E2e(e2e::Arguments),
    /// Claims of the guard on Redis against bare SET NX PX.
    Guard(guard::Arguments),
    /// A million jobs due in one second, in one process without a database.
    Herd(herd::Arguments),
    /// The memory and the speed of the timeline.
    Timeline(timeline::Arguments),
    /// Shell runs against bare spawn-and-wait.
    Spawn(spawn::Arguments),
    /// Parsing rules and finding the next moment; saffron, croner and cron beside ours.
    Cron(cron::Arguments),
    /// Adding a million jobs, then starting with them.
    Register(register::Arguments),
    /// Creating and recording runs in a database, in batches.
    Store(store::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::E2e(arguments) => e2e::run(&arguments),
        What::Guard(arguments) => guard::run(&arguments),
        What::Herd(arguments) => herd::run(&arguments),
        What::Timeline(arguments) => timeline::run(&arguments),
        What::Spawn(arguments) => spawn::run(&arguments),
        What::Cron(arguments) => cron::run(&arguments),
        What::Register(arguments) => register::run(&arguments),
        What::Store(arguments) => store::run(&arguments),
    }
}
