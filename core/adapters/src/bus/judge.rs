//! Whether a message that came is taken: what is malformed, forged, too old, or came before is not, and never stops those
//! that come after it.

use std::sync::Arc;

use async_nats::jetstream;
use cronbus_core::wire::signing::{Joined, Joiner, OVERHEAD, Refusal, Stamp};
use cronbus_core::wire::{Message, encoding};

use super::connect::Shared;
use super::line::Line;
use super::receipt::Receipt;
use super::rejected::Reason;
use super::sending::PART;

/// A message that was found good.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) message: Message,
    pub(super) stamp: Stamp,
    /// Whether the server delivered it before.
    pub(super) is_again: bool,
    /// By which the server is told that it was taken: one for each part.
    pub(super) receipts: Vec<Receipt>,
}

/// Judges what comes on one subject.
#[derive(Debug)]
pub(super) struct Judge {
    shared: Arc<Shared>,
    subject: String,
    line: Arc<Line>,
    joiner: Joiner<Receipt>,
}

impl Judge {
    pub(super) fn new(shared: Arc<Shared>, subject: String, line: Arc<Line>) -> Self {
        Self { shared, subject, line, joiner: Joiner::default() }
    }

    /// The message, if this makes one and it is good.
    pub(super) fn look_at(&mut self, message: jetstream::Message) -> Option<Delivery> {
        let is_again = message.info().is_ok_and(|info| info.delivered > 1);
        let (message, acker) = message.split();
        let receipt = Receipt(acker);
        let payload = message.payload;
        match self.stamp_and_content(&payload) {
            Ok((stamp, content)) => {
                let delivery = self.join(&stamp, content, receipt)?;
                Some(Delivery { is_again, ..delivery })
            }
            Err(reason) => {
                self.shared.pass_over(&self.subject, &reason, &payload, is_again);
                self.shared.acknowledge(vec![receipt]);
                None
            }
        }
    }

    fn stamp_and_content<'message>(&self, payload: &'message [u8]) -> Result<(Stamp, &'message [u8]), Reason> {
        if payload.len() > PART + OVERHEAD {
            let text =
                format!("it has {} bytes, more than the {} that a message may have", payload.len(), PART + OVERHEAD);
            return Err(Reason { kind: "oversized", text });
        }
        let trust = self.shared.trust();
        let now = self.shared.options.clock.now();
        let opened = trust.keys.open(&self.subject, payload, now, trust.clock_skew).map_err(reason)?;
        self.line.seen().check(&opened.stamp).map_err(reason)?;
        Ok((opened.stamp, opened.content))
    }

    fn join(&mut self, stamp: &Stamp, content: &[u8], receipt: Receipt) -> Option<Delivery> {
        match self.joiner.add(stamp, content, receipt) {
            Joined::Waiting(dropped) => {
                self.shared.acknowledge(dropped);
                None
            }
            Joined::Whole(content, receipts) => self.decode(stamp, &content, receipts),
        }
    }

    fn decode(&self, stamp: &Stamp, content: &[u8], receipts: Vec<Receipt>) -> Option<Delivery> {
        match encoding::decode(content) {
            Ok(decoded) => {
                for text in decoded.left_out {
                    self.shared.refuse(&self.subject, &Reason { kind: "left_out", text }, content);
                }
                Some(Delivery { message: decoded.message, stamp: stamp.clone(), is_again: false, receipts })
            }
            Err(error) => {
                let reason = Reason { kind: "unreadable", text: error.to_string() };
                self.shared.refuse(&self.subject, &reason, content);
                self.shared.acknowledge(receipts);
                None
            }
        }
    }
}

pub(super) fn reason(refusal: Refusal) -> Reason {
    Reason { kind: refusal.kind(), text: refusal.to_string() }
}
