//! What is not over, and what may be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use cronbus_core::id::{NodeName, Partition, RunId};
use cronbus_core::port::store::{Error, Retention};
use cronbus_core::run::{Run, State};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use diesel::sqlite::SqliteConnection;

use super::marks;
use super::queries::{lowest_id, row_count};
use crate::store::failure::Failure;
use crate::store::rows::{LoadRow, RunRow};
use crate::store::schema::{runs, submissions};

/// The states below this number are those of runs that are not over; migrations say the same.
pub(super) const FIRST_TERMINAL: i32 = 10;

/// How many rows one statement names.
const AT_ONCE: usize = 500;

pub(super) fn unfinished(
    connection: &mut SqliteConnection,
    partitions: &[Partition],
    after: Option<RunId>,
    limit: usize,
) -> Result<Vec<Run>, Failure> {
    let wanted: BTreeSet<u8> = partitions.iter().map(|partition| partition.0).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    // The planner would rather walk the whole table in the order of its key; the index holds what is not over alone.
    let query = format!(
        "SELECT * FROM runs INDEXED BY runs_unfinished \
         WHERE state < {FIRST_TERMINAL} AND id > ? AND partition_number IN ({}) ORDER BY id LIMIT ?",
        numbers.join(",")
    );
    let after = after.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    let rows: Vec<RunRow> =
        diesel::sql_query(query).bind::<Binary, _>(after).bind::<BigInt, _>(row_count(limit)).load(connection)?;
    let runs: Result<Vec<Run>, Error> = rows.into_iter().map(Run::try_from).collect();
    Ok(runs?)
}

/// How many runs each node executes, among the oldest that are not over.
pub(super) fn executing(connection: &mut SqliteConnection, among: usize) -> Result<BTreeMap<NodeName, u32>, Failure> {
    let query = format!(
        "SELECT node, count(*) AS runs FROM \
         (SELECT node, state FROM runs INDEXED BY runs_unfinished WHERE state < {FIRST_TERMINAL} ORDER BY id LIMIT {}) \
         WHERE state = {} AND node IS NOT NULL GROUP BY node",
        row_count(among),
        State::Running.number()
    );
    Ok(LoadRow::by_node(diesel::sql_query(query).load(connection)?)?)
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
}

/// The runs that may be forgotten, oldest first, and whether there are more. Nothing is locked while they are looked
/// for: what is over stays over.
pub(super) fn forgettable(
    connection: &mut SqliteConnection,
    retention: Retention,
) -> Result<(Vec<Vec<u8>>, bool), Failure> {
    let sought = row_count(retention.limit.saturating_add(1));
    let old = runs::table
        .filter(runs::id.lt(lowest_id(retention.before)))
        .filter(runs::state.ge(FIRST_TERMINAL))
        .order(runs::id)
        .limit(sought)
        .select(runs::id)
        .load::<Vec<u8>>(connection)?;
    let mut doomed: BTreeSet<Vec<u8>> = old.into_iter().collect();
    doomed.extend(surplus(connection, retention.per_job, sought)?);
    let more = doomed.len() > retention.limit;
    Ok((doomed.into_iter().take(retention.limit).collect(), more))
}

/// The ended runs of each job beyond its newest `keep` ended ones, oldest first. The inner query counts rows in the
/// index of histories alone, so that the table is read for the few jobs that have too many.
fn surplus(connection: &mut SqliteConnection, keep: u32, sought: i64) -> QueryResult<Vec<Vec<u8>>> {
    if keep == 0 {
        return Ok(Vec::new());
    }
    let query = "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY job ORDER BY id DESC) AS place FROM runs \
                 WHERE state >= 10 AND job IN (SELECT job FROM runs GROUP BY job HAVING count(*) > ?1)) \
                 WHERE place > ?1 ORDER BY id LIMIT ?2";
    let keys: Vec<Key> =
        diesel::sql_query(query).bind::<BigInt, _>(i64::from(keep)).bind::<BigInt, _>(sought).load(connection)?;
    Ok(keys.into_iter().map(|key| key.id).collect())
}

/// Forgets ended runs, their marks and the idempotency keys that led to them; how many rows there were.
pub(super) fn forget(connection: &mut SqliteConnection, doomed: &[Vec<u8>]) -> Result<usize, Failure> {
    let mut count: usize = 0;
    for chunk in doomed.chunks(AT_ONCE) {
        marks::forget(connection, chunk)?;
    }
    for id in doomed {
        let rows = diesel::delete(runs::table.filter(runs::id.eq(id)).filter(runs::state.ge(FIRST_TERMINAL)))
            .execute(connection)?;
        if rows == 1 {
            diesel::delete(submissions::table.filter(submissions::run.eq(id))).execute(connection)?;
        }
        count = count.saturating_add(rows);
    }
    Ok(count)
}
