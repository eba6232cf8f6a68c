//! The two statements on partitions that every batch makes.
//!
//! diesel prepares a statement with a list of values anew each time, for lists may differ. Those of a node's partitions
//! seldom do: these are found prepared by their text, in which the numbers stand.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer};

use super::{Backend, SHARED_LOCK};

/// The epochs in force of some partitions, held there until the transaction ends.
pub(super) struct Epochs {
    text: String,
}

impl Epochs {
    /// Of these partitions.
    pub(super) fn of(partitions: &[i32]) -> Self {
        Self {
            text: format!(
                "SELECT partition_number, epoch FROM partitions WHERE partition_number IN ({}) \
                 ORDER BY partition_number {SHARED_LOCK}",
                list(partitions)
            ),
        }
    }
}

/// Moves the watermarks of some partitions on, those that are behind.
pub(super) struct Reached {
    condition: String,
    watermark: i64,
}

impl Reached {
    /// Of these partitions, to this instant in milliseconds since 1970.
    pub(super) fn of(partitions: &[i32], watermark: i64) -> Self {
        Self { condition: format!(" WHERE partition_number IN ({}) AND watermark < ", list(partitions)), watermark }
    }
}

fn list(partitions: &[i32]) -> String {
    partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

impl Query for Epochs {
    type SqlType = (Integer, BigInt);
}

impl QueryId for Epochs {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryId for Reached {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Backend> for Epochs {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(&self.text);
        Ok(())
    }
}

impl QueryFragment<Backend> for Reached {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("UPDATE watermarks SET watermark = ");
        out.push_bind_param::<BigInt, _>(&self.watermark)?;
        out.push_sql(&self.condition);
        out.push_bind_param::<BigInt, _>(&self.watermark)
    }
}
