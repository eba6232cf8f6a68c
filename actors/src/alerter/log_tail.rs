//! The end of what a run printed, for a message about it.

use std::collections::VecDeque;
use std::time::Duration;

use cronbus_core::alert::{EventKind, Message};
use cronbus_core::port::log::Subject;

use super::actor::Mind;

/// How long reading a log may take: a message without it is better than none.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many bytes are shown, read at a time, and read in all.
const BYTES: (usize, usize, usize) = (2_000, 64 << 10, 4 << 20);

impl Mind {
    /// The last lines; `None` where there are none, or they cannot be read now.
    pub(super) async fn log_tail(&self, message: &Message) -> Option<String> {
        let is_about_output = matches!(
            message.kind,
            EventKind::Failed | EventKind::TimedOut | EventKind::Killed | EventKind::RunningLong
        );
        if !is_about_output {
            return None;
        }
        let subject = Subject { run: message.run?, job: message.job.clone()?, node: message.node.clone() };
        tokio::select! {
            tail = self.read_tail(&subject) => tail,
            () = self.setup.ports.clock.sleep(PATIENCE) => None,
        }
    }

    async fn read_tail(&self, subject: &Subject) -> Option<String> {
        let mut tail: VecDeque<u8> = VecDeque::new();
        let (mut from, mut read) = (0, 0);
        loop {
            let excerpt = self.setup.ports.log.read(subject, from, BYTES.1).await.ok()?;
            let is_end = excerpt.complete || excerpt.chunks.is_empty() || read > BYTES.2;
            for chunk in &excerpt.chunks {
                read += chunk.bytes.len();
                tail.extend(&chunk.bytes);
                let surplus = tail.len().saturating_sub(BYTES.0);
                tail.drain(..surplus);
            }
            if is_end {
                break;
            }
            from = excerpt.next;
        }
        let text = String::from_utf8_lossy(tail.make_contiguous()).replace('\0', "\u{fffd}");
        Some(text.trim_end().to_owned()).filter(|text| !text.is_empty())
    }
}
