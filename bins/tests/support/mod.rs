//! What the tests of the real executable share: a node of one's own, the ways to ask it, and waiting.
//!
//! Every test binary takes the folder in by its path and uses a part of it.

#![allow(dead_code, unused_imports, reason = "every test binary uses another part")]

mod client;
mod files;
mod node;
mod wait;

pub(crate) use client::{Client, form};
pub(crate) use files::holding;
pub(crate) use node::{Node, cronbus};
pub(crate) use wait::wait_for;
