//! The store on PostgreSQL 13 or newer.
//!
//! ```text
//!   connect ──── how a connection is set up             dialect ── migrations, as this server wants them
//!   statements ─ the statements of the hot path         ../shared ─ everything else, compiled for this backend
//! ```

/// Adds rows; those that are there stay as they are.
macro_rules! insert_new {
    ($table:expr, $rows:expr) => {
        diesel::insert_into($table).values($rows).on_conflict_do_nothing()
    };
}

#[path = "../shared/account_port.rs"]
mod account_port;
#[path = "../shared/accounts.rs"]
mod accounts;
#[path = "../shared/alert_port.rs"]
mod alert_port;
#[path = "../shared/alert_queries.rs"]
mod alert_queries;
#[path = "../shared/alerts.rs"]
mod alerts;
#[path = "../shared/audit.rs"]
mod audit;
#[path = "../shared/audit_port.rs"]
mod audit_port;
#[path = "../shared/audit_queries.rs"]
mod audit_queries;
mod connect;
mod dialect;
#[path = "../shared/examine.rs"]
mod examine;
#[path = "../shared/handle.rs"]
mod handle;
#[path = "../shared/history.rs"]
mod history;
#[path = "../shared/housekeeping.rs"]
mod housekeeping;
#[path = "../shared/jobs.rs"]
mod jobs;
#[path = "../shared/marks.rs"]
mod marks;
#[path = "../shared/migrate.rs"]
mod migrate;
#[path = "../shared/partitions.rs"]
mod partitions;
#[path = "../shared/pruning.rs"]
mod pruning;
#[path = "../shared/queries.rs"]
mod queries;
#[path = "../shared/runs.rs"]
mod runs;
#[path = "../shared/secret_port.rs"]
mod secret_port;
#[path = "../shared/secrets.rs"]
mod secrets;
mod statements;
#[path = "../shared/transaction.rs"]
mod transaction;

use diesel::pg::Pg as Backend;
use diesel_async::AsyncPgConnection as Connection;

use crate::store::server::steps::{Step, steps};

pub use handle::ServerStore as PostgresStore;

/// The port that servers listen on.
const DEFAULT_PORT: u16 = 5432;

/// Who asks when the URL does not say.
const DEFAULT_USER: &str = "cronbus";

/// What holds rows that are read, and lets others do so too.
const SHARED_LOCK: &str = "FOR SHARE";

/// The runs that are not over within a span of keys.
const UNFINISHED: &str = "unfinished_runs AS unfinished JOIN runs ON runs.id = unfinished.id WHERE unfinished.id < $1 AND unfinished.id >= $2";

/// Their key, in whose order they are read.
const UNFINISHED_KEY: &str = "unfinished.id";

/// The third value of a statement.
const THIRD: &str = "$3";

/// The migrations, in order.
pub(in crate::store) const STEPS: [Step; 11] = steps!(
    "postgres": "2026-11-22-000001_jobs" "2026-11-22-000002_runs" "2026-11-22-000003_partitions"
        "2026-11-22-000004_former" "2026-11-22-000005_notes" "2026-11-22-000006_alerts"
        "2026-11-22-000007_accounts" "2026-11-22-000008_unfinished"
        "2026-11-22-000009_audit" "2026-11-22-000010_secrets" "2026-11-23-000011_marks"
);

diesel::define_sql_function! {
    /// Where a text is within another, from 1; 0 when it is not.
    #[sql_name = "strpos"]
    fn instr(text: diesel::sql_types::Nullable<diesel::sql_types::Text>, part: diesel::sql_types::Text)
        -> diesel::sql_types::Nullable<diesel::sql_types::Integer>;
}
