//! What the timeline asks of a rule.

use std::sync::Arc;

use crate::time::Timestamp;

/// Says when something is due; many jobs can share one.
///
/// The answer must depend on nothing but the rule and the instant: it is remembered and given to every job of the rule.
pub trait Rule {
    /// The first due instant strictly after `after`; `None` when there is none any more.
    fn next_after(&self, after: Timestamp) -> Option<Timestamp>;
}

impl<R: Rule + ?Sized> Rule for Arc<R> {
    fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        (**self).next_after(after)
    }
}
