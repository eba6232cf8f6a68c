//! Claims of the guard on Redis against bare `SET NX PX` in pipelines, on the same server in turns: what the adapter
//! costs beside what the server can do.

use std::io::{BufWriter, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use cronbus_adapters::guard::{Options, RedisGuard};
use cronbus_adapters::tls::Certificates;
use cronbus_core::config::ServiceUrl;
use cronbus_core::id::{Attempt, JobId, NodeName, RunId, Slot};
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Guard;
use cronbus_core::time::Timestamp;
use cronbus_servers::{Kind, Server};
use serde::Serialize;

use crate::report;

/// The lease of each claim; nothing ends meanwhile.
const LEASE: Duration = Duration::from_secs(600);
/// What the server answers to a claim that is granted.
const GRANTED: &[u8] = b"+OK\r\n";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many claims each way in each round.
    #[arg(long, default_value_t = 200_000)]
    claims: usize,
    /// How many claims the adapter is given at a time.
    #[arg(long, default_value_t = 10_000)]
    batch: usize,
    /// How many rounds; the ratio is that of the sums.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
}

#[derive(Debug, Serialize)]
struct Result {
    claims: usize,
    batch: usize,
    guarded_per_s: f64,
    confirmed_per_s: f64,
    bare_per_s: f64,
    ratio: f64,
}

/// How long each way took in all.
#[derive(Debug, Default)]
struct Spent {
    bare: Duration,
    claiming: Duration,
    confirming: Duration,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    ensure!(arguments.batch > 0 && arguments.rounds > 0, "--batch and --rounds are 1 or more");
    let server = Server::start(Kind::Redis)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let guard = runtime.block_on(connect(&server))?;
    let mut spent = Spent::default();
    for round in 0..arguments.rounds {
        report::say(&format!("round {} of {}", round + 1, arguments.rounds));
        spent.bare += bare(server.port(), &ids(round * 2, arguments.claims))?;
        let ids = ids(round * 2 + 1, arguments.claims);
        let (claiming, confirming) = runtime.block_on(guarded(&guard, &ids, arguments.batch))?;
        spent.claiming += claiming;
        spent.confirming += confirming;
    }
    let claims = arguments.claims * usize::try_from(arguments.rounds)?;
    let (guarded, bare) =
        (report::rate(claims, spent.claiming.as_secs_f64()), report::rate(claims, spent.bare.as_secs_f64()));
    report::result(&Result {
        claims,
        batch: arguments.batch,
        guarded_per_s: guarded,
        confirmed_per_s: report::rate(claims, spent.confirming.as_secs_f64()),
        bare_per_s: bare,
        ratio: (guarded / bare * 1_000.0).round() / 1_000.0,
    })
}

async fn connect(server: &Server) -> anyhow::Result<RedisGuard> {
    let options = Options {
        url: ServiceUrl::new(server.url()),
        timeout: Duration::from_secs(10),
        keep: LEASE,
        certificates: Certificates::default(),
    };
    Ok(RedisGuard::connect(&options, Arc::new(SystemClock::start()?)).await?)
}

/// The runs of one second of many jobs, as a scheduler would have them claimed.
fn ids(round: u32, how_many: usize) -> Vec<RunId> {
    let at = Timestamp::from_seconds(i64::from(round));
    (0_i64..).take(how_many).map(|job| Slot::new(JobId(job), at).run_id(Attempt::FIRST)).collect()
}

async fn guarded(guard: &RedisGuard, ids: &[RunId], batch: usize) -> anyhow::Result<(Duration, Duration)> {
    let node = NodeName::new("bench")?;
    let started = Instant::now();
    for batch in ids.chunks(batch) {
        let granted = guard.claim(batch, &node, LEASE).await?;
        ensure!(granted.iter().all(|granted| *granted), "a free claim was refused");
    }
    let claimed = started.elapsed();
    for batch in ids.chunks(batch) {
        guard.confirm(batch, &node).await?;
    }
    Ok((claimed, started.elapsed().saturating_sub(claimed)))
}

/// The same keys by hand: one thread writes as fast as the server takes it, another reads.
fn bare(port: u16, ids: &[RunId]) -> anyhow::Result<Duration> {
    let commands: Vec<String> = ids.iter().map(|id| set(*id)).collect();
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    let mut reading = stream.try_clone()?;
    let expected = ids.len() * GRANTED.len();
    let started = Instant::now();
    let reader = std::thread::spawn(move || {
        let mut answers = vec![0; expected];
        reading.read_exact(&mut answers).map(|()| answers)
    });
    let mut writing = BufWriter::with_capacity(64 << 10, &stream);
    for command in &commands {
        writing.write_all(command.as_bytes())?;
    }
    writing.flush()?;
    let answers = reader.join().ok().context("the reader has panicked")??;
    let took = started.elapsed();
    ensure!(answers.chunks(GRANTED.len()).all(|answer| answer == GRANTED), "a free claim was refused");
    stream.shutdown(Shutdown::Both)?;
    Ok(took)
}

fn set(id: RunId) -> String {
    let (key, lease) = (format!("cronbus:once:{id}"), LEASE.as_millis().to_string());
    let words = ["SET", &key, "bench", "NX", "PX", &lease];
    let mut command = format!("*{}\r\n", words.len());
    for word in words {
        command.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    command
}
