//! `make cluster`: servers and nodes of a whole cluster on this machine, thrown away on Ctrl-C.
#![allow(clippy::print_stdout, reason = "it is a program, and this is what it says")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cronbus_servers::{Cluster, Error, Kind, Plan};
use nix::sys::signal::{SigSet, Signal};

/// Where things are and how to ask them.
fn introduce(cluster: &mut Cluster, executable: &Path) {
    println!("\nservers");
    for server in cluster.servers() {
        println!("  {:<14} {}   log {}", server.kind().name(), server.url(), server.log().display());
    }
    println!("\nnodes");
    for node in &cluster.nodes {
        let (web, health) = (node.address(), node.health_address().map(|health| format!("{health}/readyz")));
        let address = web.or(health).unwrap_or_default();
        let roles = node.plan().roles.join(",");
        println!("  {:<14} {roles:<21} {address:<29} log {}", node.name(), node.log_file().display());
    }
    let address = cluster.address().unwrap_or_default();
    let executable = executable.display();
    println!("\nask it:");
    println!("  export CRONBUS_SERVER={address} CRONBUS_TOKEN=$(cat {})", cluster.token_file().display());
    println!("  {executable} nodes list");
    println!("  {executable} job add hello --schedule '*/5 * * * * *' --shell 'hostname; date'");
    println!("  {executable} run list");
    println!("\nCtrl-C ends all of it and removes {}", cluster.folder().display());
}

/// The database that the second argument names.
fn database(name: Option<&str>) -> Result<Kind, String> {
    match name {
        None | Some("mariadb") => Ok(Kind::MariaDb),
        Some("postgres") => Ok(Kind::PostgreSql),
        Some(other) => Err(format!("there is no database `{other}` here: write `mariadb` or `postgres`")),
    }
}

fn run(executable: Option<String>, database: Kind) -> Result<(), Error> {
    let executable = PathBuf::from(executable.unwrap_or_else(|| "target/release/cronbus".to_owned()));
    let executable = executable.canonicalize().unwrap_or(executable);
    println!("starting NATS, etcd, Redis, {} and eight nodes ...", database.name());
    let mut cluster = Cluster::start(Plan::example(executable.clone(), database))?;
    introduce(&mut cluster, &executable);
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
    let mut words = std::env::args().skip(1);
    let executable = words.next();
    let ended =
        database(words.next().as_deref()).and_then(|kind| run(executable, kind).map_err(|error| error.to_string()));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
