//! What every part may look at when it is put in.

use std::path::Path;
use std::sync::Arc;

use cronbus_core::config::Config;
use cronbus_core::port::Clock;
use cronbus_core::port::membership::Member;

/// Where a node lives.
#[derive(Clone, Copy, Debug)]
pub(in crate::node) struct Premises<'a> {
    /// Its configuration.
    pub(in crate::node) config: &'a Config,
    /// Its data directory.
    pub(in crate::node) directory: &'a Path,
    /// What it says of itself.
    pub(in crate::node) member: &'a Member,
    /// Its clock.
    pub(in crate::node) clock: &'a Arc<dyn Clock>,
}
