//! Strangers at the door of the real executable: bodies that are too large or become so, heads that never end, requests
//! that two servers would read differently, and forms, cookies and addresses made by somebody else.
//!
//! What data may do to a page is tried beside the pages (`src/web/admin/tests`) and in a browser (`tests/browser`), what may
//! be called beside the channels, headers of mails beside the mailer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod bodies;
mod heads;
mod raw;
mod sessions;

#[path = "../support/mod.rs"]
mod support;
