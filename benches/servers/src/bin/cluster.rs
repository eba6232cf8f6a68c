//! `make cluster`: servers and nodes of a whole cluster on this machine, thrown away on Ctrl-C.
#![allow(clippy::print_stdout, reason = "it is a program, and this is what it says")]

use std::path::PathBuf;
use std::process::ExitCode;

use cronbus_servers::{Cluster, Error, Kind, Plan};
use nix::sys::signal::{SigSet, Signal};

/// Where things are and how to ask them.
fn introduce(cluster: &mut Cluster) {
    println!("\nservers");
    for server in cluster.servers() {
        println!("  {:<14} {}   log {}", server.kind().name(), server.url(), server.log().display());
    }
    println!("\nnodes");
    for node in &cluster.nodes {
        println!("  {:<14} {:<24} log {}", node.name(), node.plan().roles.join(","), node.log_file().display());
    }
    let address = cluster.address().unwrap_or_default();
    println!("\nask it:");
    println!("  export CRONBUS_SERVER={address} CRONBUS_TOKEN=$(cat {})", cluster.token_file().display());
    println!("  ./target/release/cronbus nodes list");
    println!("  ./target/release/cronbus job add hello --schedule '*/5 * * * * *' --shell 'hostname; date'");
    println!("  ./target/release/cronbus run list");
    println!("\nCtrl-C ends all of it and removes {}", cluster.folder().display());
}

fn run() -> Result<(), Error> {
    let mut words = std::env::args().skip(1);
    let executable = PathBuf::from(words.next().unwrap_or_else(|| "target/release/cronbus".to_owned()));
    let executable = executable.canonicalize().unwrap_or(executable);
    let database = if words.next().as_deref() == Some("postgres") { Kind::PostgreSql } else { Kind::MariaDb };
    println!("starting NATS, etcd, Redis, {} and eight nodes ...", database.name());
    let mut cluster = Cluster::start(Plan::example(executable, database))?;
    introduce(&mut cluster);
    // Not before: processes inherit what is blocked, and the nodes shall hear SIGTERM. Until now the guardians clean up.
    let mut ending = SigSet::empty();
    ending.add(Signal::SIGINT);
    ending.add(Signal::SIGTERM);
    let system = |error: nix::Error| Error::System { what: "wait for Ctrl-C", error: error.into() };
    ending.thread_block().map_err(system)?;
    ending.wait().map_err(system)?;
    println!("\nending the nodes, then the servers");
    for node in cluster.nodes.iter_mut().rev() {
        node.stop()?;
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
