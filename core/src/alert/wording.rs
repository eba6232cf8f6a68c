//! What a message says of an incident, in plain words. How a channel shows it is the channel's business.

use uuid::Uuid;

use super::event::{Event, Subject, stamped};
use super::incident::Incident;
use super::kind::{Aspect, EventKind};
use super::message::{ChannelName, Fact, Message, MessageId};
use super::of_run::span;
use crate::time::Timestamp;

/// Why a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Something happened.
    Tell,
    /// Nobody acknowledged it.
    Escalate,
}

/// What is told of `event` over `channel`. `base` is where the web admin is found; empty when nobody said so.
pub(super) fn message(
    incident: &Incident,
    event: &Event,
    channel: &ChannelName,
    (purpose, now): (Purpose, Timestamp),
    base: &str,
) -> Message {
    let content = format!("{}\n{channel}\n{purpose:?}\n{}", event.id, incident.count);
    let thread: Uuid = incident.id.as_uuid();
    let title = match purpose {
        Purpose::Tell => title(incident, event),
        Purpose::Escalate => format!("Nobody has acknowledged: {}", title(incident, event)),
    };
    Message {
        id: MessageId(stamped(now, content.as_bytes())),
        thread,
        is_first_of_thread: !incident.told.contains_key(channel),
        kind: event.kind,
        severity: event.kind.severity(),
        title,
        at: event.at,
        lines: lines(incident, event),
        job: event.subject.job().map(|job| job.name.clone()),
        run: event.run,
        node: event.node.clone().or_else(|| event.subject.node().cloned()),
        reason: Some(event.reason.clone()).filter(|reason| !reason.is_empty()),
        log_tail: None,
        url: (!base.is_empty()).then(|| link(base.trim_end_matches('/'), event)),
        grouped: 1,
    }
}

fn link(base: &str, event: &Event) -> String {
    match event.run {
        Some(run) => format!("{base}/runs/{run}"),
        None => format!("{base}/alerts"),
    }
}

fn title(incident: &Incident, event: &Event) -> String {
    let what = match &event.subject {
        Subject::Job(job) => job.name.to_string(),
        Subject::Node { node } | Subject::Messages { node } => format!("Node {node}"),
        Subject::Service { node, service } => format!("The {service} of node {node}"),
    };
    let said = said(incident, event);
    if incident.count > 1 && !event.kind.is_good() && incident.aspect == Aspect::Outcome {
        return format!("{what} {said} ({} times in a row)", incident.count);
    }
    format!("{what} {said}")
}

fn said(incident: &Incident, event: &Event) -> &'static str {
    match event.kind {
        EventKind::Failed => "failed",
        EventKind::TimedOut => "was ended by its timeout",
        EventKind::Killed => "was killed",
        EventKind::Lost => "was lost: nobody knows how it ended",
        EventKind::Missed => "was missed: nobody was there when it was due",
        EventKind::Rejected => "was not started: no node could take it in time",
        EventKind::LateStart => "is late",
        EventKind::SkippedByOverlap => "was skipped: an earlier run was not over",
        EventKind::RunningLong => "runs too long",
        EventKind::NoSuccess => "has not succeeded for too long",
        EventKind::Recovered if incident.aspect == Aspect::Outcome => "succeeded again",
        EventKind::Recovered => "is well again",
        EventKind::NodeLost => "is gone",
        EventKind::NodeBack => "is back",
        EventKind::ServiceDegraded => "does not answer",
        EventKind::ServiceBack => "answers again",
        EventKind::BadSignatures => "gets messages that nobody of the cluster signed",
    }
}

fn lines(incident: &Incident, event: &Event) -> Vec<Fact> {
    let fact = |label: &str, value: Option<String>| value.map(|value| Fact { label: label.to_owned(), value });
    let lasted = event.kind.is_good().then(|| span(event.at.since(incident.since)).to_string());
    [
        fact("Due", event.due_at.map(|at| at.to_string())),
        fact("Attempt", event.attempt.filter(|attempt| *attempt > 1).map(|attempt| attempt.to_string())),
        fact("Exit code", event.exit_code.map(|code| code.to_string())),
        fact("Since", (incident.count > 1 || event.kind.is_good()).then(|| incident.since.to_string())),
        fact("Lasted", lasted),
    ]
    .into_iter()
    .flatten()
    .collect()
}
