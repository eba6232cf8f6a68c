//! The clocks: [`SystemClock`] reads the machine's and has a thread of its own to wake sleepers on time;
//! [`VirtualClock`] is for simulations, where a day passes in a moment and clocks jump when the test says so.

mod queue;
mod system;
mod virtual_time;

pub use system::{SystemClock, wall};
pub use virtual_time::VirtualClock;
