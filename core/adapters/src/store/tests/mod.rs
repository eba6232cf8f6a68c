//! The stores on real servers: held to the suite, compared with the store in memory, and put into trouble.
//!
//! ```text
//!   servers ── one server of each kind for all tests, a database for each test
//!   calls ──── random calls, and everything that can be read afterwards
//!   promises ─ the conformance suite, and parity with the store in memory
//!   schema ─── up, down and up; two at once; older and newer
//!   feed ───── changes of jobs by many writers
//!   trouble ── servers of their own that are killed, frozen and cut off
//! ```

pub(in crate::store) mod calls;
mod feed;
mod promises;
mod schema;
pub(crate) mod servers;
mod trouble;
