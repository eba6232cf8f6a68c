//! A million jobs due in one second, in one process: from the due instant until the last one has started. The whole
//! node, with a store in memory and no disk but the spool.

use crate::e2e;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many jobs.
    #[arg(long, default_value_t = 1_000_000)]
    jobs: usize,
    /// How long before they are due slots are created and handed over, in milliseconds.
    #[arg(long, default_value_t = e2e::LOOKAHEAD_MS)]
    lookahead_ms: u64,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    e2e::run(&e2e::Arguments::at_once_in_memory(arguments.jobs, arguments.lookahead_ms))
}
