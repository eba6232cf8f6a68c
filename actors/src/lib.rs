//! The roles of a node as actors. The only package that names actix.

pub mod mailbox;
pub mod observe;
pub mod supervise;
