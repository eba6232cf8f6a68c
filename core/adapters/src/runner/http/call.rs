//! One HTTP call from the request to the end of the response's body.

use std::error::Error;
use std::sync::Arc;

use cronbus_core::job::command::{Http, StatusRange};
use cronbus_core::port::Clock;
use cronbus_core::port::log::Stream;
use cronbus_core::port::runner::{Order, Started, Stop};
use cronbus_core::run::{Ending, Outcome};
use cronbus_core::time::Timestamp;
use reqwest::{Client, Request, Response};
use tokio::sync::watch;

use super::clients::Clients;
use super::request;
use crate::runner::output::Recorder;
use crate::runner::stop;

/// Makes HTTP calls.
#[derive(Debug)]
pub(in crate::runner) struct Caller {
    clock: Arc<dyn Clock>,
    clients: Arc<Clients>,
}

/// How a call ended.
struct End {
    ending: Ending,
    status: Option<u16>,
    reason: String,
}

impl End {
    fn failed(status: Option<u16>, reason: String) -> Self {
        Self { ending: Ending::Failed, status, reason }
    }

    fn stopped(status: Option<u16>, why: Stop) -> Self {
        let (ending, word) = stop::ending(why);
        Self { ending, status, reason: format!("{word}: the connection was closed; what the server does is unknown") }
    }

    fn answered(status: u16, expected: &[StatusRange]) -> Self {
        if expected.iter().any(|range| range.contains(status)) {
            return Self { ending: Ending::Succeeded, status: Some(status), reason: String::new() };
        }
        let expected: Vec<String> = expected.iter().map(|range| String::from(*range)).collect();
        Self::failed(Some(status), format!("status {status} is none of the expected: {}", expected.join(", ")))
    }
}

impl Caller {
    /// A caller without connections.
    pub(in crate::runner) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, clients: Arc::default() }
    }

    /// Executes one HTTP command; see [`cronbus_core::port::Runner::run`].
    pub(in crate::runner) async fn run(&self, http: &Http, order: Order) -> Outcome {
        let Order { assignment, secrets, output_limit, log, started, mut stop, .. } = order;
        let mut recorder = Recorder::new(Arc::clone(&self.clock), log, output_limit, secrets.mask());
        let prepared = match self.client(http).await {
            Ok(client) => request::build(&client, http, &assignment, &secrets).map(|request| (client, request)),
            Err(reason) => Err(reason),
        };
        let (client, request) = match prepared {
            Ok(prepared) => prepared,
            Err(reason) => {
                let reason = format!("could not be started: {reason}");
                recorder.note(&reason).await;
                return self.outcome(None, End::failed(None, reason), recorder).await;
            }
        };
        let at = self.clock.now();
        let _ = started.try_send(Started { at, process: None });
        let end = exchange(&client, request, http, &mut recorder, &mut stop).await;
        if !end.reason.is_empty() {
            recorder.note(&end.reason).await;
        }
        self.outcome(Some(at), end, recorder).await
    }

    /// Making a client reads files.
    async fn client(&self, http: &Http) -> Result<Client, String> {
        let (clients, http) = (Arc::clone(&self.clients), http.clone());
        let made = tokio::task::spawn_blocking(move || clients.get(&http)).await.map_err(|error| error.to_string())?;
        made.map_err(|error| format!("no HTTP client: {}", explain(&error)))
    }

    async fn outcome(&self, started_at: Option<Timestamp>, end: End, recorder: Recorder) -> Outcome {
        let (output, failure) = recorder.finish().await;
        let reason = match failure {
            None => end.reason,
            Some(failure) => format!("{} its output was not kept: {failure}", end.reason).trim_start().to_owned(),
        };
        let exit_code = end.status.map(i32::from);
        Outcome { exit_code, output, ..Outcome::bare(end.ending, started_at, self.clock.now(), reason) }
    }
}

/// Only the waiting for the network is given up when the run is stopped, never a write to the log.
async fn exchange(
    client: &Client,
    request: Request,
    http: &Http,
    recorder: &mut Recorder,
    stop: &mut watch::Receiver<Stop>,
) -> End {
    let sent = tokio::select! {
        biased;
        why = stop::asked(stop) => return End::stopped(None, why),
        sent = client.execute(request) => sent,
    };
    let mut response = match sent {
        Ok(response) => response,
        Err(error) => return End::failed(None, format!("the call failed: {}", explain(&error.without_url()))),
    };
    let status = response.status().as_u16();
    recorder.note(&head_of(&response)).await;
    loop {
        tokio::select! {
            biased;
            why = stop::asked(stop) => return End::stopped(Some(status), why),
            part = response.chunk() => match part {
                Ok(Some(bytes)) => recorder.take(Stream::Stdout, &bytes),
                Ok(None) => return End::answered(status, &http.expect_status),
                Err(error) => {
                    let reason = explain(&error.without_url());
                    return End::failed(Some(status), format!("status {status}, but the response broke off: {reason}"));
                }
            },
            () = recorder.due() => recorder.flush().await,
        }
    }
}

/// The status line and the headers, as they are read by people.
fn head_of(response: &Response) -> String {
    let mut text = format!("{:?} {}", response.version(), response.status());
    for (name, value) in response.headers() {
        text.push_str(&format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes())));
    }
    text
}

/// An error with its causes: reqwest's own text names only the step.
fn explain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let detail = error.to_string();
        if !text.contains(&detail) {
            text.push_str(": ");
            text.push_str(&detail);
        }
        cause = error.source();
    }
    text
}
