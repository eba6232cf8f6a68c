//! What is in no stream: a host is asked for it, and answers from its files and from what it shows of those being written.

use std::sync::Arc;

use async_trait::async_trait;
use cronbus_core::id::{NodeName, RunId};
use cronbus_core::job::JobName;
use cronbus_core::port::Log;
use cronbus_core::port::log::{Error, Excerpt, Subject};
use serde::{Deserialize, Serialize};

use super::super::file::FileLog;
use super::super::frame;
use super::piece::{Flags, Piece};
use crate::bus::{Answers, NatsBus};

/// What such questions are about.
pub(super) const ABOUT: &str = "log";

/// How much output one answer has at the most, about.
const MOST: usize = 256 << 10;

/// What a chunk may have more than the limit, and the words around.
const ROOM: usize = 80 << 10;

#[derive(Debug, Serialize, Deserialize)]
struct Question {
    run: RunId,
    job: JobName,
    from: u64,
    limit: usize,
}

/// The first line of an answer; frames follow.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// The host has it.
    Log { next: u64, complete: bool },
    /// It has not.
    NotFound,
    /// It could not look.
    Failed { reason: String },
}

/// What came of asking.
#[derive(Debug)]
pub(super) enum Asked {
    /// What the host has.
    Has(Excerpt),
    /// It has nothing.
    HasNot,
    /// It does not answer.
    Away,
}

/// Asks a host for the chunks from `from` on.
pub(super) async fn ask(bus: &NatsBus, node: &NodeName, subject: &Subject, from: u64, limit: usize) -> Asked {
    let question = Question { run: subject.run, job: subject.job.clone(), from, limit: limit.min(MOST) };
    let question = serde_json::to_vec(&question).unwrap_or_default();
    let answer = match bus.ask(node, ABOUT, &question).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::debug!(%error, "a log was asked for in vain");
            return Asked::Away;
        }
    };
    match read(answer) {
        Some((Answer::Log { next, complete }, frames)) => {
            let chunks = Piece { flags: Flags::default(), offset: 0, frames }.chunks();
            Asked::Has(Excerpt { chunks, next, complete, lack: None })
        }
        Some((Answer::NotFound, _)) => Asked::HasNot,
        Some((Answer::Failed { reason }, _)) => {
            tracing::debug!(%node, reason, "a host could not read a log");
            Asked::Away
        }
        None => Asked::Away,
    }
}

fn read(mut answer: Vec<u8>) -> Option<(Answer, Vec<u8>)> {
    let end = answer.iter().position(|byte| *byte == b'\n')?;
    let frames = answer.split_off(end + 1);
    Some((serde_json::from_slice(&answer).ok()?, frames))
}

/// Answers from the files of this host.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) files: FileLog,
}

#[async_trait]
impl Answers for Host {
    async fn answer(&self, question: &[u8], most: usize) -> Vec<u8> {
        let (answer, frames) = match serde_json::from_slice(question) {
            Ok(question) => self.look(question, most).await,
            Err(error) => (Answer::Failed { reason: error.to_string() }, Vec::new()),
        };
        let mut bytes = serde_json::to_vec(&answer).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend(frames);
        bytes
    }
}

impl Host {
    async fn look(&self, question: Question, most: usize) -> (Answer, Vec<u8>) {
        let Question { run, job, from, limit } = question;
        let limit = limit.min(MOST).min(most.saturating_sub(ROOM));
        match self.files.read(&Subject { run, job, node: None }, from, limit).await {
            Ok(excerpt) => {
                let mut frames = Vec::new();
                excerpt.chunks.iter().for_each(|chunk| frame::put_chunk(&mut frames, chunk));
                (Answer::Log { next: excerpt.next, complete: excerpt.complete }, frames)
            }
            Err(Error::NotFound { .. }) => (Answer::NotFound, Vec::new()),
            Err(error) => (Answer::Failed { reason: error.to_string() }, Vec::new()),
        }
    }
}

/// A host that answers for these files.
pub(super) fn answering(files: FileLog) -> Arc<dyn Answers> {
    Arc::new(Host { files })
}
