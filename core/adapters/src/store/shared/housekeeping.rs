//! What is not over, and what may be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use cronbus_core::id::{NodeName, Partition, RunId};
use cronbus_core::port::store::{Error, Retention};
use cronbus_core::run::{Run, State};
use diesel::prelude::*;
use diesel::sql_types::Binary;
use diesel_async::RunQueryDsl;

use super::queries::{lowest_id, row_count};
use super::{Connection, marks, statements};
use crate::store::failure::Failure;
use crate::store::rows::{LoadRow, RunRow};
use crate::store::schema::{runs, submissions};
use crate::store::server::batch;

/// The states below this number are those of runs that are not over; migrations say the same.
const FIRST_TERMINAL: i32 = 10;

/// How many rows one statement deletes.
const FORGOTTEN_AT_ONCE: usize = 500;

pub(super) async fn unfinished(
    connection: &mut Connection,
    partitions: &[Partition],
    after: Option<RunId>,
    limit: usize,
) -> Result<Vec<Run>, Failure> {
    let wanted = batch::numbers(partitions.iter().copied());
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    let query = statements::unfinished(&numbers.join(","), row_count(limit));
    let after = after.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    let rows: Vec<RunRow> = diesel::sql_query(query).bind::<Binary, _>(after).load(connection).await?;
    let runs: Result<Vec<Run>, Error> = rows.into_iter().map(Run::try_from).collect();
    Ok(runs?)
}

/// How many runs each node executes, among the oldest that are not over.
pub(super) async fn executing(connection: &mut Connection, among: usize) -> Result<BTreeMap<NodeName, u32>, Failure> {
    let query = statements::executing(State::Running.number(), row_count(among));
    Ok(LoadRow::by_node(diesel::sql_query(query).load(connection).await?)?)
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
}

/// The runs that may be forgotten, oldest first, and whether there are more. Nothing is locked while they are looked
/// for: what is over stays over.
pub(super) async fn forgettable(
    connection: &mut Connection,
    retention: Retention,
) -> Result<(Vec<Vec<u8>>, bool), Failure> {
    let sought = row_count(retention.limit.saturating_add(1));
    let old = runs::table
        .filter(runs::id.lt(lowest_id(retention.before)))
        .filter(runs::state.ge(FIRST_TERMINAL))
        .order(runs::id)
        .limit(sought)
        .select(runs::id)
        .load::<Vec<u8>>(connection)
        .await?;
    let mut doomed: BTreeSet<Vec<u8>> = old.into_iter().collect();
    doomed.extend(surplus(connection, retention.per_job, sought).await?);
    let more = doomed.len() > retention.limit;
    Ok((doomed.into_iter().take(retention.limit).collect(), more))
}

/// The ended runs of each job beyond its newest `keep` ended ones, oldest first. The inner query counts rows in the
/// index of histories alone, so that the table is read for the few jobs that have too many.
async fn surplus(connection: &mut Connection, keep: u32, sought: i64) -> QueryResult<Vec<Vec<u8>>> {
    if keep == 0 {
        return Ok(Vec::new());
    }
    let query = format!(
        "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY job ORDER BY id DESC) AS place FROM runs \
         WHERE state >= {FIRST_TERMINAL} AND job IN (SELECT job FROM runs GROUP BY job HAVING count(*) > {keep})) \
         AS ranked WHERE place > {keep} ORDER BY id LIMIT {sought}"
    );
    let keys: Vec<Key> = diesel::sql_query(query).load(connection).await?;
    Ok(keys.into_iter().map(|key| key.id).collect())
}

/// Forgets ended runs, their marks and the idempotency keys that led to them; how many rows there were.
pub(super) async fn forget(connection: &mut Connection, doomed: &[Vec<u8>]) -> Result<usize, Failure> {
    let mut count: usize = 0;
    for ids in doomed.chunks(FORGOTTEN_AT_ONCE) {
        marks::forget(connection, ids).await?;
        let over = runs::table.filter(runs::id.eq_any(ids)).filter(runs::state.ge(FIRST_TERMINAL));
        count = count.saturating_add(diesel::delete(over).execute(connection).await?);
        diesel::delete(submissions::table.filter(submissions::run.eq_any(ids))).execute(connection).await?;
    }
    Ok(count)
}
