//! The statements of the hot path, on PostgreSQL.
//!
//! Each column of a batch is one array, so that one prepared statement serves every size.

use std::borrow::Cow;

use cronbus_core::run::Run;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::{Backend, Connection};
use crate::store::rows::{AssignedRun, FullRun, MovedRun, NewRuns, WaitingRun};
use crate::store::server::batch::Step;

/// The most rows of one statement: what is sent at once stays within a few megabytes.
const LARGEST: usize = 5_000;

/// Adds rows. Whether all were new; if not, which of them were added is not said.
pub(super) async fn insert(connection: &mut Connection, runs: &[&Run]) -> QueryResult<bool> {
    let NewRuns { waiting, assigned, full } = NewRuns::of(runs);
    let mut added = 0;
    for rows in waiting.chunks(LARGEST) {
        added += InsertWaiting(Waiting::of(rows.iter())).execute(connection).await?;
    }
    for rows in assigned.chunks(LARGEST) {
        added += InsertAssigned::of(rows).execute(connection).await?;
    }
    for rows in full.chunks(LARGEST) {
        added += InsertFull::of(rows).execute(connection).await?;
    }
    Ok(added == runs.len())
}

/// Moves rows on that are in the state they are moved from; how many were.
pub(super) async fn move_on(connection: &mut Connection, steps: &[Step<'_>]) -> QueryResult<usize> {
    let mut moved = 0;
    for steps in steps.chunks(LARGEST) {
        let rows: Vec<MovedRun<'_>> = steps.iter().map(|step| MovedRun::from(step.run)).collect();
        let ids = steps.iter().map(|step| step.run.id.as_bytes().as_slice()).collect();
        let was = steps.iter().map(|step| i32::from(step.from.number())).collect();
        let over = steps.iter().filter(|step| step.run.state.is_terminal());
        let over = over.map(|step| step.run.id.as_bytes().as_slice()).collect();
        moved += MoveOn { over, ids, was, to: Moved::of(rows.iter()) }.execute(connection).await?;
    }
    Ok(moved)
}

/// Makes the key belong to the run unless it has one; nobody else has the key until the transaction ends.
pub(super) async fn reserve_key(connection: &mut Connection, key: &str, run: &[u8]) -> QueryResult<()> {
    diesel::sql_query("INSERT INTO submissions (idempotency_key, run) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind::<Text, _>(key)
        .bind::<Binary, _>(run)
        .execute(connection)
        .await
        .map(drop)
}

/// The query for what is not over: after one id, of these partitions.
pub(super) fn unfinished(partitions: &str, limit: i64) -> String {
    format!(
        "SELECT runs.* FROM unfinished_runs AS open JOIN runs ON runs.id = open.id \
         WHERE open.id > $1 AND open.partition_number IN ({partitions}) ORDER BY open.id LIMIT {limit}"
    )
}

/// The query for how many runs each node executes, among the oldest that are not over.
pub(super) fn executing(running: u8, among: i64) -> String {
    format!(
        "SELECT runs.node, count(*) AS runs FROM (SELECT id FROM unfinished_runs ORDER BY id LIMIT {among}) AS open \
         JOIN runs ON runs.id = open.id WHERE runs.state = {running} AND runs.node IS NOT NULL GROUP BY runs.node"
    )
}

/// The columns of a batch of rows, each as one array.
macro_rules! arrays {
    ($(#[$doc:meta])* $name:ident from $row:ident: $($column:ident: $kind:ty = $type:ty, $value:expr;)+) => {
        $(#[$doc])*
        struct $name<'r> {
            $($column: Vec<$type>,)+
        }

        impl<'r> $name<'r> {
            fn of<'a>(rows: impl ExactSizeIterator<Item = &'a $row<'r>>) -> Self
            where
                'r: 'a,
            {
                let mut arrays = Self { $($column: Vec::with_capacity(rows.len()),)+ };
                for row in rows {
                    $({
                        let value: fn(&$row<'r>) -> $type = $value;
                        arrays.$column.push(value(row));
                    })+
                }
                arrays
            }

            /// Adds the arrays to a statement that has some before.
            fn bind<'b>(&'b self, before: &'static str, out: &mut AstPass<'_, 'b, Backend>) -> QueryResult<()> {
                let mut separator = before;
                $(
                    out.push_sql(separator);
                    out.push_bind_param::<Array<$kind>, _>(&self.$column)?;
                    separator = ",";
                )+
                let _ = separator;
                Ok(())
            }
        }
    };
}

arrays! {
    /// What a run has that waits for its moment.
    Waiting from WaitingRun:
    id: Binary = &'r [u8], |row| row.id;
    job: BigInt = i64, |row| row.job;
    partition_number: Integer = i32, |row| row.partition_number;
    revision: Integer = i32, |row| row.revision;
    due_at: BigInt = i64, |row| row.due_at;
    created_at: BigInt = i64, |row| row.created_at;
}

arrays! {
    /// What moves in a run's life.
    Moved from MovedRun:
    state: Integer = i32, |row| row.state;
    node: Nullable<Text> = Option<&'r str>, |row| row.node;
    started_at: Nullable<BigInt> = Option<i64>, |row| row.started_at;
    ended_at: Nullable<BigInt> = Option<i64>, |row| row.ended_at;
    exit_code: Nullable<Integer> = Option<i32>, |row| row.exit_code;
    exit_signal: Nullable<Integer> = Option<i32>, |row| row.exit_signal;
    reason: Nullable<Text> = Option<Cow<'r, str>>, |row| row.reason.map(printable);
    healthy: Bool = bool, |row| row.healthy;
    not_before: Nullable<BigInt> = Option<i64>, |row| row.not_before;
    user_ms: Nullable<BigInt> = Option<i64>, |row| row.user_ms;
    system_ms: Nullable<BigInt> = Option<i64>, |row| row.system_ms;
    max_rss_bytes: Nullable<BigInt> = Option<i64>, |row| row.max_rss_bytes;
    output_bytes: BigInt = i64, |row| row.output_bytes;
    output_truncated: Bool = bool, |row| row.output_truncated;
}

/// PostgreSQL has no text with a NUL in it.
fn printable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// The end of a statement that adds rows of which none is over: the count of rows is that of those it added.
const ADDED_ARE_UNFINISHED: &str = ") ON CONFLICT DO NOTHING RETURNING id, partition_number) \
     INSERT INTO unfinished_runs (id, partition_number) SELECT id, partition_number FROM added";

/// The same where some may be over.
const ADDED_MAY_BE_OVER: &str = ") ON CONFLICT DO NOTHING RETURNING id, partition_number, state), \
     open AS (INSERT INTO unfinished_runs (id, partition_number) \
     SELECT id, partition_number FROM added WHERE state < 10) SELECT 1 FROM added";

struct InsertWaiting<'r>(Waiting<'r>);

struct InsertAssigned<'r> {
    waiting: Waiting<'r>,
    state: Vec<i32>,
    node: Vec<&'r str>,
}

impl<'r> InsertAssigned<'r> {
    fn of(rows: &'r [AssignedRun<'r>]) -> Self {
        Self {
            waiting: Waiting::of(rows.iter().map(|row| &row.waiting)),
            state: rows.iter().map(|row| row.state).collect(),
            node: rows.iter().map(|row| row.node).collect(),
        }
    }
}

struct InsertFull<'r> {
    waiting: Waiting<'r>,
    moved: Moved<'r>,
    trigger_kind: Vec<i32>,
    attempt: Vec<i64>,
    shard: Vec<i64>,
    params: Vec<Option<&'r str>>,
}

impl<'r> InsertFull<'r> {
    fn of(rows: &'r [FullRun<'r>]) -> Self {
        Self {
            waiting: Waiting::of(rows.iter().map(|row| &row.waiting)),
            moved: Moved::of(rows.iter().map(|row| &row.moved)),
            trigger_kind: rows.iter().map(|row| row.trigger_kind).collect(),
            attempt: rows.iter().map(|row| row.attempt).collect(),
            shard: rows.iter().map(|row| row.shard).collect(),
            params: rows.iter().map(|row| row.params.as_deref()).collect(),
        }
    }
}

struct MoveOn<'r> {
    /// Those that end. They are taken out of the unfinished whether or not they are in the state they are moved from:
    /// when one is not, the transaction is undone.
    over: Vec<&'r [u8]>,
    ids: Vec<&'r [u8]>,
    was: Vec<i32>,
    to: Moved<'r>,
}

impl QueryId for InsertWaiting<'_> {
    type QueryId = InsertWaiting<'static>;
}

impl QueryId for InsertAssigned<'_> {
    type QueryId = InsertAssigned<'static>;
}

impl QueryId for InsertFull<'_> {
    type QueryId = InsertFull<'static>;
}

impl QueryId for MoveOn<'_> {
    type QueryId = MoveOn<'static>;
}

impl QueryFragment<Backend> for InsertWaiting<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(
            "WITH added AS (INSERT INTO runs (id, job, partition_number, revision, due_at, created_at) \
             SELECT * FROM unnest",
        );
        self.0.bind("(", &mut out)?;
        out.push_sql(ADDED_ARE_UNFINISHED);
        Ok(())
    }
}

impl QueryFragment<Backend> for InsertAssigned<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(
            "WITH added AS (INSERT INTO runs (id, job, partition_number, revision, due_at, created_at, state, node) \
             SELECT * FROM unnest",
        );
        self.waiting.bind("(", &mut out)?;
        out.push_sql(",");
        out.push_bind_param::<Array<Integer>, _>(&self.state)?;
        out.push_sql(",");
        out.push_bind_param::<Array<Text>, _>(&self.node)?;
        out.push_sql(ADDED_ARE_UNFINISHED);
        Ok(())
    }
}

impl QueryFragment<Backend> for InsertFull<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(
            "WITH added AS (INSERT INTO runs (id, job, partition_number, revision, due_at, created_at, state, node, \
             started_at, \
             ended_at, exit_code, exit_signal, reason, healthy, not_before, user_ms, system_ms, max_rss_bytes, \
             output_bytes, output_truncated, trigger_kind, attempt, shard, params) SELECT * FROM unnest",
        );
        self.waiting.bind("(", &mut out)?;
        self.moved.bind(",", &mut out)?;
        out.push_sql(",");
        out.push_bind_param::<Array<Integer>, _>(&self.trigger_kind)?;
        out.push_sql(",");
        out.push_bind_param::<Array<BigInt>, _>(&self.attempt)?;
        out.push_sql(",");
        out.push_bind_param::<Array<BigInt>, _>(&self.shard)?;
        out.push_sql(",");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.params)?;
        out.push_sql(ADDED_MAY_BE_OVER);
        Ok(())
    }
}

impl QueryFragment<Backend> for MoveOn<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("WITH ended AS (DELETE FROM unfinished_runs WHERE id = ANY(");
        out.push_bind_param::<Array<Binary>, _>(&self.over)?;
        out.push_sql(
            ")) UPDATE runs SET state = m.state, node = m.node, started_at = m.started_at, ended_at = m.ended_at, \
             exit_code = m.exit_code, exit_signal = m.exit_signal, reason = m.reason, healthy = m.healthy, \
             not_before = m.not_before, user_ms = m.user_ms, system_ms = m.system_ms, \
             max_rss_bytes = m.max_rss_bytes, output_bytes = m.output_bytes, output_truncated = m.output_truncated \
             FROM unnest(",
        );
        out.push_bind_param::<Array<Binary>, _>(&self.ids)?;
        out.push_sql(",");
        out.push_bind_param::<Array<Integer>, _>(&self.was)?;
        self.to.bind(",", &mut out)?;
        out.push_sql(
            ") AS m (id, was, state, node, started_at, ended_at, exit_code, exit_signal, reason, healthy, not_before, \
             user_ms, system_ms, max_rss_bytes, output_bytes, output_truncated) \
             WHERE runs.id = m.id AND runs.state = m.was",
        );
        Ok(())
    }
}
