//! The statements of the hot path, on MySQL and MariaDB.
//!
//! Many rows are one statement; since its text names each value, batches are cut into powers of two, so that a few
//! prepared statements serve every size. Rows that are there already are told by the server's refusal of the whole
//! statement, which costs nothing while it does not happen, and hides no other mistake as `INSERT IGNORE` would.

use cronbus_core::run::Run;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::{Backend, Connection};
use crate::store::failure::Failure;
use crate::store::rows::{AssignedRun, FullRun, MovedRun, NewRuns, WaitingRun};
use crate::store::server::batch::Step;

/// The most rows of one statement: 24 columns of 1024 rows are below the 65,535 values a statement may have.
const LARGEST: usize = 1024;

/// The longest reason that goes the way of a batch, in characters: [`super::connect`] keeps them in memory.
const LONGEST_REASON: usize = 255;

/// Adds rows. Whether all were new; if not, which of them were added is not said.
pub(super) async fn insert(connection: &mut Connection, runs: &[&Run]) -> QueryResult<bool> {
    let NewRuns { waiting, assigned, full } = NewRuns::of(runs);
    let mut new = true;
    for rows in pieces(&waiting) {
        new = new && unless_there(InsertWaiting { rows }.execute(connection).await)?;
    }
    for rows in pieces(&assigned) {
        new = new && unless_there(InsertAssigned { rows }.execute(connection).await)?;
    }
    for rows in pieces(&full) {
        new = new && unless_there(InsertFull { rows }.execute(connection).await)?;
    }
    Ok(new)
}

fn unless_there(inserted: QueryResult<usize>) -> QueryResult<bool> {
    match inserted {
        Err(error) if Failure::is_duplicate(&error) => Ok(false),
        other => other.map(|_| true),
    }
}

/// Moves rows on that are in the state they are moved from; how many were.
pub(super) async fn move_on(connection: &mut Connection, steps: &[Step<'_>]) -> QueryResult<usize> {
    let (mut short, mut long) = (Vec::with_capacity(steps.len()), Vec::new());
    for step in steps {
        let fits = step.run.reason.len() <= LONGEST_REASON;
        let row = Move { id: step.run.id.as_bytes(), was: i32::from(step.from.number()), to: MovedRun::from(step.run) };
        if fits { short.push(row) } else { long.push(row) }
    }
    let mut moved = 0;
    for rows in short.chunks(LARGEST) {
        moved += move_together(connection, rows).await?;
    }
    for row in long {
        moved += MoveOne { row }.execute(connection).await?;
    }
    Ok(moved)
}

async fn move_together(connection: &mut Connection, rows: &[Move<'_>]) -> QueryResult<usize> {
    ForgetMoves.execute(connection).await?;
    for rows in pieces(rows) {
        InsertMoves { rows }.execute(connection).await?;
    }
    ApplyMoves.execute(connection).await
}

/// Makes the key belong to the run unless it has one; nobody else has the key until the transaction ends.
pub(super) async fn reserve_key(connection: &mut Connection, key: &str, run: &[u8]) -> QueryResult<()> {
    diesel::sql_query(
        "INSERT INTO submissions (idempotency_key, run) VALUES (?, ?) \
         ON DUPLICATE KEY UPDATE idempotency_key = idempotency_key",
    )
    .bind::<Text, _>(key)
    .bind::<Binary, _>(run)
    .execute(connection)
    .await
    .map(drop)
}

/// The query for what is not over: after one id, of these partitions.
pub(super) fn unfinished(partitions: &str, limit: i64) -> String {
    format!(
        "SELECT * FROM runs FORCE INDEX (runs_unfinished) \
         WHERE is_over = 0 AND id > ? AND partition_number IN ({partitions}) ORDER BY id LIMIT {limit}"
    )
}

/// The query for how many runs each node executes, among the oldest that are not over.
pub(super) fn executing(running: u8, among: i64) -> String {
    format!(
        "SELECT node, count(*) AS runs FROM (SELECT node, state FROM runs FORCE INDEX (runs_unfinished) \
         WHERE is_over = 0 ORDER BY id LIMIT {among}) AS open WHERE state = {running} AND node IS NOT NULL GROUP BY node"
    )
}

/// Cuts rows into pieces whose sizes are powers of two, large ones first.
fn pieces<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = match rest.len() {
            0 => return None,
            many if many >= LARGEST => LARGEST,
            few => 1 << few.ilog2(),
        };
        let (piece, after) = rest.split_at_checked(size)?;
        rest = after;
        Some(piece)
    })
}

/// A row of `run_moves`.
struct Move<'r> {
    id: &'r [u8],
    was: i32,
    to: MovedRun<'r>,
}

struct InsertWaiting<'a, 'r> {
    rows: &'a [WaitingRun<'r>],
}

struct InsertAssigned<'a, 'r> {
    rows: &'a [AssignedRun<'r>],
}

struct InsertFull<'a, 'r> {
    rows: &'a [FullRun<'r>],
}

struct InsertMoves<'a, 'r> {
    rows: &'a [Move<'r>],
}

struct MoveOne<'r> {
    row: Move<'r>,
}

struct ForgetMoves;

struct ApplyMoves;

/// A statement whose text depends on the number of its rows is found prepared by its text.
macro_rules! found_by_text {
    ($($statement:ident)+) => {$(
        impl QueryId for $statement<'_, '_> {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    )+};
}
found_by_text! { InsertWaiting InsertAssigned InsertFull InsertMoves }

impl QueryId for MoveOne<'_> {
    type QueryId = MoveOne<'static>;
}

impl QueryId for ForgetMoves {
    type QueryId = Self;
}

impl QueryId for ApplyMoves {
    type QueryId = Self;
}

/// Adds values to a statement, each with the text before it.
macro_rules! bind {
    ($out:ident; $($sql:literal $kind:ty = $value:expr;)*) => {$(
        $out.push_sql($sql);
        $out.push_bind_param::<$kind, _>(&$value)?;
    )*};
}

fn bind_waiting<'b>(row: &'b WaitingRun<'_>, out: &mut AstPass<'_, 'b, Backend>) -> QueryResult<()> {
    bind! { out;
        "(" Binary = row.id;
        "," BigInt = row.job;
        "," Integer = row.partition_number;
        "," Integer = row.revision;
        "," BigInt = row.due_at;
        "," BigInt = row.created_at;
    }
    Ok(())
}

fn bind_moved<'b>(row: &'b MovedRun<'_>, out: &mut AstPass<'_, 'b, Backend>) -> QueryResult<()> {
    bind! { out;
        "," Integer = row.state;
        "," Nullable<Text> = row.node;
        "," Nullable<BigInt> = row.started_at;
        "," Nullable<BigInt> = row.ended_at;
        "," Nullable<Integer> = row.exit_code;
        "," Nullable<Integer> = row.exit_signal;
        "," Nullable<Text> = row.reason;
        "," Bool = row.healthy;
        "," Nullable<BigInt> = row.not_before;
        "," Nullable<BigInt> = row.user_ms;
        "," Nullable<BigInt> = row.system_ms;
        "," Nullable<BigInt> = row.max_rss_bytes;
        "," BigInt = row.output_bytes;
        "," Bool = row.output_truncated;
    }
    Ok(())
}

/// Between the rows of a statement, and after the last.
fn separate(place: usize, count: usize, out: &mut AstPass<'_, '_, Backend>) {
    out.push_sql(if place + 1 < count { ")," } else { ")" });
}

impl QueryFragment<Backend> for InsertWaiting<'_, '_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("INSERT INTO runs (id, job, partition_number, revision, due_at, created_at) VALUES ");
        for (place, row) in self.rows.iter().enumerate() {
            bind_waiting(row, &mut out)?;
            separate(place, self.rows.len(), &mut out);
        }
        Ok(())
    }
}

impl QueryFragment<Backend> for InsertAssigned<'_, '_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("INSERT INTO runs (id, job, partition_number, revision, due_at, created_at, state, node) VALUES ");
        for (place, row) in self.rows.iter().enumerate() {
            bind_waiting(&row.waiting, &mut out)?;
            bind! { out; "," Integer = row.state; "," Text = row.node; }
            separate(place, self.rows.len(), &mut out);
        }
        Ok(())
    }
}

impl QueryFragment<Backend> for InsertFull<'_, '_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO runs (id, job, partition_number, revision, due_at, created_at, state, node, started_at, \
             ended_at, exit_code, exit_signal, reason, healthy, not_before, user_ms, system_ms, max_rss_bytes, \
             output_bytes, output_truncated, trigger_kind, attempt, shard, params) VALUES ",
        );
        for (place, row) in self.rows.iter().enumerate() {
            bind_waiting(&row.waiting, &mut out)?;
            bind_moved(&row.moved, &mut out)?;
            bind! { out;
                "," Integer = row.trigger_kind;
                "," BigInt = row.attempt;
                "," BigInt = row.shard;
                "," Nullable<Text> = row.params;
            }
            separate(place, self.rows.len(), &mut out);
        }
        Ok(())
    }
}

impl QueryFragment<Backend> for InsertMoves<'_, '_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("INSERT INTO run_moves VALUES ");
        for (place, row) in self.rows.iter().enumerate() {
            bind! { out; "(" Binary = row.id; "," Integer = row.was; }
            bind_moved(&row.to, &mut out)?;
            separate(place, self.rows.len(), &mut out);
        }
        Ok(())
    }
}

impl QueryFragment<Backend> for ForgetMoves {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("DELETE FROM run_moves");
        Ok(())
    }
}

impl QueryFragment<Backend> for ApplyMoves {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(
            "UPDATE run_moves AS m STRAIGHT_JOIN runs AS r ON r.id = m.id AND r.state = m.was \
             SET r.state = m.state, r.node = m.node, r.started_at = m.started_at, r.ended_at = m.ended_at, \
             r.exit_code = m.exit_code, r.exit_signal = m.exit_signal, r.reason = m.reason, r.healthy = m.healthy, \
             r.not_before = m.not_before, r.user_ms = m.user_ms, r.system_ms = m.system_ms, \
             r.max_rss_bytes = m.max_rss_bytes, r.output_bytes = m.output_bytes, \
             r.output_truncated = m.output_truncated",
        );
        Ok(())
    }
}

impl QueryFragment<Backend> for MoveOne<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let to = &self.row.to;
        bind! { out;
            "UPDATE runs SET state = " Integer = to.state;
            ", node = " Nullable<Text> = to.node;
            ", started_at = " Nullable<BigInt> = to.started_at;
            ", ended_at = " Nullable<BigInt> = to.ended_at;
            ", exit_code = " Nullable<Integer> = to.exit_code;
            ", exit_signal = " Nullable<Integer> = to.exit_signal;
            ", reason = " Nullable<Text> = to.reason;
            ", healthy = " Bool = to.healthy;
            ", not_before = " Nullable<BigInt> = to.not_before;
            ", user_ms = " Nullable<BigInt> = to.user_ms;
            ", system_ms = " Nullable<BigInt> = to.system_ms;
            ", max_rss_bytes = " Nullable<BigInt> = to.max_rss_bytes;
            ", output_bytes = " BigInt = to.output_bytes;
            ", output_truncated = " Bool = to.output_truncated;
            " WHERE id = " Binary = self.row.id;
            " AND state = " Integer = self.row.was;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_powers_of_two_and_cover_everything() {
        for count in [0, 1, 2, 3, 1023, 1024, 1025, 2000, 5000] {
            let rows: Vec<usize> = (0..count).collect();
            let cut: Vec<&[usize]> = pieces(&rows).collect();
            assert!(cut.iter().all(|piece| piece.len().is_power_of_two() && piece.len() <= LARGEST));
            assert_eq!(cut.concat(), rows);
        }
    }
}
