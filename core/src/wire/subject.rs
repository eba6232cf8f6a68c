//! The subjects of the bus, all under `cronbus.v1.`: what permissions are given for.
//!
//! A node's name is one word of a subject: its dots are written `~`, which no name has.

use crate::alert::EventKind;
use crate::id::{NodeName, RunId};
use crate::port::bus::Address;

/// Submissions of plain clients, answered at once: request and reply.
pub const SUBMIT: &str = "cronbus.v1.submit";
/// Submissions of plain clients, kept by the bus until a dispatcher takes them.
pub const SUBMIT_QUEUED: &str = "cronbus.v1.submit.queued";
/// Questions of plain clients about one run: request and reply.
pub const RUN: &str = "cronbus.v1.run";
/// What could not be taken, with the reason.
pub const REJECTED: &str = "cronbus.v1.rejected";

/// Assignments: one subject for each node.
pub const NODE: &str = "cronbus.v1.node";
/// Kills, acknowledgements, questions: one subject for each node.
pub const CONTROL: &str = "cronbus.v1.control";
/// What executors report, schedulers planned and others ask for: one subject for each dispatcher.
pub const OUTCOME: &str = "cronbus.v1.outcome";
/// What became of planned rows: one subject for each scheduler.
pub const DUE: &str = "cronbus.v1.due";

/// What runs print: one subject for each run.
pub const LOG: &str = "cronbus.v1.log";
/// Questions to a node that it answers at once, of other nodes: one subject for each node.
pub const ASK: &str = "cronbus.v1.ask";

/// What happened, for anyone to subscribe: one subject for each kind of event, JSON, unsigned and not kept.
pub const EVENT: &str = "cronbus.v1.event";

/// The subjects between nodes that keep messages until a node takes them, each with the nodes' names under it.
pub const ROOTS: [&str; 4] = [NODE, CONTROL, OUTCOME, DUE];

/// The subject of an address.
#[must_use]
pub fn of(address: &Address) -> String {
    match address {
        Address::Executor(node) => under(NODE, node),
        Address::Control(node) => under(CONTROL, node),
        Address::Dispatcher(node) => under(OUTCOME, node),
        Address::Scheduler(node) => under(DUE, node),
    }
}

/// Where what a run prints is sent to.
#[must_use]
pub fn log_of(run: RunId) -> String {
    format!("{LOG}.{run}")
}

/// Where events of a kind are told.
#[must_use]
pub fn event_of(kind: EventKind) -> String {
    format!("{EVENT}.{kind}")
}

/// Where a node is asked.
#[must_use]
pub fn asking(node: &NodeName) -> String {
    under(ASK, node)
}

/// A node's subject under a root.
fn under(root: &str, node: &NodeName) -> String {
    format!("{root}.{}", word(node))
}

/// A node's name as one word of a subject.
#[must_use]
pub fn word(node: &NodeName) -> String {
    node.as_str().replace('.', "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_four_words() {
        let node = NodeName::new("php-1.lan..x.").unwrap();
        for (address, subject) in [
            (Address::Executor(node.clone()), "cronbus.v1.node.php-1~lan~~x~"),
            (Address::Control(node.clone()), "cronbus.v1.control.php-1~lan~~x~"),
            (Address::Dispatcher(node.clone()), "cronbus.v1.outcome.php-1~lan~~x~"),
            (Address::Scheduler(node), "cronbus.v1.due.php-1~lan~~x~"),
        ] {
            assert_eq!(of(&address), subject);
        }
    }
}
