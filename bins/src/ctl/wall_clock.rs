//! The wall clock of the command line: for relative times and for "from now on".

use cronbus_core::time::Timestamp;

/// What time it is here. What happens at a node is told by the node's clock.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "a command ends before a clock would be worth passing around")]
    Timestamp::from_jiff(jiff::Timestamp::now())
}
