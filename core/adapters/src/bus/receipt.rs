//! By which the server is told that a message was taken.

use std::fmt;

use async_nats::jetstream::message::Acker;

use super::connect::Shared;

/// For one message of the server.
pub(super) struct Receipt(pub(super) Acker);

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt")
    }
}

impl Shared {
    /// Says that messages are done with. One whose word is lost comes again, and is known then.
    pub(super) fn acknowledge(&self, receipts: Vec<Receipt>) {
        if receipts.is_empty() {
            return;
        }
        self.handle.spawn(async move {
            for Receipt(acker) in receipts {
                if let Err(error) = acker.ack().await {
                    tracing::debug!(%error, "a message could not be acknowledged");
                }
            }
        });
    }
}
