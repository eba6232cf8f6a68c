//! What the dispatcher wants done, collected until the actor takes it.

use std::collections::BTreeMap;

use crate::id::{NodeName, RunId};
use crate::port::store::Note;
use crate::wire::{Assignment, Control, Handover};

/// What is to be done, in no particular order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// To hand over, by node.
    pub assign: BTreeMap<NodeName, Vec<Assignment>>,
    /// To say, by node.
    pub control: BTreeMap<NodeName, Vec<Control>>,
    /// Runs to look up in the store, and to give to [`super::Dispatch::looked_up`].
    pub look_up: Vec<RunId>,
    /// To be noted in the store, then given to [`super::Dispatch::noted`], each with the node that waits for that.
    pub note: Vec<(NodeName, Note)>,
}

impl Effects {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.assign.is_empty() && self.control.is_empty() && self.look_up.is_empty() && self.note.is_empty()
    }

    pub(super) fn assign(&mut self, node: &NodeName, assignment: Assignment) {
        match self.assign.get_mut(node) {
            Some(batch) => batch.push(assignment),
            None => {
                self.assign.insert(node.clone(), vec![assignment]);
            }
        }
    }

    pub(super) fn kill(&mut self, node: &NodeName, run: RunId, reason: &str) {
        self.control(node, Control::Kill { run, reason: reason.to_owned() });
    }

    pub(super) fn acknowledge(&mut self, node: &NodeName, run: RunId) {
        if let Some(Control::Acknowledge { runs }) = self.control.get_mut(node).and_then(|all| all.last_mut()) {
            runs.push(run);
            return;
        }
        self.control(node, Control::Acknowledge { runs: vec![run] });
    }

    pub(super) fn begin(&mut self, node: &NodeName, run: RunId, handover: Handover) {
        if let Some(Control::Begin { runs }) = self.control.get_mut(node).and_then(|all| all.last_mut()) {
            runs.push((run, handover));
            return;
        }
        self.control(node, Control::Begin { runs: vec![(run, handover)] });
    }

    pub(super) fn inquire(&mut self, node: &NodeName, run: RunId, upto: Handover, reply_to: &NodeName) {
        let last = self.control.get_mut(node).and_then(|all| all.last_mut());
        if let Some(Control::Inquire { runs, upto: highest, .. }) = last {
            runs.push(run);
            *highest = upto.max(*highest);
            return;
        }
        self.control(node, Control::Inquire { runs: vec![run], upto, reply_to: reply_to.clone() });
    }

    pub(super) fn revoke(&mut self, node: &NodeName, run: RunId, upto: Handover, reply_to: &NodeName) {
        let last = self.control.get_mut(node).and_then(|all| all.last_mut());
        if let Some(Control::Revoke { runs, upto: highest, .. }) = last {
            runs.push(run);
            *highest = upto.max(*highest);
            return;
        }
        self.control(node, Control::Revoke { runs: vec![run], upto, reply_to: reply_to.clone() });
    }

    fn control(&mut self, node: &NodeName, control: Control) {
        match self.control.get_mut(node) {
            Some(controls) => controls.push(control),
            None => {
                self.control.insert(node.clone(), vec![control]);
            }
        }
    }
}
