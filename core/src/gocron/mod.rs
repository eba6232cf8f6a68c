//! Reading the jobs people have in gocron's table `tb_cron_schedule`, and saying what each becomes and what changes.
//!
//! ```text
//!   row ───── one row of the table
//!   convert ─ the job it becomes, and every difference that its owner should know of
//!   reading ─ when gocron would fire: its own rules for fields, and for clocks that change
//! ```
//!
//! Reading the table is an adapter's business.

mod convert;
mod reading;
mod row;

pub use convert::{Became, Import, Options, import};
pub use reading::{Reading, Unreadable};
pub use row::Row;
