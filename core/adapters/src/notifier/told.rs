//! Who was told of a message already. Of several recipients some may be told and others not; when the message is sent
//! again, only those others are to hear of it.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use cronbus_core::alert::{ChannelName, MessageId};

/// How many are remembered. Who is forgotten may be told twice.
const REMEMBERED: usize = 10_000;

type Entry = (MessageId, ChannelName, String);

/// Remembers who was told of what, while this process lives.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    known: HashSet<Entry>,
    order: VecDeque<Entry>,
}

impl Told {
    pub(super) fn has(&self, message: MessageId, channel: &ChannelName, to: &str) -> bool {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.known.contains(&(message, channel.clone(), to.to_owned()))
    }

    pub(super) fn note(&self, message: MessageId, channel: &ChannelName, to: &str) {
        let entry = (message, channel.clone(), to.to_owned());
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.known.insert(entry.clone()) {
            memory.order.push_back(entry);
        }
        if memory.order.len() > REMEMBERED
            && let Some(oldest) = memory.order.pop_front()
        {
            memory.known.remove(&oldest);
        }
    }
}
