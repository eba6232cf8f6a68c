//! Work that blocks: on a thread that is there for it. Where the caller is on such a thread already, the work is done
//! right there, without a hop to another.

use std::cell::Cell;
use std::io;

thread_local! {
    static IS_ALLOWED: Cell<bool> = const { Cell::new(false) };
}

/// Declares that nobody waits for the calling thread: whatever it does from now on may block.
pub(crate) fn allow_here() {
    IS_ALLOWED.set(true);
}

/// Whether the calling thread may block.
pub(crate) fn is_allowed_here() -> bool {
    IS_ALLOWED.get()
}

/// Does `work` on one of the runtime's threads for work that blocks.
///
/// # Errors
/// Those of the work, and when the runtime ends before it is done.
pub(crate) async fn elsewhere<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
