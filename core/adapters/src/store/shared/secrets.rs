//! Secrets, within a transaction of the caller.
//!
//! This file is compiled once for each backend, which says how rows that may be there are added (`insert_new`).

use cronbus_core::audit::Entry;
use cronbus_core::secret::{Secret, SecretName};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Connection, audit};
use crate::store::failure::Failure;
use crate::store::rows::{NewSecret, of_alert, of_alerts};
use crate::store::schema::secrets;

pub(super) async fn put(connection: &mut Connection, secret: &Secret, record: &Entry) -> Result<bool, Failure> {
    let new = NewSecret::from(secret);
    let written = if secret.version == 1 {
        insert_new!(secrets::table, &new).execute(connection).await?
    } else {
        let before = secrets::table.find(secret.name.as_str()).filter(secrets::version.eq(secret.version - 1));
        let set = (secrets::version.eq(new.version), secrets::document.eq(&new.document));
        diesel::update(before).set(set).execute(connection).await?
    };
    if written > 0 {
        audit::keep(connection, std::slice::from_ref(record)).await?;
    }
    Ok(written > 0)
}

pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Secret>, Failure> {
    let documents = secrets::table.order(secrets::name).select(secrets::document).load(connection).await?;
    Ok(of_alerts("secrets", documents)?)
}

pub(super) async fn find(connection: &mut Connection, name: &SecretName) -> Result<Option<Secret>, Failure> {
    let row = secrets::table.find(name.as_str()).select(secrets::document);
    let document: Option<String> = row.first(connection).await.optional()?;
    Ok(document.map(|document| of_alert("secrets", &document)).transpose()?)
}

pub(super) async fn delete(connection: &mut Connection, name: &SecretName, record: &Entry) -> Result<bool, Failure> {
    let deleted = diesel::delete(secrets::table.find(name.as_str())).execute(connection).await?;
    if deleted > 0 {
        audit::keep(connection, std::slice::from_ref(record)).await?;
    }
    Ok(deleted > 0)
}
