//! What the admin keeps between requests.

use crate::web::session::{Attempts, Limits, Sessions};

/// What the pages of one node share.
#[derive(Debug)]
pub(crate) struct Desk {
    /// Who is signed in.
    pub(crate) sessions: Sessions,
    /// Who failed to sign in.
    pub(crate) attempts: Attempts,
}

impl Desk {
    /// With these sessions.
    pub(crate) fn new(sessions: Sessions) -> Self {
        Self { sessions, attempts: Attempts::default() }
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new(Sessions::new(Limits::default()))
    }
}
