//! `cronbus run logs`.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use cronbus_core::port::log::Stream;
use tokio::time::sleep;

use crate::ctl::advice;
use crate::ctl::client::{Client, run_path};
use crate::ctl::connection::Connection;
use crate::ctl::events::{Event, Reader};
use crate::ctl::terminal::Terminal;
use crate::web::view::{ChunkView, LackView, LogView};

/// How often a broken connection is opened again without anything new coming.
const ATTEMPTS: u32 = 30;

/// The pause before it is.
const PAUSE: Duration = Duration::from_secs(1);

/// Which log, and how.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The run's id
    run: String,
    /// Go on while the run goes on, and end with it
    #[arg(long, short = 'f')]
    follow: bool,
    /// Begin with this chunk
    #[arg(long, value_name = "SEQUENCE", default_value_t = 0)]
    from: u64,
    /// Put its time and stream before each chunk
    #[arg(long, short = 't', conflicts_with = "json")]
    timestamps: bool,
    /// As a JSON array of chunks
    #[arg(long, conflicts_with = "follow")]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Writes what a run printed to the outputs it printed it to: what it wrote to its standard error, and what cronbus
    /// says of it, goes to the standard error.
    ///
    /// # Errors
    /// When no node answers, it refuses, or nobody reads.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let path = format!("{}/log", run_path(&self.run));
        if self.follow {
            return self.follow(&client, &path, terminal).await;
        }
        let mut from = self.from;
        let mut separator = "[\n  ";
        loop {
            let part: LogView = client.get(&path, &[("from", from.to_string())]).await?;
            for chunk in &part.items {
                if self.json {
                    terminal.bytes(separator.as_bytes())?;
                    terminal.bytes(&serde_json::to_vec(chunk)?)?;
                    separator = ",\n  ";
                } else {
                    self.write(chunk, terminal)?;
                }
            }
            if part.complete || part.items.is_empty() {
                part.lack.map_or(Ok(()), |lack| tell(&lack, terminal))?;
                break;
            }
            from = part.next;
        }
        if self.json {
            terminal.line(if separator == "[\n  " { "[]" } else { "\n]" })?;
        }
        Ok(())
    }

    async fn follow(&self, client: &Client, path: &str, terminal: &mut Terminal) -> Result<()> {
        let mut last = self.from.checked_sub(1).map(|last| last.to_string());
        let mut attempts = 0;
        loop {
            let before = last.clone();
            let broke = match self.stream(client, path, &mut last, terminal).await {
                Ok(true) => return Ok(()),
                Ok(false) => None,
                Err(Broken::Connection(error)) => Some(error),
                Err(Broken::ForGood(error)) => return Err(error),
            };
            attempts = if last == before { attempts + 1 } else { 0 };
            if attempts >= ATTEMPTS {
                let error = broke.unwrap_or_else(|| anyhow::anyhow!("the node closed the connection"));
                return Err(error.context("the log could not be followed to its end"));
            }
            sleep(PAUSE).await;
        }
    }

    /// Reads one connection to its end; true when the run is over.
    async fn stream(
        &self,
        client: &Client,
        path: &str,
        last: &mut Option<String>,
        terminal: &mut Terminal,
    ) -> Result<bool, Broken> {
        let query = [("follow", "true".to_owned())];
        let opened = client.open(path, &query, "text/event-stream", last.as_deref()).await;
        // A node that was reached once may come back; one that never was, or that refuses, will not.
        let mut response =
            opened.map_err(|error| if last.is_some() { Broken::Connection(error) } else { Broken::ForGood(error) })?;
        let mut reader = Reader::default();
        while let Some(piece) = response.chunk().await.map_err(|error| Broken::Connection(error.into()))? {
            for event in reader.take(&piece).map_err(Broken::ForGood)? {
                let over = self.event(&event, terminal).map_err(Broken::ForGood)?;
                *last = event.id.or(last.take());
                if over {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Shows one event; true when it is the last.
    fn event(&self, event: &Event, terminal: &mut Terminal) -> Result<bool> {
        match event.name.as_str() {
            "chunk" => {
                let chunk = serde_json::from_str(&event.data).context("the node sent a chunk that is none")?;
                self.write(&chunk, terminal)?;
                Ok(false)
            }
            "lack" => {
                let lack: LackView = serde_json::from_str(&event.data)?;
                tell(&lack.detail, terminal)?;
                Ok(false)
            }
            "problem" => bail!(advice::told(&serde_json::from_str(&event.data)?)),
            "end" => Ok(true),
            _ => Ok(false),
        }
    }

    fn write(&self, chunk: &ChunkView, terminal: &mut Terminal) -> Result<()> {
        let mut bytes = chunk.bytes();
        if self.timestamps {
            let stream = match chunk.stream {
                Stream::Stdout => "stdout",
                Stream::Stderr => "stderr",
                Stream::System => "system",
            };
            let mut line = format!("{} {stream} ", chunk.at).into_bytes();
            line.append(&mut bytes);
            if !line.ends_with(b"\n") {
                line.push(b'\n');
            }
            bytes = line;
        }
        if chunk.stream == Stream::Stdout {
            terminal.bytes(&bytes)?;
            terminal.flush()?;
        } else {
            terminal.flush()?;
            io::stderr().write_all(&bytes)?;
        }
        Ok(())
    }
}

/// Says why there may be more of the log, beside it.
fn tell(lack: &str, terminal: &mut Terminal) -> Result<()> {
    terminal.flush()?;
    writeln!(io::stderr(), "cronbus: {lack}")?;
    Ok(())
}

/// Why a connection ended before the run did.
enum Broken {
    /// Another one may go on.
    Connection(anyhow::Error),
    /// No other one will.
    ForGood(anyhow::Error),
}
