//! The one statement of the hot path that is written by hand.
//!
//! diesel looks up prepared statements by the type of a query, except for updates, whose text it builds anew each time
//! to look them up by that: as costly as the update itself. This one has a type of its own.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
use diesel::sqlite::Sqlite;

use crate::store::rows::MovedRun;

/// Moves one run on, if it still is in the state it is moved from.
pub(super) struct MoveOn<'r> {
    pub(super) id: &'r [u8],
    pub(super) from: i32,
    pub(super) to: MovedRun<'r>,
}

impl QueryId for MoveOn<'_> {
    type QueryId = MoveOn<'static>;
}

impl<C> RunQueryDsl<C> for MoveOn<'_> {}

impl QueryFragment<Sqlite> for MoveOn<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        macro_rules! bind {
            ($($sql:literal $kind:ty = $value:expr;)*) => {$(
                out.push_sql($sql);
                out.push_bind_param::<$kind, _>(&$value)?;
            )*};
        }
        bind! {
            "UPDATE runs SET state = " Integer = self.to.state;
            ", node = " Nullable<Text> = self.to.node;
            ", started_at = " Nullable<BigInt> = self.to.started_at;
            ", ended_at = " Nullable<BigInt> = self.to.ended_at;
            ", exit_code = " Nullable<Integer> = self.to.exit_code;
            ", exit_signal = " Nullable<Integer> = self.to.exit_signal;
            ", reason = " Nullable<Text> = self.to.reason;
            ", healthy = " Bool = self.to.healthy;
            ", not_before = " Nullable<BigInt> = self.to.not_before;
            ", user_ms = " Nullable<BigInt> = self.to.user_ms;
            ", system_ms = " Nullable<BigInt> = self.to.system_ms;
            ", max_rss_bytes = " Nullable<BigInt> = self.to.max_rss_bytes;
            ", output_bytes = " BigInt = self.to.output_bytes;
            ", output_truncated = " Bool = self.to.output_truncated;
            " WHERE id = " Binary = self.id;
            " AND state = " Integer = self.from;
        }
        Ok(())
    }
}
