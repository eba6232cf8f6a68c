//! What a server says of itself.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

use super::{Connection, dialect};
use crate::store::failure::Failure;

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = BigInt)]
    now_ms: i64,
}

/// Its version, and its clock in milliseconds of Unix time.
pub(super) async fn ask(connection: &mut Connection) -> Result<(String, i64), Failure> {
    let Said { version, now_ms } = diesel::sql_query(dialect::EXAMINE).get_result(connection).await?;
    Ok((version, now_ms))
}
