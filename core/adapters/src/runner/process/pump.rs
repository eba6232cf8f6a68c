//! Carries what a process prints from its pipes to the recorder, until it has ended and its pipes are drained.

use std::cell::RefCell;
use std::future::Future;
use std::os::fd::OwnedFd;
use std::time::Duration;

use cronbus_core::port::log::Stream;
use tokio::net::unix::pipe::Receiver;
use tokio::time::Instant;

use crate::runner::output::Recorder;

/// How long the pipes are read after the process has ended while something else holds them open.
const DRAIN_LIMIT: Duration = Duration::from_millis(200);

/// How much is read at once: what a pipe holds by default (pipe(7)).
const READ_SIZE: usize = 64 * 1024;

thread_local! {
    /// One for each thread: thousands of quiet runs need no memory for what they might print.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_SIZE]);
}

/// The reading end of one of the process's streams; closed once the last writer is gone.
#[derive(Debug)]
pub(super) struct Pipe {
    stream: Stream,
    end: Option<Receiver>,
}

impl Pipe {
    /// Registers a non-blocking end of a pipe with the runtime.
    pub(super) fn new(stream: Stream, end: OwnedFd) -> std::io::Result<Self> {
        Ok(Self { stream, end: Some(Receiver::from_owned_fd_unchecked(end)?) })
    }

    /// Returns when there is something to read; never, when it is closed. Cancel safe.
    async fn readable(&self) {
        if let Some(end) = &self.end
            && end.readable().await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }

    /// Reads once.
    fn read(&mut self, recorder: &mut Recorder) {
        let Some(end) = &self.end else { return };
        let outcome = BUFFER.with_borrow_mut(|buffer| {
            let count = end.try_read(buffer)?;
            recorder.take(self.stream, buffer.get(..count).unwrap_or_default());
            Ok::<_, std::io::Error>(count)
        });
        match outcome {
            Ok(0) => self.end = None,
            Err(error) if !is_temporary(&error) => self.end = None,
            _ => {}
        }
    }

    const fn is_open(&self) -> bool {
        self.end.is_some()
    }
}

fn is_temporary(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted)
}

/// Both streams of a process.
#[derive(Debug)]
pub(super) struct Pipes {
    /// Its standard output.
    pub stdout: Pipe,
    /// Its standard error.
    pub stderr: Pipe,
}

impl Pipes {
    /// Records what the process prints, in the order in which it is read, until `end` has come to pass and both pipes
    /// are closed, or were held open too long by something the process left behind.
    pub(super) async fn drain<T>(&mut self, recorder: &mut Recorder, end: impl Future<Output = T>) -> T {
        tokio::pin!(end);
        let ending = loop {
            tokio::select! {
                ending = &mut end => break ending,
                () = self.stdout.readable() => self.stdout.read(recorder),
                () = self.stderr.readable() => self.stderr.read(recorder),
                () = recorder.due() => recorder.flush().await,
            }
        };
        let limit = Instant::now() + DRAIN_LIMIT;
        while self.stdout.is_open() || self.stderr.is_open() {
            tokio::select! {
                () = self.stdout.readable() => self.stdout.read(recorder),
                () = self.stderr.readable() => self.stderr.read(recorder),
                () = tokio::time::sleep_until(limit) => break,
            }
        }
        ending
    }
}
