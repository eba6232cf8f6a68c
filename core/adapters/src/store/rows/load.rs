//! How many runs a node executes, as a query counts them.

use std::collections::BTreeMap;

use cronbus_core::id::NodeName;
use cronbus_core::port::store::Error;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// A node and how many runs it executes.
#[derive(Debug, QueryableByName)]
pub(in crate::store) struct LoadRow {
    #[diesel(sql_type = Text)]
    node: String,
    #[diesel(sql_type = BigInt)]
    runs: i64,
}

impl LoadRow {
    /// All of them, by name.
    ///
    /// # Errors
    /// When what stands there names no node.
    pub(in crate::store) fn by_node(rows: Vec<Self>) -> Result<BTreeMap<NodeName, u32>, Error> {
        let pair = |row: Self| {
            let name = NodeName::new(&row.node);
            let name = name.map_err(|error| Error::Damaged { what: format!("runs.node: {:?}: {error}", row.node) })?;
            Ok((name, u32::try_from(row.runs).unwrap_or(u32::MAX)))
        };
        rows.into_iter().map(pair).collect()
    }
}
